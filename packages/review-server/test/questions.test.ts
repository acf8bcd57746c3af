import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MOST_QUESTIONS,
  type ApprovalRecord,
  type OpenQuestionsAnswer,
  type WireQuestion,
} from '@holdpoint/cheqpoint/wire';
import type { ApprovalList, ReviewerApproval } from '../src/contract/reviewer-api.ts';
import type { AuditEntry } from '../src/contract/audit.ts';
import { startCallbackReceiver, type CallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { KEY, OTHER_KEY, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

type Asked = ReviewerApproval & { error?: string; approval?: ReviewerApproval };

onBothDatabases((newDatabase, kind) => {
  let receiver: CallbackReceiver;
  let databaseUrl: string;
  let server: TestServer;
  let shiftMs = 0;
  const options = {
    limits: { loopProtection: { identicalRequests: 1000, withinSeconds: 60 } },
    clock: () => new Date(Date.now() + shiftMs),
    reviewers: [
      { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] as const },
      { name: 'ben', password: PASSWORDS.ben, roles: ['auditor'] as const },
    ].map(({ roles, ...each }) => ({ ...each, roles: [...roles] })),
  };
  beforeAll(async () => {
    receiver = await startCallbackReceiver();
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, options);
  });
  afterAll(async () => {
    await server.close();
    await receiver.stop();
  });

  const newApproval = async (more: object = {}, key = KEY) => (await server.ask(more, { 'x-api-key': key })).body.id;
  const ask = async (id: string, body: object, reviewer: 'ana' | 'ben' = 'ana', at = server) =>
    at.post<Asked>(`/reviewer-api/approvals/${id}/questions`, body, await server.bearer(reviewer));
  const answer = (id: string, body: object, key = KEY) =>
    server.post<WireQuestion>(`/api/approvals/${id}/answers`, body, { 'x-api-key': key });
  const record = async (id: string) => (await server.get<ApprovalRecord>(`/api/approvals/${id}?texts=true`)).body;
  const shown = async (id: string) =>
    (await server.get<ReviewerApproval>(`/reviewer-api/approvals/${id}`, await server.bearer())).body;
  const open = async (query = '', key = KEY) =>
    (await server.get<OpenQuestionsAnswer>(`/api/questions${query}`, { 'x-api-key': key })).body;

  describe('questions to the requester', () => {
    it('asked → open and unchanged, the requester reads it; answered → beside the request', async () => {
      const id = await newApproval({ expiresIn: 3_600_000 });
      const before = await record(id);
      const asked = await ask(id, { text: 'Which customer is this for?' });
      expect([asked.status, asked.body.status, asked.body.claim]).toEqual([200, 'PENDING', null]);
      const { questions, ...after } = await record(id);
      expect(after).toEqual(before);
      expect(questions).toEqual([
        {
          id: expect.any(String),
          text: 'Which customer is this for?',
          askedBy: 'ana',
          askedAt: expect.stringMatching(/Z$/),
          answer: null,
          problem: null,
          answeredAt: null,
        },
      ]);
      const question = questions![0]!.id;
      expect((await open()).questions).toContainEqual({
        id: question,
        approvalId: id,
        askedAt: questions![0]!.askedAt,
      });
      const answered = await answer(id, { question, answer: 'For <b>Ada & Co</b>.' });
      expect([answered.status, answered.body]).toEqual([
        200,
        { ...questions![0], answer: 'For <b>Ada & Co</b>.', answeredAt: expect.stringMatching(/Z$/) },
      ]);
      expect((await shown(id)).questions).toEqual([answered.body]);
      expect((await open()).questions.map(({ approvalId }) => approvalId)).not.toContain(id);
      const decided = await server.decide(id, { decision: 'approve', shown: before.shown });
      expect([decided.status, decided.body.status]).toEqual([200, 'APPROVED']);
    });

    it('an auditor, who only reads → 403, and nothing is asked; without a sign-in → 401', async () => {
      const id = await newApproval();
      const refused = await ask(id, { text: 'Why now?' }, 'ben');
      expect([refused.status, refused.body.error]).toEqual([403, expect.stringContaining('role reviewer or admin')]);
      expect((await record(id)).questions ?? []).toEqual([]);
      expect((await server.post(`/reviewer-api/approvals/${id}/questions`, { text: 'Why?' }, {})).status).toBe(401);
    });

    it('same id again → one question; same id for another text or approval → 409', async () => {
      const [id, other] = [await newApproval(), await newApproval({ details: { n: 2 } })];
      const body = { id: 'question-one', text: 'Who?' };
      const [first, second] = await Promise.all([ask(id, body), ask(id, body)]);
      expect([first.status, second.status]).toEqual([200, 200]);
      expect((await record(id)).questions).toHaveLength(1);
      const taken = await Promise.all([ask(id, { ...body, text: 'What?' }), ask(other, body)]);
      expect(taken.map(({ status }) => status)).toEqual([409, 409]);
      expect(taken[0].body.error).toContain('under this id');
      expect([(await record(id)).questions?.length, (await record(other)).questions]).toEqual([1, undefined]);
    });

    it(`${MOST_QUESTIONS * 2} at once → ${MOST_QUESTIONS} recorded, the others 409`, async () => {
      const id = await newApproval();
      const results = await Promise.all(
        Array.from({ length: MOST_QUESTIONS * 2 }, (_, index) => ask(id, { text: `Question ${index}` })),
      );
      expect(results.filter(({ status }) => status === 200)).toHaveLength(MOST_QUESTIONS);
      expect(results.find(({ status }) => status === 409)!.body.error).toBe(
        'This approval has 10 questions already, the most it can have.',
      );
      expect((await record(id)).questions).toHaveLength(MOST_QUESTIONS);
    });

    it.each<[name: string, body: object, error: string]>([
      ['no text', {}, 'text: '],
      ['blank text', { text: ' \n' }, 'text: must not be empty'],
      ['2,001 characters', { text: 'x'.repeat(2001) }, 'text: '],
      ['a malformed id', { text: 'Who?', id: 'a b' }, 'id: must be 8 to 64'],
    ])('question: %s → 400', async (_name, body, error) => {
      const { status, body: refused } = await ask(await newApproval(), body);
      expect([status, refused.error]).toEqual([400, expect.stringContaining(error)]);
    });

    it('decided, expired, unknown → refused, nothing asked', async () => {
      const decided = await newApproval();
      await server.decide(decided, { decision: 'reject' });
      const late = await ask(decided, { text: 'Who?' });
      expect([late.status, late.body.error, late.body.approval?.status]).toEqual([
        409,
        expect.stringContaining('Already rejected by ana'),
        'REJECTED',
      ]);
      const expired = await newApproval({ expiresAt: new Date(Date.now() - 1000).toISOString() });
      expect((await ask(expired, { text: 'Who?' })).status).toBe(409);
      expect((await ask('unknown', { text: 'Who?' })).status).toBe(404);
      expect([(await record(decided)).questions, (await record(expired)).questions]).toEqual([undefined, undefined]);
    });

    it('question and decision at once → one decision, no question after it', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, (_, index) => newApproval({ details: { index } })));
      await Promise.all(
        ids.map(async (id) => {
          const [asked, decided] = await Promise.all([
            ask(id, { text: 'Who?' }),
            server.decide(id, { decision: 'approve' }),
          ]);
          expect(decided.status).toBe(200);
          const { status, questions = [], decidedAt } = await record(id);
          expect([status, questions.length]).toEqual(['APPROVED', asked.status === 200 ? 1 : 0]);
          for (const { askedAt } of questions) expect(askedAt <= decidedAt!).toBe(true);
        }),
      );
    });
  });

  describe('answers', () => {
    async function askedOne(): Promise<{ id: string; question: string }> {
      const id = await newApproval();
      await ask(id, { text: 'Who?' });
      return { id, question: (await record(id)).questions![0]!.id };
    }

    it('two answers → the first counts, both callers get it', async () => {
      const { id, question } = await askedOne();
      const answers = await Promise.all(['one', 'two', 'three'].map((text) => answer(id, { question, answer: text })));
      const texts = new Set(answers.map(({ body }) => body.answer));
      expect([answers.map(({ status }) => status), texts.size]).toEqual([[200, 200, 200], 1]);
      expect((await record(id)).questions![0]).toEqual(answers[0]!.body);
      const late = await answer(id, { question, problem: 'The model failed.' });
      expect(late.body).toEqual(answers[0]!.body);
    });

    it('key of another assistant, another approval, unknown question → 404, unanswered', async () => {
      const [{ id, question }, other] = [await askedOne(), await newApproval()];
      const refused = await Promise.all([
        answer(id, { question, answer: 'forged' }, OTHER_KEY),
        answer(other, { question, answer: 'misplaced' }),
        answer(id, { question: 'unknown', answer: 'lost' }),
      ]);
      expect(refused.map(({ status }) => status)).toEqual([404, 404, 404]);
      expect((await record(id)).questions![0]).toMatchObject({ answer: null, problem: null, answeredAt: null });
      expect((await open('', OTHER_KEY)).questions.map(({ approvalId }) => approvalId)).not.toContain(id);
    });

    it('reason instead of an answer → shown as the problem', async () => {
      const { id, question } = await askedOne();
      await answer(id, { question, problem: 'The model refused the request.' });
      expect((await shown(id)).questions[0]).toMatchObject({ answer: null, problem: 'The model refused the request.' });
    });

    it.each<[name: string, body: object, error: string]>([
      ['no text', { answer: '' }, 'answer: must not be empty'],
      ['8,001 characters', { answer: 'x'.repeat(8001) }, 'answer: '],
      ['answer and problem', { answer: 'a', problem: 'b' }, 'needs either answer or problem'],
      ['neither', {}, 'needs either answer or problem'],
    ])('answer: %s → 400', async (_name, body, error) => {
      const { id, question } = await askedOne();
      const refused = await answer(id, { question, ...body });
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining(error)]);
    });

    it('answer after the decision → kept in the record, the decision stays', async () => {
      const { id, question } = await askedOne();
      await server.decide(id, { decision: 'reject', note: 'No.' });
      expect((await open()).questions.map(({ approvalId }) => approvalId)).not.toContain(id);
      expect((await answer(id, { question, answer: 'Ada.' })).status).toBe(200);
      const after = await record(id);
      expect([after.status, after.decisionNote, after.questions![0]!.answer]).toEqual(['REJECTED', 'No.', 'Ada.']);
    });

    it('audit → who asked and who answered, digests instead of texts', async () => {
      const { id, question } = await askedOne();
      await answer(id, { question, answer: 'A secret name' });
      const { entries } = (
        await eventually('the entries', async () => {
          const found = await server.get<{ entries: AuditEntry[] }>(
            `/reviewer-api/audit?subject=${id}`,
            await server.bearer(),
          );
          return found.body.entries.length >= 3 ? found : undefined;
        })
      ).body;
      expect(entries.map(({ actor, event }) => `${actor} ${event}`)).toEqual(
        expect.arrayContaining(['reviewer:ana question-asked', 'assistant:comms question-answered']),
      );
      expect(JSON.stringify(entries)).not.toContain('A secret name');
    });
  });

  describe('how the requester learns of a question', () => {
    it('gateway address → called back without the text; another address → not', async () => {
      const gateway = `${receiver.url}/callbacks/cheqpoint/token.mac`;
      receiver.answers.push({ status: 200, body: '{"result":"delivered"}' });
      const [holdpoint, program] = [
        await newApproval({ callbackUrl: gateway }),
        await newApproval({ callbackUrl: `${receiver.url}/hook`, details: { n: 1 } }),
      ];
      await ask(program, { text: 'A private question' });
      await ask(holdpoint, { text: 'A private question' });
      const [first] = await eventually('a callback', () => receiver.received.length > 0 && receiver.received);
      expect([first!.path, JSON.parse(first!.text)]).toEqual([
        '/callbacks/cheqpoint/token.mac',
        { event: 'question', approvalId: holdpoint, question: (await record(holdpoint)).questions![0]!.id },
      ]);
      expect((await shown(holdpoint)).deliveries).toEqual([]);
      await server.decide(program, { decision: 'reject' });
      await eventually('the decision', () => receiver.received.length >= 2);
      expect(receiver.received.map(({ path }) => path)).toEqual(['/callbacks/cheqpoint/token.mac', '/hook']);
    });

    it('list of open questions → oldest first, in pages, by age', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 3; index += 1) {
        ids.push(await newApproval({ details: { page: index } }, OTHER_KEY));
        await ask(ids[index]!, { text: 'Who?' });
      }
      const first = await open('?limit=2', OTHER_KEY);
      expect([first.questions.map(({ approvalId }) => approvalId), first.cursor]).toEqual([
        ids.slice(0, 2),
        expect.any(String),
      ]);
      const rest = await open(`?limit=2&after=${encodeURIComponent(first.cursor!)}`, OTHER_KEY);
      expect([rest.questions.map(({ approvalId }) => approvalId), rest.cursor]).toEqual([ids.slice(2), null]);
      expect((await open('?waitingMs=60000', OTHER_KEY)).questions).toEqual([]);
      shiftMs = 61_000;
      expect((await open('?waitingMs=60000', OTHER_KEY)).questions).toHaveLength(3);
      shiftMs = 0;
      expect((await server.get('/api/questions?after=nonsense')).status).toBe(400);
    });

    it('row of the list → number of open questions', async () => {
      const id = await newApproval({ summary: 'A request with questions' });
      const { body: asked } = await ask(id, { text: 'Who?' });
      await ask(id, { text: 'When?' });
      const row = async () =>
        (
          await server.get<ApprovalList>(
            '/reviewer-api/approvals?status=pending&q=with%20questions',
            await server.bearer(),
          )
        ).body.approvals.find((each) => each.id === id);
      expect(await row()).toMatchObject({ openQuestions: 2, status: 'PENDING' });
      await answer(id, { question: asked.questions[0]!.id, answer: 'Ada.' });
      expect(await row()).toMatchObject({ openQuestions: 1 });
    });

    it.skipIf(kind === 'sqlite')('two servers → limit and first answer hold over both', async () => {
      const second = await startTestServer(databaseUrl, options);
      try {
        const id = await newApproval();
        const results = await Promise.all(
          Array.from({ length: MOST_QUESTIONS * 2 }, (_, index) =>
            ask(id, { text: `Question ${index}` }, 'ana', index % 2 === 0 ? server : second),
          ),
        );
        expect(results.filter(({ status }) => status === 200)).toHaveLength(MOST_QUESTIONS);
        const question = (await record(id)).questions![0]!.id;
        const answers = await Promise.all(
          [server, second].map((at) =>
            at.post<WireQuestion>(`/api/approvals/${id}/answers`, { question, answer: at.url }, { 'x-api-key': KEY }),
          ),
        );
        expect(answers[0]!.body).toEqual(answers[1]!.body);
      } finally {
        await second.close();
      }
    });
  });
});
