/** The path of the first name that stands twice in one object of a JSON text. Undefined if there is none. */
export function duplicateName(json: string): Array<string | number> | undefined {
  const levels: Level[] = [];
  let at = 0;
  while (at < json.length) {
    const level = levels.at(-1);
    switch (json[at]) {
      case '{':
        levels.push({ names: new Set(), step: '', expectsName: true });
        break;
      case '[':
        levels.push({ names: undefined, step: 0, expectsName: false });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level?.names) level.expectsName = true;
        else if (level) level.step = Number(level.step) + 1;
        break;
      case '"': {
        const end = endOfText(json, at);
        if (level?.names && level.expectsName) {
          level.step = textOf(json.slice(at, end));
          if (level.names.has(level.step)) return levels.map(({ step }) => step);
          level.names.add(level.step);
          level.expectsName = false;
        }
        at = end;
        continue;
      }
      default:
    }
    at += 1;
  }
  return undefined;
}

/** `names`: those of an object so far; undefined for an array. `step`: the present name or index. */
type Level = { names: Set<string> | undefined; step: string | number; expectsName: boolean };

/** The index behind the closing quote of the text that begins at `start`. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

function isEscaped(json: string, quote: number): boolean {
  let backslashes = 0;
  while (json[quote - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

function textOf(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
