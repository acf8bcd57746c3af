/** Payload keys of tests. The recorded histories in test/replay/histories/encrypted have the first one. */
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');

export const oldKey = { id: 'old', key: keyOf(1) };
export const newKey = { id: 'new', key: keyOf(2) };
/** A key with the same id and another value. */
export const otherValueOf = ({ id }: { id: string }) => ({ id, key: keyOf(3) });
