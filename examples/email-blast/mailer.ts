import { NotExecuted } from 'holdpoint';

export type Blast = { template: string; recipient_count: number; subject: string };
export type Announcement = { title: string; text: string };
type Options = { signal: AbortSignal; idempotencyKey?: string };

/** Client of the mail service at MAIL_SERVICE_URL. Without that variable, calls are printed and nothing is sent. */
export function mailer() {
  const url = process.env['MAIL_SERVICE_URL'];
  return {
    sendBlast: (blast: Blast, options: Options) => call(url, '/blasts', blast, options),
    postAnnouncement: (announcement: Announcement, options: Options) =>
      call(url, '/announcements', announcement, options),
    countRecipients: (template: string, options: Options) => call(url, '/recipients/count', { template }, options),
  };
}

async function call(
  base: string | undefined,
  path: string,
  body: object,
  { signal, idempotencyKey }: Options,
): Promise<unknown> {
  if (base === undefined) {
    console.log(`(no MAIL_SERVICE_URL, nothing is sent) POST ${path} ${JSON.stringify(body)}`);
    return path === '/recipients/count' ? { recipients: 500 } : { accepted: true, dryRun: true };
  }
  const headers = {
    'content-type': 'application/json',
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  const response = await fetch(new URL(path, base), {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal,
  }).catch((error: unknown) => {
    // The connection was refused, so nothing was sent: NotExecuted makes a retry safe.
    if (error instanceof Error && (error.cause as { code?: string } | undefined)?.code === 'ECONNREFUSED')
      throw new NotExecuted('The mail service is not up.', { cause: error });
    throw error;
  });
  if (!response.ok) throw new Error(`The mail service answered ${response.status}.`);
  return await response.json();
}
