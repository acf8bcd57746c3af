import type { Mutant } from './mutant.ts';

const app = 'packages/review-server/src/app.ts';
const token = 'src/signing/callback-token.ts';
const callbackRoute = 'test/gateway/callback-route.test.ts';
const webhooks = 'test/gateway/openai-webhook.test.ts';
const wire = 'packages/review-server/test/wire-contract.test.ts';
const signIn = 'packages/review-server/test/sign-in.test.ts';
const showing = 'packages/review-server/test/inbox/showing.test.ts';

/** HTTP: who may come in, and where the servers connect to. */
export const doors: readonly Mutant[] = [
  {
    name: 'API key of the gateway',
    promise: 'Runs are started and seen with an API key only.',
    mechanism: 'Every route under /v1 compares the key with the configured ones',
    changes: [
      { file: 'src/gateway/known-callers.ts', find: 'if (matches > 0) return', replace: 'if (matches >= 0) return' },
    ],
    test: { file: 'test/gateway/run-routes.test.ts', name: 'a wrong key' },
  },
  {
    name: 'token of a callback address',
    promise: 'Only a callback address that a worker made gives a hint.',
    mechanism: 'HMAC in the address',
    changes: [
      {
        file: token,
        find: 'if (valid.length === 0) return undefined;',
        replace: 'if (valid.length < 0) return undefined;',
      },
    ],
    test: { file: callbackRoute, name: 'a token made with another secret' },
  },
  {
    name: 'namespace of a callback address',
    promise: 'A callback address of one Temporal namespace is of no use in another.',
    mechanism: 'The HMAC covers the namespace',
    changes: [
      {
        file: token,
        find: "JSON.stringify(['holdpoint-callback-1', namespace, claim])",
        replace: "JSON.stringify(['holdpoint-callback-1', claim])",
      },
    ],
    test: { file: callbackRoute, name: 'a token of another namespace' },
  },
  {
    name: 'spelling of a callback address',
    promise: 'A callback address has one spelling.',
    mechanism: 'The HMAC must be written as the worker wrote it',
    changes: [{ file: token, find: "if (found.toString('base64url') !== given) return undefined;", replace: '' }],
    test: { file: callbackRoute, name: 'a mac with an odd letter' },
  },
  {
    name: 'signature of OpenAI’s webhooks',
    promise: 'Only OpenAI’s webhooks wake a turn.',
    mechanism: 'Standard Webhooks signature over id, time and the raw body',
    changes: [
      {
        file: 'src/adapters/openai/open-webhook.ts',
        find: '(await webhooks.unwrap(',
        replace: '(await (async (text: string, _headers: Headers) => JSON.parse(text) as typeof webhooks)(',
      },
    ],
    test: { file: webhooks, name: 'the signature of another body' },
  },
  {
    name: 'age of OpenAI’s webhooks',
    promise: 'A recorded webhook can’t be sent again later.',
    mechanism: 'The signed time must be within five minutes',
    changes: [
      {
        file: 'src/adapters/openai/open-webhook.ts',
        find: '        headers,\n      ))',
        replace: '        headers,\n        secret,\n        1e9,\n      ))',
      },
    ],
    test: { file: webhooks, name: 'a time of more than five minutes ago' },
  },
  {
    name: 'Connection Key of an approval',
    promise: 'A Connection Key reads its assistant’s approvals only.',
    mechanism: 'The assistant of the key is part of the query',
    changes: [
      {
        file: 'packages/review-server/src/store/find-approval.ts',
        find: '.$if(assistantId !== undefined, (query)',
        replace: ".$if(assistantId === '', (query)",
      },
    ],
    test: { file: wire, suite: 'on SQLite', name: 'approval → visible to all keys of its assistant, to no others' },
  },
  {
    name: 'Connection Key of a withdrawal',
    promise: 'A Connection Key withdraws its assistant’s approvals only.',
    mechanism: 'The assistant of the key is compared in the transaction',
    changes: [
      {
        file: 'packages/review-server/src/store/decisions.ts',
        find: 'if (current === undefined || current.assistant_id !== assistant.id) return undefined;',
        replace: 'if (current === undefined) return undefined;',
      },
    ],
    test: {
      file: 'packages/review-server/test/decisions.test.ts',
      suite: 'on SQLite',
      name: 'withdrawal → nothing about other assistants',
    },
  },
  {
    name: 'end of a Connection Key',
    promise: 'A revoked Connection Key ends at once.',
    mechanism: 'Each call looks at the end of its key',
    changes: [
      {
        file: 'packages/review-server/src/store/connection-keys.ts',
        find: 'if (endedAt !== undefined) return',
        replace: "if (endedAt === '') return",
      },
    ],
    test: {
      file: 'packages/review-server/test/administration.test.ts',
      suite: 'on SQLite',
      name: 'revoked twice → ends at once',
    },
  },
  {
    name: 'idempotency key of a run',
    promise: 'One key starts one run; another request under it is refused.',
    mechanism: 'A digest of the request is stored with the run',
    changes: [
      {
        file: 'src/gateway/run-identity.ts',
        find: '    input,\n    context: context ?? null,\n',
        replace: '    context: context ?? null,\n',
      },
    ],
    test: { file: 'test/gateway/idempotency-key.test.ts', name: 'same key, other body → 422' },
  },
  {
    name: 'idempotency key of a request',
    promise: 'An idempotency key stands for one request to the reviewers.',
    mechanism: 'A digest of the body is stored and compared',
    changes: [
      {
        file: 'packages/review-server/src/store/create-approval.ts',
        find: "if (stored.approval.request_digest !== digest) return { outcome: 'conflict' };",
        replace: "if (digest === '') return { outcome: 'conflict' };",
      },
    ],
    test: { file: wire, suite: 'on SQLite', name: 'another body → 409' },
  },
  {
    name: 'size of a body at the gateway',
    promise: 'A large body does not fill the gateway’s memory.',
    mechanism: 'A body limit before any route',
    changes: [
      {
        file: 'src/gateway/app.ts',
        find: '      maxSize: largestBodyBytes,\n',
        replace: '      maxSize: largestBodyBytes * 100,\n',
      },
    ],
    test: { file: 'test/gateway/run-routes.test.ts', name: 'a body above 1 MB' },
  },
  {
    name: 'size of a body at the review server',
    promise: 'A large body does not fill the review server’s memory.',
    mechanism: 'A body limit before any route',
    changes: [
      {
        file: 'packages/review-server/src/api/cheqpoint-routes.ts',
        find: '      maxSize: largestBodyBytes,\n',
        replace: '      maxSize: largestBodyBytes * 100,\n',
      },
    ],
    test: { file: wire, suite: 'on SQLite', name: 'body above 1 MB → refused' },
  },
  {
    name: 'size of a webhook',
    promise: 'A large webhook does not fill the gateway’s memory.',
    mechanism: 'The body is read up to its limit, before its signature is checked',
    changes: [
      {
        file: 'src/gateway/read-at-most.ts',
        find: 'if (read > bytes) return undefined;',
        replace: 'if (read < 0) return undefined;',
      },
    ],
    test: { file: webhooks, name: 'signed body above 1 MB: 413' },
  },
  {
    name: 'errors of the gateway',
    promise: 'An unexpected error shows no internals to callers.',
    mechanism: 'The answer has a fixed sentence; the log has the error',
    changes: [
      {
        file: 'src/gateway/rest-failure.ts',
        find: "return new RestFailure('internal-error', 'Unexpected error. The log of the gateway has it.');",
        replace: "return new RestFailure('internal-error', String(error));",
      },
    ],
    test: { file: 'test/gateway/run-routes.test.ts', name: 'unexpected error: 500 without internals' },
  },
  {
    name: 'cross-site requests',
    promise: 'Other sites can’t act in a reviewer’s browser (CSRF).',
    mechanism: 'Requests that change something must come from a page of the server',
    changes: [
      {
        file: 'packages/review-server/src/api/own-pages-only.ts',
        find: '|| isOwn(c, publicOrigin())) return next();',
        replace: "|| isOwn(c, publicOrigin()) || c.req.method !== '') return next();",
      },
    ],
    test: { file: signIn, suite: 'on SQLite', name: 'decides → refused' },
  },
  {
    name: 'scripts of the inbox',
    promise: 'The inbox runs scripts of its own server only.',
    mechanism: 'Content Security Policy',
    changes: [{ file: app, find: `scriptSrc: ["'self'"],`, replace: `scriptSrc: ["'self'", "'unsafe-inline'"],` }],
    test: { file: showing, name: 'Content Security Policy → only the own origin' },
  },
  {
    name: 'frames around the inbox',
    promise: 'No other site can show the inbox in a frame.',
    mechanism: 'Content Security Policy: frame-ancestors',
    changes: [{ file: app, find: `frameAncestors: ["'none'"],`, replace: `frameAncestors: ["'self'"],` }],
    test: { file: showing, name: 'Content Security Policy → only the own origin' },
  },
  {
    name: 'addresses of callbacks',
    promise: 'A request can’t make the review server call inner systems (SSRF).',
    mechanism: 'Only addresses in a public unicast range are called',
    changes: [
      {
        file: 'packages/review-server/src/ip-address.ts',
        find: "if (parsed.range() !== 'unicast') return false;",
        replace: "if (parsed.range() === 'loopback') return false;",
      },
    ],
    test: { file: 'packages/review-server/test/ip-address.test.ts', name: '→ not public' },
  },
  {
    name: 'names of callbacks',
    promise: 'A name that resolves to an inner address is not called (DNS rebinding).',
    mechanism: 'The address is checked in the lookup that the connection uses',
    changes: [
      {
        file: 'packages/review-server/src/delivery/post-callback.ts',
        find: "...(hosts === 'public' ? { lookup: createPublicLookup(resolve) } : {}),",
        replace: '',
      },
    ],
    test: {
      file: 'packages/review-server/test/callback-targets.test.ts',
      name: 'name of a private address → no connection',
    },
  },
  {
    name: 'listed hosts of callbacks',
    promise: 'With a list of hosts, callbacks go nowhere else.',
    mechanism: 'Host and port are compared when the request is made',
    changes: [
      {
        file: 'packages/review-server/src/delivery/callback-hosts.ts',
        find: 'return hosts.includes(url.host) || hosts.includes(url.hostname)',
        replace: "return hosts.includes(url.host) || url.hostname !== ''",
      },
    ],
    test: { file: 'packages/review-server/test/callback-targets.test.ts', name: 'a host that is not on the list' },
  },
  {
    name: 'redirects of the review service',
    promise: 'A redirect does not take the Connection Key to another address.',
    mechanism: 'Redirects are not followed',
    changes: [
      { file: 'packages/cheqpoint/src/http/exchange.ts', find: "redirect: 'manual',", replace: "redirect: 'follow'," },
    ],
    test: {
      file: 'packages/cheqpoint/test/cheqpoint-failures.test.ts',
      name: 'redirect to another host: the key is not sent there',
    },
  },
  {
    name: 'redirects of the gateway',
    promise: 'A redirect does not take the API key to another address.',
    mechanism: 'The client does not follow redirects',
    changes: [
      { file: 'packages/client/src/gateway-connection.ts', find: "redirect: 'error',", replace: "redirect: 'follow'," },
    ],
    test: { file: 'packages/client/test/client.test.ts', name: 'redirect: not followed, the key stays at its address' },
  },
  {
    name: 'answer to a refused body',
    promise: 'A client whose body was refused reads the reason.',
    mechanism: 'The rest of the body is received before the answer is sent, and the connection ends',
    changes: [
      {
        file: 'packages/process/src/answer-after-body.ts',
        find: '  await restOf(incoming);\n',
        replace: '',
      },
    ],
    test: {
      file: 'packages/process/test/serve-http.test.ts',
      name: 'serveHttp: body that stops half way → the answer comes after a second',
    },
  },
  {
    name: 'answer to a callback',
    promise: 'A callback counts as delivered only if our gateway took it.',
    mechanism: 'At the address of a gateway, the answer must be that of a gateway',
    changes: [
      {
        file: 'packages/review-server/src/delivery/answer-problem.ts',
        find: '|| isGatewayAnswer(body)) return null;',
        replace: '|| isGatewayAnswer(body) || body !== undefined) return null;',
      },
    ],
    test: {
      file: 'packages/review-server/test/delivery.test.ts',
      name: 'address of a Holdpoint gateway, 2xx of another server → retried until the gateway answers',
    },
  },
];
