import { Hono } from 'hono';
import { listPage } from '../list-page.ts';
import { notFound } from '../openai-error.ts';
import { parseBody } from '../parse-body.ts';
import { addItemsSchema, createConversationSchema, updateConversationSchema } from '../responses/request-schema.ts';
import type { StandInEnv } from '../stand-in-context.ts';
import { withId, type Conversation, type ConversationStore } from './conversation-store.ts';

function toWire({ id, createdAt, metadata }: Conversation): object {
  return { id, object: 'conversation', created_at: createdAt, metadata };
}

/** The routes under `/v1/conversations`. */
export function conversationsRoutes(conversations: ConversationStore): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();

  routes.post('/', async (context) => {
    const { items, metadata } = await parseBody(context, createConversationSchema);
    return context.json(toWire(conversations.create(items ?? [], metadata ?? {})));
  });

  routes.get('/:id', (context) => context.json(toWire(conversations.get(context.req.param('id')))));

  routes.post('/:id', async (context) => {
    const conversation = conversations.get(context.req.param('id'));
    const { metadata } = await parseBody(context, updateConversationSchema);
    conversation.metadata = metadata ?? {};
    return context.json(toWire(conversation));
  });

  routes.delete('/:id', (context) => {
    const id = context.req.param('id');
    conversations.delete(id);
    return context.json({ id, object: 'conversation.deleted', deleted: true });
  });

  routes.get('/:id/items', (context) =>
    context.json(listPage(conversations.get(context.req.param('id')).items, context.req.query())),
  );

  routes.post('/:id/items', async (context) => {
    const conversation = conversations.get(context.req.param('id'));
    const { items } = await parseBody(context, addItemsSchema);
    const added = items.map(withId);
    conversation.items = [...conversation.items, ...added];
    return context.json(listPage(added, { order: 'asc', limit: '100' }));
  });

  routes.get('/:id/items/:item', (context) => {
    const item = conversations.get(context.req.param('id')).items.find(({ id }) => id === context.req.param('item'));
    if (item === undefined) throw notFound('Item', context.req.param('item'));
    return context.json(item);
  });

  routes.delete('/:id/items/:item', (context) => {
    const conversation = conversations.get(context.req.param('id'));
    const kept = conversation.items.filter(({ id }) => id !== context.req.param('item'));
    if (kept.length === conversation.items.length) throw notFound('Item', context.req.param('item'));
    conversation.items = kept;
    return context.json(toWire(conversation));
  });

  return routes;
}
