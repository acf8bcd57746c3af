import { randomBytes } from 'node:crypto';

/** A new id as the Assistants API writes them: 24 letters and digits behind the kind. */
export function newAssistantsId(prefix: 'asst' | 'thread' | 'msg' | 'run' | 'step'): string {
  return `${prefix}_${randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')}`;
}
