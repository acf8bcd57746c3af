import type { RunRecord } from '../../src/client.ts';

export const at = '2026-11-22T10:00:00.000Z';
/** The record of a run with one call, which a reviewer changed. */
export const record: RunRecord = {
  earlierTurns: 2,
  approval: null,
  missing: null,
  temporalUrl: null,
  usage: {
    turns: 3,
    turnsWithoutTokens: 0,
    input: 30,
    cachedInput: null,
    output: 3,
    reasoning: null,
    costs: [],
    turnsWithoutCost: 3,
  },
  turns: [
    {
      turn: 3,
      api: 'responses',
      model: 'gpt-5',
      startedAt: at,
      endedAt: '2026-11-22T10:00:01.500Z',
      attempt: 2,
      answers: 1,
      usage: { input: 1200, cachedInput: 1000, output: 30, reasoning: null },
      cost: { amount: '0.000675', currency: 'USD' },
      messages: ['Tell all.'],
      words: 'I will.\u202e',
      answer: null,
      refused: false,
      calls: [
        {
          key: 'f/3/0/call_1',
          callId: 'call_1',
          tool: 'send_email_blast',
          arguments: { recipient_count: 500 },
          plan: 'review',
          requests: [{ request: 1, kind: 'call', id: 'req_1', summary: 'Send 500', requestedAt: at }],
          decisions: [
            {
              request: 1,
              requestId: 'req_1',
              decision: { outcome: 'approved', by: 'person', decidedAt: at, edited: true },
              reviewer: 'rita',
              rule: null,
              note: 'Fewer.',
              edit: { recipient_count: 20 },
              removed: [],
              reviewedAgain: null,
            },
          ],
          ranWith: { recipient_count: 20 },
          attempts: 2,
          startedAt: at,
          worker: 'w',
          settledAs: 'ran',
          settledAt: at,
          output: '{"sent":20}',
        },
      ],
    },
  ],
};
