import { equalInConstantTime } from '@holdpoint/json/digest';
import { randomBytes, scrypt } from 'node:crypto';

/** Cost of scrypt: memory is 128 · 2^ln · r bytes. */
export type PasswordCost = {
  ln: number;
  r: number;
  p: number;
};

/** OWASP's advice for scrypt with 32 MiB of memory (Password Storage Cheat Sheet). */
export const passwordCost: PasswordCost = { ln: 15, r: 8, p: 3 };

/** A salted scrypt hash with its cost, in the PHC string format: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. */
export async function hashPassword(password: string, cost: PasswordCost): Promise<string> {
  const salt = randomBytes(16);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${encode(salt)}$${encode(await derive(password, salt, cost))}`;
}

/** True if the password matches. Takes as long for an unknown user (`hash` undefined), at today's cost. */
export async function verifyPassword(password: string, hash: string | undefined, cost: PasswordCost): Promise<boolean> {
  const [, ln, r, p, salt = '', expected = ''] =
    /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash ?? '') ?? [];
  const derived = await derive(
    password,
    Buffer.from(salt, 'base64'),
    ln === undefined ? cost : { ln: Number(ln), r: Number(r), p: Number(p) },
  );
  return equalInConstantTime(Buffer.from(expected, 'base64'), derived);
}

function derive(password: string, salt: Buffer, { ln, r, p }: PasswordCost): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

// PHC's base64 has no padding.
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
