import { stripVTControlCharacters, styleText } from 'node:util';
import ora from 'ora';
import wrapAnsi from 'wrap-ansi';

/** Tells what happens while it happens: one line each with the time since the start of a chapter. */
export type Story = {
  /** A heading; its lines count their time from here. */
  chapter(title: string, explanation: string): void;
  /** One thing that happened, and more about it. `strong`: what a reader should not miss. */
  line(what: string, text: string, more?: { strong?: true; details?: readonly string[] }): void;
  /** Something to know, without a time. */
  fact(what: string, text: string): void;
  /** Plain text. */
  text(text: string): void;
  /** Shows that something is under way, until the next line. */
  waiting(text: string): void;
  /** Nothing is under way any more. */
  quiet(): void;
};

const width = 100;
const columns = { time: 9, what: 18, fact: 26 };
/** Writes to `out`; what is under way goes to standard error, as a spinner if that is a terminal. */
export function createStory(out: NodeJS.WriteStream): Story {
  // With the terminal in raw mode, which ora would use, a Ctrl-C between two of its turns is lost.
  const spinner = ora({ stream: process.stderr, prefixText: ' ', discardStdin: false });
  const styled = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream: out });
  let began = performance.now();
  const write = (text: string) => {
    if (spinner.isSpinning) spinner.stop();
    out.write(`${text}\n`);
  };
  const row = (widths: readonly number[], cells: readonly string[], lines: readonly string[]) => {
    const indent = widths.reduce((sum, one) => sum + one, 0);
    const room = Math.max(30, Math.min(out.columns ?? width, width) - indent);
    const left = cells
      .map(
        (cell, column) => cell + ' '.repeat(Math.max(1, (widths[column] ?? 0) - stripVTControlCharacters(cell).length)),
      )
      .join('');
    return (
      left + lines.flatMap((line) => wrapAnsi(line, room, { hard: true }).split('\n')).join(`\n${' '.repeat(indent)}`)
    );
  };
  return {
    chapter(title, explanation) {
      began = performance.now();
      write(`\n${styled('bold', title)}\n${styled('dim', explanation)}`);
    },
    line(what, text, { strong, details = [] } = {}) {
      const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`.padStart(7);
      write(
        row(
          [columns.time, columns.what],
          [styled('dim', seconds), strong ? styled(['bold', 'yellow'], what) : what],
          [text, ...details.map((detail) => styled('dim', detail))],
        ),
      );
    },
    fact: (what, text) => write(row([2, columns.fact], ['', what], [text])),
    text: write,
    waiting(text) {
      // Where there is no terminal every start of the spinner is a line.
      if (spinner.isSpinning) spinner.text = text;
      else spinner.start(text);
    },
    quiet: () => void spinner.stop(),
  };
}
