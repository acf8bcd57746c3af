import { Hono } from 'hono';
import { parseBody } from '../parse-body.ts';
import type { StandInEnv } from '../stand-in-context.ts';
import { nothingFound } from './assistants-errors.ts';
import { createMessageSchema, createThreadSchema, updateMetadataSchema } from './assistants-schema.ts';
import { pageOf } from './page-of.ts';
import type { RunMachine } from './run-machine.ts';
import type { MessageObject, StoredThread, ThreadStore } from './thread-store.ts';

function messageOf(thread: StoredThread, id: string): MessageObject {
  const message = thread.messages.find((candidate) => candidate.id === id);
  if (message === undefined) throw nothingFound('message', id);
  return message;
}

/** The routes under `/v1/threads`, except those of runs. */
export function threadsRoutes(threads: ThreadStore, machine: RunMachine): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();

  routes.post('/', async (context) => context.json(threads.create(await parseBody(context, createThreadSchema)).wire));
  routes.get('/:thread', (context) => context.json(threads.get(context.req.param('thread')).wire));
  routes.post('/:thread', async (context) => {
    const thread = threads.get(context.req.param('thread'));
    const { metadata, tool_resources: toolResources } = await parseBody(context, updateMetadataSchema);
    thread.wire = {
      ...thread.wire,
      ...(metadata ? { metadata } : {}),
      ...(toolResources ? { tool_resources: toolResources } : {}),
    };
    return context.json(thread.wire);
  });
  routes.delete('/:thread', (context) => {
    const id = context.req.param('thread');
    threads.delete(id);
    return context.json({ id, object: 'thread.deleted', deleted: true });
  });

  routes.post('/:thread/messages', async (context) => {
    const thread = threads.get(context.req.param('thread'));
    return context.json(machine.addMessage(thread, await parseBody(context, createMessageSchema)));
  });
  routes.get('/:thread/messages', (context) => {
    const { run_id: runId, ...query } = context.req.query();
    const thread = threads.get(context.req.param('thread'));
    machine.activeRun(thread);
    return context.json(
      pageOf(
        thread.messages.filter((message) => runId === undefined || message.run_id === runId),
        query,
      ),
    );
  });
  routes.get('/:thread/messages/:id', (context) =>
    context.json(messageOf(threads.get(context.req.param('thread')), context.req.param('id'))),
  );
  routes.post('/:thread/messages/:id', async (context) => {
    const thread = threads.get(context.req.param('thread'));
    const message = messageOf(thread, context.req.param('id'));
    const { metadata } = await parseBody(context, updateMetadataSchema);
    const changed = { ...message, ...(metadata ? { metadata } : {}) };
    thread.messages = thread.messages.map((candidate) => (candidate === message ? changed : candidate));
    return context.json(changed);
  });
  routes.delete('/:thread/messages/:id', (context) => {
    const thread = threads.get(context.req.param('thread'));
    const { id } = messageOf(thread, context.req.param('id'));
    thread.messages = thread.messages.filter((message) => message.id !== id);
    thread.items = thread.items.filter((item) => item.id !== id);
    return context.json({ id, object: 'thread.message.deleted', deleted: true });
  });

  return routes;
}
