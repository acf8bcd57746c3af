/** Message `Parse` of PostgreSQL's protocol: length, name, text. */
const parse = /P[^]{4}(h\d+_[0-9a-f]{32})\0([^\0]*)\0/g;
/** Message `Bind`: length, portal, name. */
const bind = /B[^]{4}[^\0]*\0(h\d+_[0-9a-f]{32})\0/g;

/** Knows the texts of prepared statements. A name stands for one text in all connections. */
export class StatementTexts {
  readonly #texts = new Map<string, string>();

  /** To be called with all that clients send. */
  note(bytes: Buffer): void {
    for (const [, name, text] of bytes.toString('latin1').matchAll(parse)) this.#texts.set(name!, text!);
  }

  /** The bytes as text, with the texts of the statements that they execute by name. */
  written(bytes: Buffer): string {
    const sent = bytes.toString('latin1');
    return [sent, ...Array.from(sent.matchAll(bind), ([, name]) => this.#texts.get(name!) ?? '')].join('\n');
  }
}
