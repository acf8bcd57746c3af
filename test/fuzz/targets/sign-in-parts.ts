import fc from 'fast-check';
import { isJsonObject, type Json } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { assertionSchema } from '../../../packages/review-server/src/contract/passkeys.ts';
import { namesOf, readGroups, rolesOf } from '../../../packages/review-server/src/oidc/read-claims.ts';
import { createSeal } from '../../../packages/review-server/src/oidc/sealed.ts';
import { readClientData } from '../../../packages/review-server/src/store/check-assertion.ts';
import { json, jsonObject, jsonText, mutated, spoiled, text } from '../arbitraries.ts';
import { wholeCharacters } from '../schemas.ts';
import { must, target } from '../target.ts';

const now = new Date('2030-01-01T00:00:00.000Z');
const base64url = (given: string) => Buffer.from(given).toString('base64url');

/** Client data as a browser sends it, and changed. */
const clientData = fc.oneof(
  mutated(
    fc
      .record({ challenge: text, crossOrigin: fc.boolean() })
      .map((data) => ({ type: 'webauthn.get', origin: 'https://a.example', ...data })),
  ).map((data) => base64url(JSON.stringify(data))),
  jsonText(json).map(base64url),
  text,
);

export const signInPartTargets = [
  target('passkeys: assertions and client data', 10, () => ({
    input: fc.record({
      data: clientData,
      body: mutated(
        fc.record({
          id: fc.constantFrom('a', 'b'),
          rawId: fc.constant('a'),
          type: fc.constant('public-key'),
          response: fc.record({
            clientDataJSON: clientData,
            authenticatorData: text.map(base64url),
            signature: text.map(base64url),
            userHandle: fc.constantFrom('a', null),
          }),
        }),
      ),
    }),
    run: ({ data, body }) => {
      const read = readClientData(data);
      must(read === undefined || typeof read.challenge === 'string', 'Client data without a challenge was read.');
      const { data: assertion } = assertionSchema.safeParse(body);
      if (assertion !== undefined) readClientData(assertion.response.clientDataJSON);
    },
  })),
  target('sealed texts of a sign-in', 10, () => {
    const seal = createSeal('a secret of thirty-two characters!', () => now);
    const later = new Date(now.getTime() + 1);
    return {
      input: json.map(wholeCharacters).chain((value) =>
        fc.record({
          value: fc.constant(value),
          // The same bytes may have several texts in base64url, so a change is compared by its bytes.
          changed: spoiled(fc.constant(seal.close('sign-in', value, later))),
        }),
      ),
      run: ({ value, changed }) => {
        const closed = seal.close('sign-in', value, later);
        must(sameJson(seal.open('sign-in', closed) as Json, value), 'The seal does not open to the sealed value.');
        must(seal.open('id-token', closed) === undefined, 'A seal was opened for another use.');
        must(seal.open('sign-in', seal.close('sign-in', value, now)) === undefined, 'A seal was opened after its end.');
        const forged = seal.open('sign-in', changed);
        must(forged === undefined || sameJson(forged as Json, value), 'A changed seal opened to another value.');
      },
    };
  }),
  target("claims of the identity provider's person", 10, () => ({
    input: fc.record({
      claim: fc.oneof(fc.constantFrom('groups', 'realm_access.roles', '__proto__', 'a..b', ''), text),
      claims: mutated(
        fc.record({
          groups: fc.oneof(fc.array(text), text, json),
          realm_access: fc.oneof(fc.record({ roles: fc.array(text) }), json),
          _claim_names: jsonObject,
          email: text,
          name: json,
        }),
      ).filter(isJsonObject),
    }),
    run: ({ claim, claims }) => {
      const groups = readGroups(claim, claims);
      const known = groups.known ?? [];
      must(
        known.every((group) => typeof group === 'string'),
        'A group is no text.',
      );
      const roles = rolesOf(groups, [{ group: 'the reviewers', role: 'reviewer' }]);
      must(roles.length === 0 || known.includes('the reviewers'), 'An unknown group gave a role.');
      must(
        namesOf(claims).every((name) => typeof name === 'string'),
        'A name is no text.',
      );
    },
  })),
];
