// The peers' packages are installed for a benchmark only. Without them `npm run types` checks our code, and treats their
// exports as `any`.
/* oxlint-disable typescript/no-explicit-any -- exports of absent packages */
declare module '@dbos-inc/dbos-sdk';
declare module '@langchain/langgraph' {
  export const Annotation: { <T>(): any; Root(fields: Record<string, any>): any };
  export const Command: any;
  export const END: any;
  export const START: any;
  export const StateGraph: any;
  export function interrupt<Question, Answer>(question: Question): Answer;
}
declare module '@langchain/langgraph-checkpoint-postgres';
declare module '@restatedev/restate-sdk' {
  export type Context = {
    awakeable<T>(): { id: string; promise: Promise<T> };
    run(name: string, work: () => any): any;
  };
  export const service: any;
  export const createEndpointHandler: any;
}
