import { stripVTControlCharacters, styleText } from 'node:util';
import ora from 'ora';
import wrapAnsi from 'wrap-ansi';

/** Prints the events of the demo as they happen, with the time since the start of a chapter. */
export type Story = {
  /** A heading. The time of the following lines starts here. */
  chapter(title: string, explanation: string): void;
  /** One event with its details. `strong` highlights it. */
  line(what: string, text: string, more?: { strong?: true; details?: readonly string[] }): void;
  /** One fact, without a time. */
  fact(what: string, text: string): void;
  /** Plain text. */
  text(text: string): void;
  /** Shows progress until the next line. */
  waiting(text: string): void;
  /** Ends the progress. */
  quiet(): void;
};

const width = 100;
const columns = { time: 9, what: 18, fact: 26 };
/** Writes to `out`. Progress goes to standard error, with a spinner on a terminal. */
export function createStory(out: NodeJS.WriteStream): Story {
  // ora would switch the terminal to raw mode, where Ctrl-C between two frames is lost.
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
      // Without a terminal every start of the spinner prints a line.
      if (spinner.isSpinning) spinner.text = text;
      else spinner.start(text);
    },
    quiet: () => void spinner.stop(),
  };
}
