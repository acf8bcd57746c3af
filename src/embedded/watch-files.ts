import { unwatchFile, watchFile } from 'node:fs';

/** Watches files by path, which also notices editors that replace a file. */
export type FileWatch = {
  /** Replaces the watched files. */
  set(files: readonly string[]): void;
  close(): void;
};

/** Calls `onChange` once for a series of changes, `quietMs` after the last one. */
export function watchFiles(onChange: (file: string) => void, { everyMs = 300, quietMs = 200 } = {}): FileWatch {
  const watched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const listenerOf = (file: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(file), quietMs);
  };
  const listeners = new Map<string, () => void>();
  const remove = (file: string) => {
    unwatchFile(file, listeners.get(file));
    listeners.delete(file);
    watched.delete(file);
  };
  return {
    set(files) {
      for (const file of watched) if (!files.includes(file)) remove(file);
      for (const file of files) {
        if (watched.has(file)) continue;
        const listener = () => listenerOf(file);
        watched.add(file);
        listeners.set(file, listener);
        watchFile(file, { interval: everyMs, persistent: false }, listener);
      }
    },
    close() {
      clearTimeout(timer);
      for (const file of watched) remove(file);
    },
  };
}
