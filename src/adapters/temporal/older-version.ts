/** True if a version such as `1.31.2` is older than `oldest`. False for a version of another form. */
export function isOlder(version: string, oldest: { major: number; minor: number }): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return (
    major !== undefined &&
    (Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor))
  );
}
