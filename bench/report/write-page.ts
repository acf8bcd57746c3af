import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportPart } from './page.ts';
import { plotsOf } from './plots.ts';
import { withNewer, type Form, type Report } from './report.ts';

/** Folder of the page and its pictures. */
const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Saves a report with those rows of earlier ones that it lacks. @returns the written files. */
export function keepReport(form: Form, report: Report, folder = docs): string[] {
  mkdirSync(join(folder, 'benchmarks'), { recursive: true });
  const reports = withNewer(report, savedReports(form, folder));
  writeFileSync(fileOf(form, folder), `${JSON.stringify(reports, undefined, 1)}\n`);
  return writePage(folder);
}

/** The saved reports of a form, the newest first. */
function savedReports(form: Form, folder: string): Report[] {
  const file = fileOf(form, folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report[]) : [];
}

function fileOf(form: Form, folder: string): string {
  return join(folder, 'benchmarks', `${form}.json`);
}

/**
 * Writes the measured parts of docs/benchmarks.md and its pictures from the saved reports. The text around them stays.
 * @returns the written files. @throws Error if the page lacks the markers of a report.
 */
export function writePage(folder = docs): string[] {
  const pictures = join(folder, 'benchmarks');
  const page = join(folder, 'benchmarks.md');
  for (const old of readdirSync(pictures).filter((name) => name.endsWith('.svg'))) rmSync(join(pictures, old));
  const written: string[] = [];
  let text = readFileSync(page, 'utf8');
  for (const form of ['quick', 'full'] as const) {
    const reports = savedReports(form, folder);
    if (reports.length === 0) continue;
    const plots = plotsOf(form, reports);
    for (const { file: name, svg } of plots) {
      writeFileSync(join(pictures, name), `${svg}\n`);
      written.push(join(pictures, name));
    }
    text = replaced(text, form, reportPart(reports, plots));
  }
  writeFileSync(page, text);
  return [page, ...written];
}

function replaced(text: string, form: Form, part: string): string {
  const [begin, end] = [`<!-- measured: ${form} -->`, `<!-- end of ${form} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`docs/benchmarks.md has no place for the ${form} form: the lines "${begin}" and "${end}".`);
  return `${text.slice(0, from)}${begin}\n\n${part}\n\n${text.slice(to)}`;
}
