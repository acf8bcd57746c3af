import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ReviewAnswer, ReviewRequest, ReviewService } from '@holdpoint/cheqpoint';
import { stableJson, type JsonObject } from '@holdpoint/json';
import { sha256 } from '@holdpoint/json/digest';
import { previewDigest } from '../../packages/review-server/src/contract/shown-digest.ts';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import { createRequestApproval } from '../../src/activities/request-approval.ts';
import type { RequestApprovalInput, RequestedApproval } from '../../src/domain/activities.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { defineAssistant, defineConfig, defineTool, type ReviewPreview, type ToolReview } from '../../src/index.ts';
import { Envelopes } from '../../src/signing/envelope.ts';

type Args = { customer: string; amount: number };

const envelopes = new Envelopes(['a secret of thirty-two characters']);
const png = `data:image/png;base64,${Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]).toString('base64')}`;

/** The request that the service gets for a call of a tool with this policy. */
async function requested(review: ToolReview<Args>, ours = true): Promise<ReviewRequest> {
  const tool = defineTool({
    name: 'refund',
    description: 'Pays back.',
    parameters: z.object({ customer: z.string(), amount: z.number() }),
    effect: 'idempotent',
    review,
    execute: () => null,
  });
  let sent: ReviewRequest | undefined;
  const service = {
    capabilities: async () => ({ idempotency: ours, withdraw: ours, pause: ours }),
    paused: async () => null,
    request: async (request: ReviewRequest) => {
      sent = request;
      return { id: 'req_1', status: 'pending', reviewUrl: null } as ReviewAnswer;
    },
  } as unknown as ReviewService;
  const args = { type: 'inline', value: { customer: 'c\u0000 7', amount: 20 } } as const;
  const key = callKey({ firstRunId: 'first-run', turn: 1, position: 0, callId: 'call_1' });
  const input: RequestApprovalInput = {
    assistant: 'comms',
    context: null,
    number: 1,
    kind: 'call',
    conversation: null,
    arguments: args,
    call: { key, callId: 'call_1', tool: 'refund', arguments: args },
  };
  const asking = createRequestApproval({
    config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [tool] })] }),
    review: () => service,
    requests: { list: async () => [], open: async () => 'opened', answered: async () => {}, abandon: async () => {} },
    envelopes,
    runs: { firstRunId: async () => 'first-run' },
    callbackUrl: () => undefined,
    workflowUrl: () => undefined,
    now: Date.now,
  } as unknown as ActivityDependencies);
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  await environment.run<[RequestApprovalInput], RequestedApproval, typeof asking>(asking, input);
  return sent!;
}

