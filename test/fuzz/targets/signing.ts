import fc from 'fast-check';
import { isJsonObject, jsonProblem, type Json, type JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { callKey, parseCallKey } from '../../../src/domain/call-key.ts';
import { RunsFailure } from '../../../src/domain/runs-failure.ts';
import { createPageTokens } from '../../../src/adapters/temporal/page-token.ts';
import { visibilityQuery } from '../../../src/adapters/temporal/visibility.ts';
import { createInboxTokens } from '../../../src/signing/inbox-token.ts';
import { createCallbackTokens } from '../../../src/signing/callback-token.ts';
import { type Envelope, Envelopes, sealedDeadline } from '../../../src/signing/envelope.ts';
import { makeSignInToken, signInTokenExpiry } from '../../../packages/review-server/src/contract/sign-in-token.ts';
import { json, jsonObject, jsonCopy, mutated, spoiled, text } from '../arbitraries.ts';
import { wholeCharacters } from '../schemas.ts';
import { must, orRefused, target } from '../target.ts';

const secrets = ['a secret of thirty-two characters!', 'an older one of thirty-two letters'];
const envelope = (context: Json): Envelope => ({
  version: 2,
  callKey: 'first/1/0/call_1',
  run: 'run-1',
  assistant: 'comms',
  tool: 'pay',
  definition: 'd',
  toolVersion: null,
  runContext: 'c',
  kind: 'call',
  number: 1,
  risk: 'high',
  deadline: null,
  context,
  because: null,
  justificationFrom: null,
});

export const signingTargets = [
  target('seal of a request', 40, () => {
    const envelopes = new Envelopes(secrets);
    const isObject = (value: Json): value is JsonObject => isJsonObject(value);
    return {
      input: fc
        .record({ args: jsonObject, context: json })
        .map(({ args, context }) => ({ args: wholeCharacters(args), context: wholeCharacters(context) }))
        .filter(({ args, context }) => !jsonProblem(args) && !jsonProblem(context))
        .chain(({ args, context }) =>
          fc.record({
            args: fc.constant(args),
            context: fc.constant(context),
            changed: mutated(fc.constant(envelopes.seal(envelope(context), args) as Json)).filter(isObject),
          }),
        ),
      run: ({ args, context, changed }) => {
        const sealed = envelopes.seal(envelope(context), args);
        const { holdpoint: _, ...own } = args;
        const opened = envelopes.open(jsonCopy(sealed));
        const isReserved = Object.hasOwn(args, 'holdpoint');
        if (!isReserved) {
          must(opened !== undefined && sameJson(opened.args, own), 'The seal does not open to the sealed arguments.');
          must(sameJson(opened.envelope.context, context), 'The seal does not open to the sealed context.');
        }
        if (jsonProblem(changed) !== undefined) return;
        const forged = envelopes.open(jsonCopy(changed));
        if (!isReserved && forged !== undefined)
          must(sameJson(changed, sealed), 'The seal opens to other values than were sealed.');
        sealedDeadline(changed);
      },
    };
  }),
  target('seals of notes and decisions', 30, () => {
    const envelopes = new Envelopes(secrets);
    return {
      input: fc.record({
        value: json,
        written: fc.oneof(
          text,
          spoiled(
            fc.constant(
              envelopes.sealDecision({ callKey: 'first/1/0/a', decision: { outcome: 'expired', decidedAt: null } }),
            ),
          ),
        ),
        seal: fc.oneof(json as fc.Arbitrary<unknown>, text),
      }),
      run: ({ value, written, seal }) => {
        envelopes.openDecision(written, 'first');
        if (jsonProblem(value) !== undefined) return;
        const note = { purpose: 'reason', owner: 'a', value } as const;
        must(envelopes.isSealedNote(note, envelopes.sealNote(note)), 'A seal does not fit its note.');
        must(!envelopes.isSealedNote(note, seal), 'A foreign seal fits.');
        must(!envelopes.isSealedNote({ ...note, owner: 'b' }, envelopes.sealNote(note)), 'A seal fits another owner.');
      },
    };
  }),
  target('callback tokens', 40, () => {
    const tokens = createCallbackTokens({ namespace: 'default', secrets });
    const claim = fc.record({ workflowId: text, callKey: text, request: fc.nat() });
    return {
      input: fc.record({ claim, odd: fc.oneof(text, spoiled(claim.map((each) => tokens.make(each)))) }),
      run: ({ claim: own, odd }) => {
        const token = tokens.make(own);
        const opened = tokens.verify(token);
        must(opened !== undefined && opened.request === own.request, 'A token is refused.');
        must(opened.workflowId === own.workflowId && opened.callKey === own.callKey, 'A token names another call.');
        const other = tokens.verify(odd);
        if (other !== undefined) must(tokens.make(other) === odd, 'A changed token is accepted.');
      },
    };
  }),
  target('inbox tokens', 40, () => {
    const tokens = createInboxTokens(secrets);
    const said = fc.record({ caller: text, person: text, mayRetry: fc.boolean(), expiresAt: fc.nat() });
    return {
      input: fc.record({ said, odd: fc.oneof(text, spoiled(said.map((each) => tokens.make(each)))), now: fc.nat() }),
      run: ({ said: own, odd, now }) => {
        const token = tokens.make(own);
        must((tokens.verify(token, now) !== undefined) === own.expiresAt > now, 'The time of a token does not count.');
        const other = tokens.verify(odd, -1);
        if (other !== undefined) must(tokens.make(other) === odd, 'A changed token is accepted.');
      },
    };
  }),
  target('page tokens and list queries', 40, () => {
    const tokens = createPageTokens(secrets);
    return {
      input: fc.record({ bytes: fc.uint8Array({ maxLength: 30 }), query: text, odd: text, cut: fc.nat(60) }),
      run: ({ bytes, query, odd, cut }) => {
        const filter = orRefused(
          () => visibilityQuery({ assistant: query, approvalId: odd, state: 'waiting' }),
          RunsFailure,
        );
        must(
          /['"`\\]/.test(query + odd) ? filter === undefined : filter?.split("'").length === 9,
          'A text changes the parts of a filter.',
        );
        const token = tokens.write(bytes, query);
        if (token === null) return;
        must(Buffer.from(tokens.read(token, query)).equals(Buffer.from(bytes)), 'A page token changes.');
        for (const foreign of [odd, token.slice(0, cut % token.length)])
          must(
            orRefused(() => tokens.read(foreign, query), RunsFailure) === undefined,
            'A foreign page token is accepted.',
          );
      },
    };
  }),
  target('call keys', 60, () => ({
    input: fc.record({
      callId: text,
      odd: fc.oneof(text, spoiled(fc.constant('first/1/0/call_1'))),
      turn: fc.nat(),
      position: fc.nat(),
    }),
    run: ({ callId, odd, turn, position }) => {
      parseCallKey(odd);
      if (!callId.isWellFormed()) return;
      const parts = { firstRunId: 'first', turn, position, callId };
      must(JSON.stringify(parseCallKey(callKey(parts))) === JSON.stringify(parts), 'A call key reads as another call.');
    },
  })),
  target('sign-in tokens', 40, () => ({
    input: fc.record({ odd: text, secret: text }),
    run: ({ odd, secret }) => {
      must(signInTokenExpiry(secret, odd) === undefined, 'A foreign token signs in.');
      must((signInTokenExpiry(secret, makeSignInToken(secret, 1e12)) ?? 0) > 1e12, 'A token of our own is refused.');
    },
  })),
];
