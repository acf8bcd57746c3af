import { createContext, useContext } from 'react';
import type { SchemaBranches } from './schema-branches.ts';

/** Keys and places that lead to a part of the arguments. */
export type Path = readonly (string | number)[];

/** A typed text that is no value yet. The arguments keep the value before it, and Approve is off. */
export type Unreadable = {
  text: string;
  problem: string;
  /** The branch of the union that the reviewer chose for it. */
  branch?: number | undefined;
};

/** Unreadable texts by the JSON pointer of their field. */
export type UnreadableTexts = { readonly [pointer: string]: Unreadable };

type FormState = {
  branches: SchemaBranches;
  /** Messages by JSON pointer. */
  problems: ReadonlyMap<string, readonly string[]>;
  unreadable: UnreadableTexts;
  hasGroupsByPoint: boolean;
  /** Writes a value, undefined to remove it. It discards the unreadable texts of this part. */
  write: (path: Path, value: unknown, unreadable?: { path: Path; text: Unreadable }) => void;
  /** Keeps the value and notes an unreadable text. */
  keep: (path: Path, unreadable: Unreadable) => void;
};

export const FormContext = createContext<FormState | undefined>(undefined);

export function useForm(): FormState {
  const form = useContext(FormContext);
  if (form === undefined) throw new Error('This field is outside of a form.');
  return form;
}

export function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The unreadable texts without those of this part. */
export function withoutPart(texts: UnreadableTexts, path: Path): UnreadableTexts {
  const pointer = pointerOf(path);
  return Object.fromEntries(Object.entries(texts).filter(([key]) => key !== pointer && !key.startsWith(`${pointer}/`)));
}

/**
 * The id of a field's element. Other characters than letters and digits are spelled out: ids are joined by spaces and
 * `_`.
 */
export function idOf(path: Path): string {
  return ['edit', ...path]
    .map((key) => String(key).replaceAll(/[^\w-]|_/gu, (character) => `.${character.codePointAt(0)!.toString(16)}.`))
    .join('_');
}

/**
 * A copy of the value with one part set, or removed for undefined. Keys keep their order. `order` lists the keys beside
 * the part: a new key stands before the present ones that follow it there.
 */
export function withPart(value: unknown, path: Path, part: unknown, order: readonly string[] = []): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  if (Array.isArray(value)) {
    const copy = [...(value as unknown[])];
    copy[Number(key)] = withPart(copy[Number(key)], rest, part, order);
    return copy;
  }
  const entries = Object.entries<unknown>((value ?? {}) as { [key: string]: unknown });
  const at = entries.findIndex(([name]) => name === key);
  const inner = withPart(at === -1 ? undefined : entries[at]![1], rest, part, order);
  const entry: [string, unknown][] = inner === undefined ? [] : [[String(key), inner]];
  const later = order.includes(String(key)) ? order.slice(order.indexOf(String(key)) + 1) : [];
  const next = rest.length > 0 ? -1 : entries.findIndex(([name]) => later.includes(name));
  const before = at !== -1 ? at : next !== -1 ? next : entries.length;
  // Unlike an assignment, this takes `__proto__` as a key.
  return Object.fromEntries([...entries.slice(0, before), ...entry, ...entries.slice(at === -1 ? before : at + 1)]);
}
