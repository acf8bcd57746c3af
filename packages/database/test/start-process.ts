import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of these tests and its next lines of output. */
export type TestProcess = { child: ChildProcess; tell(line: string): void; nextLine(): Promise<string> };

export function startProcess(program: string, ...parameters: string[]): TestProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    tell: (line) => void child.stdin.write(`${line}\n`),
    async nextLine() {
      const { done, value } = await lines.next();
      if (done) throw new Error(`${program} has ended.`);
      return value;
    },
  };
}
