import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { ApprovalRecord, OpenQuestionsAnswer, WireQuestion } from '@holdpoint/cheqpoint/wire';
import type { Delivery } from '../src/contract/deliveries.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { startServerProcess } from './start-server-process.ts';
import { ADMINISTRATORS, optionsFor, startTestServer, type TestServer } from './test-server.ts';

/** Longer than the lease of an attempt. */
const laterMs = 16_000;

onBothDatabases((newDatabase) => {
  it('kill -9 just after a question was committed → the requester gets it once, and its answer is shown', async () => {
    const databaseUrl = await newDatabase();
    const first = await startServerProcess(optionsFor(databaseUrl, { reviewers: ADMINISTRATORS }));
    // The gateway reads nothing before the kill, and answers afterwards.
    const calls: string[] = [];
    let answers = false;
    const gateway = createServer((socket) => {
      socket.on('error', () => undefined);
      if (!answers) return;
      socket.once('data', (data) => {
        calls.push(data.toString());
        const body = '{"result":"delivered"}';
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      });
    });
    gateway.listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { port } = gateway.address() as AddressInfo;
    let second: TestServer | undefined;
    try {
      const callbackUrl = `http://127.0.0.1:${port}/callbacks/cheqpoint/token.mac`;
      const { id } = (await first.ask({ callbackUrl })).body;
      const attempted = once(gateway, 'connection') as Promise<[Socket]>;
      const asking = first
        .post(`/reviewer-api/approvals/${id}/questions`, { text: 'For whom?' }, await first.bearer())
        .catch(() => undefined);
      const [socket] = await attempted;
      await first.close();
      socket.destroy();
      await asking;

      answers = true;
      const server = await startTestServer(databaseUrl, { clock: () => new Date(Date.now() + laterMs) });
      second = server;
      await eventually('the callback', () => calls.length > 0);
      const open = async () => (await server.get<OpenQuestionsAnswer>('/api/questions')).body.questions;
      const [question, ...others] = await open();
      expect([question?.approvalId, others]).toEqual([id, []]);
      expect(calls[0]).toContain(JSON.stringify({ event: 'question', approvalId: id, question: question!.id }));
      const answer = { question: question!.id, answer: 'For Ada.' };
      const answered = (await server.post<WireQuestion>(`/api/approvals/${id}/answers`, answer)).body;
      const { questions } = (await server.get<ApprovalRecord>(`/api/approvals/${id}?texts=true`)).body;
      expect(questions).toEqual([answered]);
      expect(answered).toMatchObject({ text: 'For whom?', askedBy: 'ana', answer: 'For Ada.' });
      expect(await open()).toEqual([]);
      const due = async () =>
        (await server.get<{ deliveries: Delivery[] }>('/reviewer-api/deliveries?state=due', await server.bearer())).body
          .deliveries;
      await eventually('no delivery to be left', async () => (await due()).length === 0);
      expect(calls).toHaveLength(1);
    } finally {
      await first.close();
      await second?.close();
      await new Promise((resolve) => gateway.close(resolve));
    }
  });
});