describe('review.preview', () => {
  it.each<[string, ReviewPreview]>([
    ['email', { type: 'email', to: ['ana@example.org'], subject: 'Hello', body: 'A\u0000B \ud83d' }],
    ['markdown', { type: 'markdown', text: '# <b>Hi</b>', title: undefined }],
    ['diff', { type: 'diff', before: 'a', after: 'b' }],
    [
      'table',
      {
        type: 'table',
        columns: ['n', 'b'],
        rows: [
          [1.5, true],
          [null, 'x'],
        ],
      },
    ],
    ['image', { type: 'image', data: png, alt: 'A point' }],
  ])('%s → sent, and the seal covers its digest', async (_type, preview) => {
    const request = await requested({ preview: () => preview });
    expect(request.preview?.type).toBe(preview.type);
    expect(JSON.stringify(request.preview)).not.toMatch(/\\u0000|\\ud83d/);
    const opened = envelopes.open(request.details)!;
    expect(opened.envelope.preview).toBe(previewDigest(request.preview!));
    expect(opened.envelope.preview).toBe(sha256(stableJson(request.preview)));
    const holdpoint = { ...(request.details['holdpoint'] as JsonObject), preview: sha256('another') };
    expect(envelopes.open({ ...request.details, holdpoint })).toBeUndefined();
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no template');
      },
      /review\.preview failed: no template; there is no preview\./,
    ],
    [
      'remote image',
      () => ({ type: 'image', data: 'https://evil.example/a.png', alt: '' }),
      /the preview\.data: must be a data: address/,
    ],
    ['SVG image', () => ({ type: 'image', data: 'data:image/svg+xml;base64,AAAA', alt: '' }), /the preview\.data/],
    ['HTML named PNG', () => ({ type: 'image', data: 'data:image/png;base64,PGh0bWw+', alt: '' }), /the preview\.data/],
    ['unknown type', () => ({ type: 'html', html: '<b>' }), /the preview\.type/],
    ['unknown field', () => ({ type: 'markdown', text: 'a', css: 'x' }), /review\.preview failed/],
    ['ragged table', () => ({ type: 'table', columns: ['a', 'b'], rows: [['1']] }), /one cell for each column/],
    [
      'too many rows',
      () => ({ type: 'table', columns: ['a'], rows: Array.from({ length: 1001 }, () => ['1']) }),
      /the preview\.rows/,
    ],
    ['too long', () => ({ type: 'diff', before: 'a'.repeat(200_001), after: '' }), /the preview\.before/],
    ['a promise', async () => ({ type: 'markdown', text: 'a' }), /only review\.when may be asynchronous/],
  ])('%s → a line for the reviewer, and the request is sent without it', async (_what, preview, line) => {
    const request = await requested({ preview: preview as never });
    expect(request.preview).toBeUndefined();
    expect(request.riskReason).toMatch(line);
    expect(envelopes.open(request.details)?.envelope.preview).toBeUndefined();
  });

  it('nothing returned, or hosted Cheqpoint → no preview and no digest', async () => {
    const without = await requested({ preview: () => null });
    const hosted = await requested({ preview: () => ({ type: 'markdown', text: 'a' }), subject: 'customer' }, false);
    for (const request of [without, hosted]) {
      expect(request.preview).toBeUndefined();
      expect(envelopes.open(request.details)?.envelope.preview).toBeUndefined();
    }
    expect(hosted.subject).toBeUndefined();
  });
});

describe('review.subject and review.presets', () => {
  it('name of a parameter, or a function → the subject', async () => {
    expect((await requested({ subject: 'amount' })).subject).toBe('20');
    expect((await requested({ subject: ({ customer }) => `id ${customer.slice(-1)}` })).subject).toBe('id 7');
    expect((await requested({ subject: () => undefined })).subject).toBeUndefined();
  });

  it.each([
    ['an object', () => ({}) as never, /the subject must be a text or a number/],
    ['too long', () => 'x'.repeat(301), /at most 300/],
  ])('subject is %s → a line for the reviewer', async (_what, subject, line) => {
    const request = await requested({ subject });
    expect([request.subject, request.riskReason]).toEqual([undefined, expect.stringMatching(line)]);
  });

  it('presets → a list is for rejections', async () => {
    const { presets } = await requested({
      presets: { en: ['Wrong customer'], de: { approve: ['Am Telefon geprüft'] } },
    });
    expect(presets).toEqual({ en: { reject: ['Wrong customer'] }, de: { approve: ['Am Telefon geprüft'] } });
  });

  it.each<[ToolReview<Args>, RegExp]>([
    [
      { subject: 'costumer' as never },
      /review\.subject must be a function or the name of a parameter \(customer, amount\)/,
    ],
    [{ presets: { english: ['a'] } }, /review\.presets\.english: must be a language/],
    [{ presets: { en: Array.from({ length: 10 }, () => 'a') } }, /review\.presets\.en\.reject/],
    [{ presets: { en: { aprove: ['a'] } as never } }, /review\.presets\.en/],
    [{ presets: ['a'] as never }, /review\.presets must be an object/],
    [{ preview: 'email' as never }, /review\.preview must be a function/],
  ])('%o → refused when the config loads', async (review, message) => {
    await expect(requested(review)).rejects.toThrow(message);
  });
});
