import { HTTPException } from 'hono/http-exception';

/** Also the answer for an approval that this person may not see. */
export const noApproval = 'There is no approval with this id.';

/** @throws HTTPException 404. */
export function approvalNotFound(): never {
  throw new HTTPException(404, { message: noApproval });
}
