import ora, { type Ora } from 'ora';

/** Progress: a spinner on a terminal, else lines of text. Also lines on a terminal of width 0, where ora never finishes drawing. */
export function spinner(stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }, text: string): Ora {
  return ora({ stream, text, discardStdin: false, ...(stream.columns === 0 && { isEnabled: false }) });
}
