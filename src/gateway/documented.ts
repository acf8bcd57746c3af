import type { z } from '@hono/zod-openapi';
import { restErrorSchema, restErrors } from '../schemas/rest-error.ts';

type ErrorStatus = (typeof restErrors)[keyof typeof restErrors]['status'];
type Described = { [status: number]: readonly [string, z.ZodType] };
type Documented<Answers extends Described> = {
  [Status in keyof Answers]: {
    description: string;
    content: {
      'application/json': {
        schema: Answers[Status] extends readonly [string, infer Schema extends z.ZodType] ? Schema : never;
      };
    };
  };
};

/** A required JSON body. */
export function jsonBody<Schema extends z.ZodType>(
  schema: Schema,
): { required: true; content: { 'application/json': { schema: Schema } } } {
  return { required: true, content: { 'application/json': { schema } } };
}

/** The answers of a route for OpenAPI: successes by status, and the statuses of its errors. */
export function answers<const Answers extends Described>(good: Answers, ...errors: ErrorStatus[]): Documented<Answers> {
  const failures = errors.map((status) => {
    const codes = Object.entries(restErrors)
      .filter(([, error]) => error.status === status)
      .map(([code, { says }]) => `\`${code}\`: ${says}`);
    return [
      status,
      { description: codes.join(' '), content: { 'application/json': { schema: restErrorSchema } } },
    ] as const;
  });
  const documented = Object.entries(good).map(
    ([status, [description, schema]]) =>
      [status, { description, content: { 'application/json': { schema } } }] as const,
  );
  return Object.fromEntries([...documented, ...failures]) as Documented<Answers>;
}
