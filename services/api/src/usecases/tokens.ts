import type { TokenId } from '@sconce/protocol/ids';
import type { MadeToken, NewToken, Token } from '@sconce/protocol/http';
import { findToken, insertToken, listTokens, revokeToken } from '../db/credentials.ts';
import { Failure } from '../domain/failure.ts';
import { hashSecret, newSecret } from '../domain/secret.ts';
import { requireSession, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';
import { tokenView } from './views.ts';

/** So that secret scanners and people recognise one. */
const tokenPrefix = 'sct_';
const shownCharacters = 10;
const day = 86_400_000;

/** @throws Failure `forbidden` for a token: tokens cannot look at tokens */
export async function tokensOf({ db }: Context, viewer: Viewer): Promise<Token[]> {
  requireSession(viewer);
  return (await listTokens(db, viewer.person.id)).map(tokenView);
}

/** @returns the token with its secret, for the only time. @throws Failure `forbidden` for a token */
export async function makeToken({ db, now }: Context, viewer: Viewer, { name, scopes, days }: NewToken):
  Promise<MadeToken> {
  requireSession(viewer);
  const token = `${tokenPrefix}${newSecret()}`;
  const at = now();
  const row = await insertToken(db, {
    person_id: viewer.person.id, name, prefix: token.slice(0, shownCharacters), secret_hash: hashSecret(token), scopes,
    created_at: at, expires_at: new Date(at.getTime() + days * day),
  });
  return { ...tokenView(row), token };
}

/** @throws Failure `token_not_found`, `forbidden` for a token */
export async function endToken({ db, feed, now }: Context, viewer: Viewer, id: TokenId): Promise<void> {
  requireSession(viewer);
  const found = await revokeToken(db, viewer.person.id, id, now());
  if (!found) throw new Failure('token_not_found', 'You have no such token.');
  feed.end(id);
}

/** Who a bearer token belongs to; undefined if it is unknown, revoked or has ended. */
export async function viewerOfToken({ db, now }: Context, token: string): Promise<Viewer | undefined> {
  if (!token.startsWith(tokenPrefix)) return undefined;
  const found = await findToken(db, hashSecret(token), now());
  return found && { via: 'token', ...found };
}
