import { createHash, createHmac, randomBytes } from 'node:crypto';

/** 256 random bits, to be kept by the one who gets them; we keep the hash. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hexadecimal. A slow hash is for what people invent; 256 random bits cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * The secret that takes another one's place. Derived, so that each of several requests at once that show the old one
 * is given the same new one, without our keeping either; it takes the old one and the salt to know it.
 */
export const secretAfter = (secret: string, salt: string): string =>
  createHmac('sha256', salt).update(secret).digest('base64url');
