import type { Session, Token } from '@sconce/protocol/http';
import type { SessionId, TokenId } from '@sconce/protocol/ids';
import { moment } from './fixtures.ts';

const day = 86_400_000;
const inDays = (days: number) => new Date(moment + days * day + 3_600_000).toISOString();

const phone: Session = {
  id: '8a1c5e0e-3d57-4f0b-9c1e-2b7d4a6f8e01' as SessionId,
  current: false,
  browser: 'Safari on iPhone',
  address: '192.0.2.7',
  createdAt: inDays(-12),
  lastUsedAt: inDays(-2.1),
  expiresAt: inDays(27.9),
};

/** Every state that a session's card can be in. */
export const sessionSamples: { what: string; session: Session; busy?: boolean }[] = [
  { what: 'This device', session: { ...phone, current: true, browser: 'Chrome on Android', lastUsedAt: inDays(0) } },
  { what: 'Another one', session: phone },
  { what: 'Being signed out', session: phone, busy: true },
  { what: 'Long words, the last day', session: {
    ...phone, browser: 'Samsung Internet on Android', address: '2001:db8:85a3:8d3:1319:8a2e:370:7348', expiresAt: inDays(0) } },
];

const script: Token = {
  id: 'c2f0a7d4-6b1e-4a35-8f92-1d3e5b7a9c02' as TokenId,
  name: 'Bedtime script',
  prefix: 'sct_q7Xd2L',
  scopes: ['read', 'switch'],
  createdAt: inDays(-1),
  expiresAt: inDays(89),
  lastUsedAt: new Date(moment - 240_000).toISOString(),
  revokedAt: null,
};

export const tokenSamples: { what: string; token: Token }[] = [
  { what: 'A token', token: script },
  { what: 'A token that was never used', token: { ...script, lastUsedAt: null } },
  { what: 'A revoked token', token: { ...script, revokedAt: inDays(-0.5) } },
];
