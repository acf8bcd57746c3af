import { randomBytes } from 'node:crypto';

/** A new id in the form of the Assistants API: the kind, then 24 letters and digits. */
export function newAssistantsId(prefix: 'asst' | 'thread' | 'msg' | 'run' | 'step'): string {
  return `${prefix}_${randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')}`;
}
