import type { TestServer } from '../../packages/review-server/test/test-server.ts';

const large = {
  action: 'send_email_blast',
  summary: 'Assistant wants to send an email to 4800 recipients',
  riskLevel: 'high',
  justification: 'Prices change in January, and customers asked for a notice.',
  agentName: 'pricing-assistant',
  onBehalfOf: 'dora@example.org',
  subject: 'campaign 2027-01',
  details: {
    template: 'price_change',
    recipient_count: 4800,
    subject: 'Our prices from January',
    send_at: '2027-01-02T08:00:00Z',
    segments: ['eu', 'us'],
    reply_to: null,
    budget: 1250.5,
  },
  argumentsSchema: {
    type: 'object',
    properties: {
      template: { type: 'string', enum: ['price_change', 'weekly_update'], description: 'The template of the mail' },
      recipient_count: { type: 'integer', minimum: 1, maximum: 10_000 },
      subject: { type: 'string', maxLength: 100 },
      send_at: { type: 'string', format: 'date-time' },
      segments: { type: 'array', items: { type: 'string' } },
      reply_to: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      budget: { type: 'number' },
    },
    required: ['template', 'recipient_count', 'subject'],
    additionalProperties: false,
  },
};

/** Adds groups, a rule, keys, requests of each kind, runs: what the screens show. Returns the ids of requests. */
export async function fillInbox(
  server: TestServer,
): Promise<{ voting: string; outcome: string; critical: string; done: string }> {
  const bearer = await server.bearer();
  const group = async (name: string, members: string[]) =>
    (await server.post<{ id: string }>('/reviewer-api/groups', { name, members, visibleTo: 'everyone' }, bearer)).body
      .id;
  const marketing = await group('marketing', ['ana', 'ben']);
  await group('legal-and-compliance', ['ben']);
  await server.send(
    'PUT',
    `/reviewer-api/times/${marketing}`,
    { dueAfter: { high: 45 }, remindAfter: [20], escalateTo: ['legal-and-compliance'], quietHours: null },
    bearer,
  );
  await server.post(
    '/reviewer-api/rules',
    {
      name: 'Large mails',
      conditions: [{ field: 'details.recipient_count', operator: 'more-than', value: 1000 }],
      decision: 'review',
      by: [
        { group: 'marketing', approvals: 2 },
        { group: 'legal-and-compliance', approvals: 1 },
      ],
      enabled: true,
    },
    bearer,
  );
  const idOf = async (more: object) => (await server.ask(more)).body.id;
  const voting = await idOf(large);
  const { shown } = (await server.get<{ shown: string }>(`/api/approvals/${voting}?texts=true`)).body;
  await server.decide(voting, { decision: 'approve', shown }, 'ben');
  await server.post(
    `/reviewer-api/approvals/${voting}/comments`,
    { text: 'The list is in ticket 8812, and finance has seen it.' },
    await server.bearer('ben'),
  );
  for (const amount of [12, 18, 25])
    await idOf({
      action: 'refund',
      summary: `Refund ${amount} € to C-300${amount % 10}`,
      details: { amount },
      riskLevel: 'low',
    });
  const done = await idOf({ summary: 'Assistant wants to send an email to 20 recipients' });
  await server.decide(done, { decision: 'approve', note: 'As agreed.' }, 'ben');
  const critical = await idOf({
    action: 'drop_table',
    summary: 'Drop the table of all invoices of 2019',
    riskLevel: 'critical',
    expiresAt: new Date(Date.now() + 26 * 3_600_000).toISOString(),
  });
  const outcome = await idOf({
    action: 'x:outcome-unknown',
    summary: 'Did the payment of 40 € happen?',
    details: { outcome: 'happened', holdpoint: { kind: 'outcome' } },
  });
  await server.post(
    '/reviewer-api/gateway-keys',
    {
      name: 'billing-service',
      scopes: { start: ['comms', 'billing'], read: 'own', control: 'own', ask: true, decode: false, admin: false },
    },
    bearer,
  );
  await server.send('PATCH', '/reviewer-api/settings', { holdSeconds: 60 }, bearer);
  return { voting, outcome, critical, done };
}
