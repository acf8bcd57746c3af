import { styleText } from 'node:util';
import Table from 'cli-table3';
import ora from 'ora';

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
const columns = { time: 9, what: 20 };
const noBorders = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' };

/** Writes to `out`; what is under way goes to standard error, as a spinner if that is a terminal. */
export function createStory(out: NodeJS.WriteStream): Story {
  const spinner = ora({ stream: process.stderr, indent: 2 });
  const styled = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream: out });
  let began = performance.now();
  const write = (text: string) => {
    if (spinner.isSpinning) spinner.stop();
    out.write(`${text}\n`);
  };
  const row = (widths: number[], cells: string[]) => {
    const last = Math.max(30, Math.min(out.columns ?? width, width) - widths.reduce((sum, one) => sum + one, 0));
    const table = new Table({ chars: noBorders, colWidths: [...widths, last], wordWrap: true, style: { compact: true, 'padding-left': 0, 'padding-right': 1, head: [], border: [] } });
    table.push(cells);
    return table.toString().replaceAll(/[ ]+$/gm, '');
  };
  return {
    chapter(title, explanation) {
      began = performance.now();
      write(`\n${styled('bold', title)}\n${styled('dim', explanation)}`);
    },
    line(what, text, { strong, details = [] } = {}) {
      const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`.padStart(7);
      write(row([columns.time, columns.what], [styled('dim', seconds), strong ? styled(['bold', 'yellow'], what) : what, [text, ...details.map((detail) => styled('dim', detail))].join('\n')]));
    },
    fact: (what, text) => write(row([2, 27], ['', what, text])),
    text: write,
    waiting(text) {
      // Where there is no terminal every start of the spinner is a line.
      if (spinner.isSpinning) spinner.text = text;
      else spinner.start(text);
    },
    quiet: () => void spinner.stop(),
  };
}
