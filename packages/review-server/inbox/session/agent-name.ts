const browsers: readonly [mark: RegExp, name: string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: readonly [mark: RegExp, name: string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];
const shownCharacters = 60;

/** A readable name of a user agent: "Firefox on Windows", or the beginning of the raw text. */
export function agentName(agent: string | null): string {
  if (agent === null || agent === '') return 'Unknown client';
  const named = (names: typeof browsers) => names.find(([mark]) => mark.test(agent))?.[1];
  const [browser, system] = [named(browsers), named(systems)];
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  return agent.length > shownCharacters ? `${agent.slice(0, shownCharacters)}…` : agent;
}
