import type { Scope, Token } from '@sconce/protocol/http';
import { ago, count, daysLeft, when } from './times.ts';

/** What each scope lets a script do, as a button says it. */
export const scopeWords: Record<Scope, string> = { read: 'See', switch: 'Switch', manage: 'Manage' };

/** "May see and switch". */
export const mayWords = ({ scopes }: Token) =>
  `May ${new Intl.ListFormat('en-GB').format(scopes.map((scope) => (scopeWords[scope] ?? scope).toLowerCase()))}`;

export const ended = (token: Token, now: number) => token.revokedAt !== null || Date.parse(token.expiresAt) <= now;

/** "Ends in 89 days.", "Revoked yesterday, 14:02." */
export function tokenLife(token: Token, now: number): string {
  if (token.revokedAt) return `Revoked ${when(token.revokedAt, now)}.`;
  const days = daysLeft(token.expiresAt, now);
  if (days < 0) return `Ended ${when(token.expiresAt, now)}.`;
  return days === 0 ? 'Ends today.' : `Ends in ${count(days, 'day')}.`;
}

export const tokenUse = ({ lastUsedAt }: Token, now: number) =>
  (lastUsedAt ? `Last used ${ago(lastUsedAt, now)}.` : 'Never used.');
