import { acting } from './acting.ts';
import { asking } from './questions.ts';
import { callers } from './callers.ts';
import { clearing } from './clearing.ts';
import { deciding } from './deciding.ts';
import { doors } from './doors.ts';
import { encrypting } from './encryption.ts';
import { feeding } from './feeding.ts';
import { inboxTokens } from './inbox-tokens.ts';
import { identityProvider } from './identity-provider.ts';
import type { Mutant } from './mutant.ts';
import { passkeyMutants } from './passkeys.ts';
import { people } from './people.ts';
import { references } from './references.ts';
import { removing } from './removals.ts';
import { rights } from './rights.ts';
import { sealing } from './sealing.ts';
import { showing } from './showing.ts';
import { signingIn } from './signing-in.ts';
import { surroundings } from './surroundings.ts';
import { texts } from './texts.ts';
import { voting } from './voting.ts';
import { waiting } from './waiting.ts';

/** Protections of one kind, under their heading in docs/security.md. */
export type Area = { title: string; mutants: readonly Mutant[] };

export const areas: readonly Area[] = [
  { title: 'Seals', mutants: sealing },
  { title: 'References and write access to Temporal', mutants: references },
  { title: 'Previews', mutants: showing },
  { title: 'Decisions', mutants: deciding },
  { title: 'Questions of reviewers', mutants: asking },
  { title: 'Groups and votes', mutants: [...voting, ...rights] },
  { title: 'Decision feed', mutants: feeding },
  { title: 'Clearance of a call', mutants: clearing },
  { title: 'Effects and brakes', mutants: acting },
  { title: 'HTTP', mutants: doors },
  { title: 'Callers and API keys', mutants: callers },
  { title: 'Runs in the inbox', mutants: inboxTokens },
  { title: 'Encryption of what Temporal stores', mutants: encrypting },
  { title: 'Limits, settings and files', mutants: surroundings },
  { title: 'Sign-in', mutants: signingIn },
  { title: 'Sign-in with the identity provider', mutants: identityProvider },
  { title: 'Passkeys', mutants: passkeyMutants },
  { title: 'Roles and the audit', mutants: people },
  { title: 'Retention and erasure', mutants: removing },
  { title: 'Texts, numbers and secrets', mutants: texts },
  { title: 'Waits', mutants: waiting },
];

/** Every protection that `npm run test:mutants` takes out. */
export const mutants: readonly Mutant[] = areas.flatMap((area) => area.mutants);
