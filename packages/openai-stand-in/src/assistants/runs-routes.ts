import { Hono, type Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { parseBody } from '../parse-body.ts';
import type { StandInEnv } from '../stand-in-context.ts';
import { nothingFound } from './assistants-errors.ts';
import {
  createRunSchema,
  createThreadAndRunSchema,
  submitOutputsSchema,
  updateMetadataSchema,
} from './assistants-schema.ts';
import { pageOf } from './page-of.ts';
import type { RunMachine } from './run-machine.ts';
import { runEvents } from './run-stream.ts';
import type { StepObject } from './run.ts';
import type { StoredRun, StoredThread, ThreadStore } from './thread-store.ts';

/** The routes of runs under `/v1/threads`. */
export function runsRoutes(threads: ThreadStore, machine: RunMachine): Hono<StandInEnv> {
  const routes = new Hono<StandInEnv>();
  const stepOf = (run: StoredRun, id: string): StepObject => {
    const step = run.steps.find((candidate) => candidate.id === id);
    if (step === undefined) throw nothingFound('run step', id);
    return step;
  };

  /** Answers with the started run, or with a stream of its events if the request asks for one. */
  const answer = (
    context: Context<StandInEnv>,
    thread: StoredThread,
    run: StoredRun,
    stepsBefore: readonly StepObject[],
    stream: boolean,
  ): Response => {
    if (!stream) return context.json(run.wire);
    const before = run.wire;
    if (!run.staysInProgress) machine.perform(thread, run);
    const cut = context.get('faults').take('cut_stream');
    return streamSSE(context, async (output) => {
      let sent = 0;
      for (const { event, data } of runEvents(thread, run, before, stepsBefore)) {
        if (cut !== undefined && sent >= cut.afterEvents) {
          context.env.incoming?.socket.destroy();
          return;
        }
        await output.writeSSE({ event, data: JSON.stringify(data) });
        sent += 1;
      }
      await output.writeSSE({ event: 'done', data: '[DONE]' });
    });
  };

  routes.post('/runs', async (context) => {
    const {
      thread: given = {},
      tool_resources: _toolResources,
      ...request
    } = await parseBody(context, createThreadAndRunSchema);
    const thread = threads.create(given);
    return answer(context, thread, machine.create(thread, request, context.get('faults')), [], request.stream === true);
  });
  routes.post('/:thread/runs', async (context) => {
    const thread = threads.get(context.req.param('thread'));
    const request = await parseBody(context, createRunSchema);
    return answer(context, thread, machine.create(thread, request, context.get('faults')), [], request.stream === true);
  });
  routes.get('/:thread/runs', (context) => {
    const thread = threads.get(context.req.param('thread'));
    return context.json(
      pageOf(
        thread.runs.map((run) => machine.look(thread, run).wire),
        context.req.query(),
      ),
    );
  });
  routes.get('/:thread/runs/:run', (context) =>
    context.json(machine.poll(threads.get(context.req.param('thread')), context.req.param('run')).wire),
  );
  routes.post('/:thread/runs/:run', async (context) => {
    const run = machine.find(threads.get(context.req.param('thread')), context.req.param('run'));
    const { metadata } = await parseBody(context, updateMetadataSchema);
    run.wire = { ...run.wire, ...(metadata ? { metadata } : {}) };
    return context.json(run.wire);
  });
  routes.post('/:thread/runs/:run/submit_tool_outputs', async (context) => {
    const thread = threads.get(context.req.param('thread'));
    const run = machine.find(thread, context.req.param('run'));
    const request = await parseBody(context, submitOutputsSchema);
    const stepsBefore = run.steps;
    return answer(context, thread, machine.submit(thread, run, request), stepsBefore, request.stream === true);
  });
  routes.post('/:thread/runs/:run/cancel', (context) => {
    const thread = threads.get(context.req.param('thread'));
    return context.json(machine.cancel(machine.find(thread, context.req.param('run'))).wire);
  });
  routes.get('/:thread/runs/:run/steps', (context) => {
    const run = machine.find(threads.get(context.req.param('thread')), context.req.param('run'));
    return context.json(pageOf(run.steps, context.req.query()));
  });
  routes.get('/:thread/runs/:run/steps/:step', (context) => {
    const run = machine.find(threads.get(context.req.param('thread')), context.req.param('run'));
    return context.json(stepOf(run, context.req.param('step')));
  });

  return routes;
}
