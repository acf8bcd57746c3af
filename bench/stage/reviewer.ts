import type { JsonObject } from '@holdpoint/json';

/** Somebody signed in at the review server. */
export type Reviewer = {
  /** Decides; resolves with the HTTP status. */
  decide(
    approvalId: string,
    decision: { decision: 'approve' | 'reject'; modifiedDetails?: JsonObject },
  ): Promise<number>;
  /** Open approvals by their summary, newest first; `enough` of them, or all. */
  open(enough: number): Promise<Array<{ id: string; summary: string; action: string }>>;
  get(path: string): Promise<unknown>;
};

/** @throws Error when the review server refuses. */
export async function signIn(url: string, name: string, password: string): Promise<Reviewer> {
  const json = { 'content-type': 'application/json' };
  const session = await fetch(`${url}/reviewer-api/session`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ name, password }),
  });
  const { token } = (await session.json()) as { token?: string };
  if (token === undefined)
    throw new Error(`The review server at ${url} did not sign its reviewer in: HTTP ${session.status}.`);
  const authorization = `Bearer ${token}`;
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}/reviewer-api${path}`, { headers: { authorization } });
    if (!answer.ok) throw new Error(`GET ${path} at the review server: HTTP ${answer.status} ${await answer.text()}`);
    return await answer.json();
  };
  return {
    get,
    async decide(approvalId, decision) {
      const answer = await fetch(`${url}/reviewer-api/approvals/${approvalId}/decide`, {
        method: 'POST',
        headers: { ...json, authorization },
        body: JSON.stringify(decision),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    async open(enough) {
      const found: Array<{ id: string; summary: string; action: string }> = [];
      for (let cursor: string | null = ''; cursor !== null && found.length < enough;) {
        const page = (await get(
          `/approvals?status=pending&limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        )) as { approvals: typeof found; nextCursor: string | null };
        found.push(...page.approvals);
        cursor = page.nextCursor;
      }
      return found;
    },
  };
}
