// Health check: exit code 0 if the given address answers 2xx within three seconds.
const answered = await fetch(process.argv[2], { signal: AbortSignal.timeout(3000) }).then(
  (response) => response.ok,
  () => false,
);
process.exit(answered ? 0 : 1);
