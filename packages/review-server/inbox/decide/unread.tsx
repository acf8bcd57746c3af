import type { Reading } from '../approval/reading.ts';
import { Button } from '../ui/button.tsx';
import { counted } from '../wording.ts';

/** The id of the text, for the buttons that are off. */
export const unreadId = 'approve-is-off';

/** Why a decision is off, and the button that shows the rest of the arguments. `what`: such as “Approve is”. */
export function Unread({
  reading: { isRead, wasUnread, hiddenParts, readOn },
  what,
}: {
  reading: Reading;
  what: string;
}) {
  return (
    <div className="answers-unread" data-read={isRead}>
      <p id={unreadId} role="status">
        {!isRead
          ? `${what} off until the last argument has been on the screen.${hiddenParts > 0 ? ` ${counted(hiddenParts, 'part is', 'parts are')} hidden.` : ''}`
          : wasUnread && `All arguments have been on the screen. ${what} on.`}
      </p>
      {!isRead && (
        <Button size="small" hint="M" onPress={readOn}>
          {hiddenParts > 0 ? 'Show hidden parts' : 'Show more arguments'}
        </Button>
      )}
    </div>
  );
}
