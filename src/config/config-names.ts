import leven from 'leven';

// Kubernetes tells a pod about every Service of its namespace; a Service called "holdpoint-…" makes these.
const serviceLink = /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const serviceAddress = /^(tcp|udp|sctp):\/\//;

const wrong: Readonly<Record<string, string>> = {
  CHEQPOINT_API_KEY: 'CHEQPOINT_CONNECTION_KEY',
  HOLDPOINT_GATEWAY_PORT: 'HOLDPOINT_GATEWAY_LISTEN',
  HOLDPOINT_REVIEW_PORT: 'HOLDPOINT_REVIEW_LISTEN',
  HOLDPOINT_METRICS_PORT: 'HOLDPOINT_METRICS_LISTEN',
};

/** One sentence for each variable that looks like one of ours and is not; empty when there is none. */
export function misspelled(environment: Readonly<Record<string, string>>, known: readonly string[]): string[] {
  return Object.keys(environment).flatMap((name) => {
    if (isServiceLink(name, environment[name] ?? '')) return [];
    if (wrong[name] !== undefined) return [`${name} is not read: use ${wrong[name]}.`];
    if (!name.startsWith('HOLDPOINT_') || known.includes(name)) return [];
    const suggestion = nearest(name, known);
    return [
      `${name} is unknown.${suggestion === undefined ? ' .env.example lists the variables there are.' : ` Did you mean ${suggestion}?`}`,
    ];
  });
}

/** The candidate that a slip of the fingers turns into `word`; undefined when none is near. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: leven(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 4)) ? best.candidate : undefined;
}

function isServiceLink(name: string, value: string): boolean {
  return serviceLink.test(name) || (name.endsWith('_PORT') && serviceAddress.test(value));
}
