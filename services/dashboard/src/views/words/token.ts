import type { Scope, Token } from '@sconce/protocol/http';
import { ago, ends, when } from './times.ts';

/** What each scope lets a script do, as a button says it. */
export const scopeWords: Record<Scope, string> = { read: 'See', switch: 'Switch', manage: 'Manage' };

/** "May see and switch". */
export const mayWords = ({ scopes }: Token) =>
  `May ${new Intl.ListFormat('en-GB').format(scopes.map((scope) => (scopeWords[scope] ?? scope).toLowerCase()))}`;

export const ended = (token: Token, now: number) => token.revokedAt !== null || Date.parse(token.expiresAt) <= now;

/** "Ends in 89 days.", "Revoked yesterday, 14:02." */
export function tokenLife(token: Token, now: number): string {
  return token.revokedAt ? `Revoked ${when(token.revokedAt, now)}.` : ends(token.expiresAt, now);
}

export const tokenUse = ({ lastUsedAt }: Token, now: number) =>
  (lastUsedAt ? `Last used ${ago(lastUsedAt, now)}.` : 'Never used.');
