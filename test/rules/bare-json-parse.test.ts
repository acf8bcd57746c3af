import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/**
 * Files with a bare `JSON.parse`, each with the reason. Text from outside that holds arguments goes through
 * `parseJson`.
 */
const allowed: Readonly<Record<string, string>> = {
  'packages/cheqpoint/src/client/check-input.ts': 'a value that JSON.stringify wrote; jsonProblem checks it afterwards',
  'packages/client/src/gateway-connection.ts': "the gateway's answer, which is shown",
  'packages/create-holdpoint/src/create-project.ts': "a package.json of the user's own folder",
  'packages/create-holdpoint/src/examples.ts': 'a file of this repository',
  'packages/json/src/duplicate-name.ts': 'the names of an object, as part of parseJson',
  'packages/json/src/parse-json.ts': 'parseJson',
  'packages/openai-stand-in/src/json-value.ts': 'a stand-in for tests and trials',
  'packages/openai-stand-in/src/parse-body.ts': 'a stand-in for tests and trials',
  'packages/openai-stand-in/src/request-log.ts': 'a stand-in for tests and trials',
  'packages/review-server/inbox/api/live.ts': "ids and counts of the page's own server",
  'packages/review-server/inbox/approval/details.ts': 'a value that JSON.stringify wrote',
  'packages/review-server/scripts/list-script.ts': 'the manifest that the build of the inbox wrote',
  'packages/review-server/src/contract/typed-condition.ts': "a rule's condition; it checks numbers with decimalOf",
  'packages/review-server/src/delivery/answer-problem.ts': "a gateway's answer, of which only the result is compared",
  'packages/review-server/src/oidc/sealed.ts': 'a state that its seal covers',
  'packages/review-server/src/store/approval-history.ts': "previews in the server's own database",
  'packages/review-server/src/store/approval.ts': "a conversation in the server's own database",
  'packages/review-server/src/store/audit-coverage.ts': "facts in the server's own database",
  'packages/review-server/src/store/audit-trail.ts': "facts in the server's own database",
  'packages/review-server/src/store/check-assertion.ts': "a passkey's client data, of which the challenge is compared",
  'packages/review-server/src/store/close-approval.ts': "addresses in the server's own database",
  'packages/review-server/src/store/execute-times.ts': "facts in the server's own database",
  'packages/review-server/src/store/hold-timeline.ts': "facts in the server's own database",
  'packages/review-server/src/store/migrations/list-ranks.ts': "details in the server's own database",
  'packages/review-server/src/store/passkeys.ts': "transports in the server's own database",
  'packages/review-server/src/store/questions.ts': "addresses in the server's own database",
  'packages/review-server/src/store/read-times.ts': "facts in the server's own database",
  'packages/review-server/src/store/rule-match.ts': 'a value that JSON.stringify wrote',
  'packages/review-server/src/store/rules.ts': "conditions in the server's own database",
  'packages/review-server/src/store/timeline.ts': "facts in the server's own database",
  'packages/review-server/src/store/times.ts': "times in the server's own database",
  'packages/review-server/src/store/try-rule.ts': "metadata in the server's own database",
  'packages/review-server/src/store/user-settings.ts': "settings in the server's own database",
  'packages/review-server/src/store/users.ts': "roles in the server's own database",
  'src/activities/arguments.ts': 'a value that JSON.stringify wrote; jsonProblem checks it in the next round',
  'src/activities/payloads.ts': "a value in Holdpoint's own database",
  'src/activities/review-policy.ts': 'a value that JSON.stringify wrote',
  'src/activities/run-tool.ts': "a tool's output after JSON.stringify",
  'src/activities/take-turn.ts': 'a tool output that Holdpoint wrote as JSON',
  'src/adapters/database/api-keys.ts': "a row of Holdpoint's own database",
  'src/adapters/database/approval-requests.ts': "a row of Holdpoint's own database",
  'src/adapters/database/assistant-registry.ts': "a row of Holdpoint's own database",
  'src/adapters/database/effect-ledger.ts': "a row of Holdpoint's own database",
  'src/adapters/database/recorded-runs.ts': "a row of Holdpoint's own database",
  'src/adapters/database/transcripts.ts': "a row of Holdpoint's own database",
  'src/adapters/openai/assistants/call-digest.ts': 'only for a digest that tells two calls apart',
  'src/adapters/openai/probe-model.ts': 'the probe of a model server, whose tool is not run',
  'src/adapters/openai/readable-errors.ts': 'an error of a model server, for a message',
  'src/adapters/openai/responses/replay-items.ts': 'the saved text of a call, which is sent back to the model only',
  'src/adapters/temporal/payload-codec.ts': 'the metadata of a payload, after its authentication tag was checked',
  'src/adapters/temporal/list-recorded.ts': 'a page token that its signature covers',
  'src/adapters/temporal/recorded-run.ts':
    "a value in Holdpoint's own database, and the arguments of a call, for people",
  'src/adapters/temporal/run-view.ts': "a value in Holdpoint's own database",
  'src/adapters/temporal/tolerant-client.ts': 'a payload of Temporal, of which only the readability is tested',
  'src/assistant/check-shows.ts': 'a value that JSON.stringify wrote',
  'src/assistant/from-agents-tool.ts': 'a value that JSON.stringify wrote',
  'src/assistant/zod-json-schema.ts': 'a value that JSON.stringify wrote',
  'src/cli.ts': 'its own package.json',
  'src/cli/audit.ts': 'rows of an audit file; their hash covers them',
  'src/embedded/dev-keys.ts': "a file of Holdpoint's own",
  'src/embedded/log-entry-lines.ts': "lines of Holdpoint's own log",
  'src/embedded/node-process.ts': "the first line of a process of Holdpoint's own",
  'src/embedded/running-stack.ts': "a file of Holdpoint's own",
  'src/gateway/callback-routes.ts': 'ids in a callback, which is a hint: the decision is read',
  'src/signing/callback-token.ts': 'a claim after its signature was checked',
  'src/signing/codec-session.ts': 'a session, after its authentication tag was checked',
  'src/signing/inbox-token.ts': 'a token that its signature covers',
  'src/signing/envelope.ts': 'a sealed decision, which its MAC covers',
  'src/testing/replay.ts': 'a history of Temporal',
  'src/testing/test-tool.ts': 'a value that JSON.stringify wrote',
  'src/worker/temporal-packages.ts': 'package.json files of installed packages',
};

it('bare JSON.parse → only in the listed files, each for its reason', () => {
  const files = execFileSync('git', ['ls-files', 'src', 'packages'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !/\/test\//.test(file));
  const found = files.filter((file) => /\bJSON\.parse\(/.test(readFileSync(file, 'utf8')));
  expect(found.toSorted()).toEqual(Object.keys(allowed).toSorted());
});
