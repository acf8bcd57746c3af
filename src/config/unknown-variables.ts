import { closestName } from '../schemas/closest-name.ts';

// Kubernetes sets these in every pod for each Service of the namespace. A Service named "holdpoint-…" gets our prefix.
const serviceLink = /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const serviceAddress = /^(tcp|udp|sctp):\/\//;

const oftenMistaken = new Map([
  ['CHEQPOINT_API_KEY', 'CHEQPOINT_CONNECTION_KEY'],
  ['HOLDPOINT_GATEWAY_PORT', 'HOLDPOINT_GATEWAY_LISTEN'],
  ['HOLDPOINT_REVIEW_PORT', 'HOLDPOINT_REVIEW_LISTEN'],
  ['HOLDPOINT_METRICS_PORT', 'HOLDPOINT_METRICS_LISTEN'],
]);

/** One problem for each variable that looks like a setting of Holdpoint and is none, with a suggestion. */
export function unknownVariables(environment: Readonly<Record<string, string>>, known: readonly string[]): string[] {
  return Object.keys(environment).flatMap((name) => {
    if (isServiceLink(name, environment[name] ?? '')) return [];
    if (oftenMistaken.has(name)) return [`${name} is not read: use ${oftenMistaken.get(name)}.`];
    if (!name.startsWith('HOLDPOINT_') || known.includes(name)) return [];
    const suggestion = closestName(name, known);
    return [
      `${name} is unknown.${suggestion === undefined ? ' docs/configuration.md lists all variables.' : ` Did you mean ${suggestion}?`}`,
    ];
  });
}

function isServiceLink(name: string, value: string): boolean {
  return serviceLink.test(name) || (name.endsWith('_PORT') && serviceAddress.test(value));
}
