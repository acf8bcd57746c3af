import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../src/embedded/free-port.ts';
import { processEnvironment } from '../../src/config/environment.ts';
import { hasProgram } from '../support/has-program.ts';
import { until } from '../support/until.ts';

/** A span as Jaeger shows it. Times are microseconds. `links`: references to spans of other traces. */
export type JaegerSpan = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  links: Array<{ traceId: string; spanId: string }>;
  start: number;
  end: number;
  tags: Record<string, unknown>;
};

export type Jaeger = {
  /** Takes OTLP over HTTP, without a slash at the end. */
  otlpUrl: string;
  /** The spans of a trace so far, oldest first. */
  trace(traceId: string): Promise<JaegerSpan[]>;
  /** The answer for a trace, as text. */
  text(traceId: string): Promise<string>;
  stop(): Promise<void>;
};

type Reference = { refType: 'CHILD_OF' | 'FOLLOWS_FROM'; traceID: string; spanID: string };
type Answer = {
  data: Array<{
    spans: Array<{
      traceID: string;
      spanID: string;
      operationName: string;
      processID: string;
      references: Reference[];
      startTime: number;
      duration: number;
      tags: Array<{ key: string; value: unknown }>;
    }>;
    processes: Record<string, { serviceName: string }>;
  }> | null;
};

/** Jaeger 1, all in one: HOLDPOINT_TEST_JAEGER, else `jaeger-all-in-one` on PATH. */
const named = processEnvironment()['HOLDPOINT_TEST_JAEGER'];
export const jaegerProgram = named ?? (hasProgram('jaeger-all-in-one', 'version') ? 'jaeger-all-in-one' : undefined);

/** Jaeger on free ports, with its spans in memory. */
export async function startJaeger(program: string): Promise<Jaeger> {
  const flags = [
    'collector.otlp.http.host-port',
    'query.http-server.host-port',
    'collector.otlp.grpc.host-port',
    'collector.http-server.host-port',
    'collector.grpc-server.host-port',
    'query.grpc-server.host-port',
    'admin.http.host-port',
  ];
  const hosts: string[] = [];
  for (const _ of flags) hosts.push(`127.0.0.1:${await freePort()}`);
  const child = spawn(
    program,
    flags.map((flag, index) => `--${flag}=${hosts[index]}`),
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const text = async (traceId: string) => await (await fetch(`http://${hosts[1]}/api/traces/${traceId}`)).text();
  await until(
    'Jaeger is ready',
    async () => (await fetch(`http://${hosts.at(-1)}/`).catch(() => undefined))?.ok,
    60_000,
  );
  return {
    otlpUrl: `http://${hosts[0]}`,
    text,
    async trace(traceId) {
      const { data } = JSON.parse(await text(traceId)) as Answer;
      return (data ?? [])
        .flatMap(({ spans, processes }) =>
          spans.map((span) => ({
            service: processes[span.processID]?.serviceName ?? '',
            name: span.operationName,
            traceId: span.traceID,
            spanId: span.spanID,
            parentSpanId: span.references.find(({ refType, traceID }) => refType === 'CHILD_OF' && traceID === traceId)
              ?.spanID,
            links: span.references
              .filter(({ refType }) => refType === 'FOLLOWS_FROM')
              .map(({ traceID, spanID }) => ({ traceId: traceID, spanId: spanID })),
            start: span.startTime,
            end: span.startTime + span.duration,
            tags: Object.fromEntries(span.tags.map(({ key, value }) => [key, value])),
          })),
        )
        .toSorted((one, other) => one.start - other.start);
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
