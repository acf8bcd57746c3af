import { html } from 'hono/html';
import type { Decide, ReviewerApproval } from '../../schemas/reviewer-api.ts';
import { asksForOutcome, withoutReserved } from '../store/approval.ts';
import { parseExactJson } from '../exact-json.ts';
import type { Html } from './layout.ts';
import { editableJson } from './literal-text.ts';

/** What a reviewer typed, to be shown again when it could not be used. */
export interface TypedDecision {
  answer: string;
  note: string;
  edited: string;
}

/** The forms that decide: three answers for an unknown outcome, else approve, approve with edits, reject. */
export function decisionForms(approval: Pick<ReviewerApproval, 'id' | 'details'>, typed: TypedDecision = { answer: '', note: '', edited: '' }): Html {
  const note = html`<label for="note">Note${asksForOutcome(approval.details) ? '' : ' (the assistant may read it)'}</label><textarea id="note" name="note" rows="2" maxlength="10000">
${typed.note}</textarea>`;
  const action = `/approvals/${approval.id}/decide`;
  if (asksForOutcome(approval.details)) {
    return html`<h2>Your answer</h2><form method="post" action="${action}">${note}
<button class="go" name="answer" value="happened">It happened</button><button name="answer" value="not-happened">It did not happen</button><button class="stop" name="answer" value="give-up">Give up</button>
<p class="dim">“It did not happen” carries it out once more. “Give up” leaves it unknown and tells the assistant not to repeat it.</p></form>`;
  }
  const edited = typed.edited === '' ? editableJson(withoutReserved(approval.details)) : typed.edited;
  return html`<h2>Your decision</h2><form method="post" action="${action}">${note}
<button class="go" name="answer" value="approve">Approve</button><button class="stop" name="answer" value="reject">Reject</button>
<details${typed.answer === 'approve-with-edits' ? html` open` : ''}><summary>Change it first</summary>
<label for="edited">What shall be done instead, as the whole JSON object</label>
<textarea id="edited" name="edited" rows="${Math.min(30, edited.split('\n').length + 1)}" spellcheck="false" dir="ltr">
${edited}</textarea>
<button class="go" name="answer" value="approve-with-edits">Approve with these edits</button></details></form>`;
}

/** Reads a form; a text says what is wrong with it. */
export function readDecision(approval: Pick<ReviewerApproval, 'id' | 'details'>, { answer, note, edited }: TypedDecision): Decide | string {
  switch (answer) {
    case 'approve':
      // The text to edit is sent along; approving the original then is hardly what its editor means.
      if (edited !== '' && edited !== editableJson(withoutReserved(approval.details))) return 'You changed the arguments. Press “Approve with these edits”, or undo the changes.';
      return { decision: 'approve', note };
    case 'happened':
      return { decision: 'approve', note };
    case 'reject':
    case 'give-up':
      return { decision: 'reject', note };
    case 'not-happened':
      return { decision: 'approve', note, modifiedDetails: { ...approval.details, outcome: 'not_happened' } };
    case 'approve-with-edits':
      return readEdit(edited, note);
    default:
      return 'Choose one of the buttons.';
  }
}

function readEdit(edited: string, note: string): Decide | string {
  try {
    const modifiedDetails = parseExactJson(edited);
    if (typeof modifiedDetails !== 'object' || modifiedDetails === null || Array.isArray(modifiedDetails)) return 'The edited text must be a JSON object: { … }.';
    return { decision: 'approve', note, modifiedDetails: modifiedDetails as { [key: string]: unknown } };
  } catch (error) {
    return `The edited text is not valid JSON: ${error instanceof Error ? error.message : 'unknown reason'}`;
  }
}
