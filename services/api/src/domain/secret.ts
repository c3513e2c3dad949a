import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, to be kept by the one who gets them; we keep the hash. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hexadecimal. A slow hash is for what people invent; 256 random bits cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
