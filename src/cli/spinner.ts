import ora, { type Ora } from 'ora';

/** Progress at a terminal; elsewhere, and at a terminal that says it has no width (ora would draw for ever), lines of text. */
export function spinner(stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }, text: string): Ora {
  return ora({ stream, text, discardStdin: false, ...(stream.columns === 0 && { isEnabled: false }) });
}
