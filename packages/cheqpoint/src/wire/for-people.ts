import { z } from 'zod';

/** Text for people. NUL becomes U+FFFD, because PostgreSQL can't store NUL in text. */
export const forPeople = z.string().transform((text) => text.replaceAll('\0', '\uFFFD'));
