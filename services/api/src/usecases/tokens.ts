import type { TokenId } from '@sconce/protocol/ids';
import type { MadeToken, NewToken, Token } from '@sconce/protocol/http';
import { findToken, insertToken, listTokens, revokeToken } from '../db/credentials.ts';
import { Failure } from '../domain/failure.ts';
import { hashSecret, newSecret } from '../domain/secret.ts';
import { requireSession, type Known, type Viewer } from '../domain/viewer.ts';
import { recorded } from './audit.ts';
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
export async function makeToken(context: Context, viewer: Viewer, { name, scopes, days }: NewToken):
  Promise<MadeToken> {
  requireSession(viewer);
  const token = `${tokenPrefix}${newSecret()}`;
  const at = context.now();
  const row = await recorded(context, viewer, async (tx, note) => {
    const row = await insertToken(tx, {
      person_id: viewer.person.id, name, prefix: token.slice(0, shownCharacters), secret_hash: hashSecret(token), scopes,
      created_at: at, expires_at: new Date(at.getTime() + days * day),
    });
    note({ action: 'token.make', target: { kind: 'token', id: row.id, name }, detail: { scopes: scopes.join(' '), days } });
    return row;
  });
  return { ...tokenView(row), token };
}

/** @throws Failure `token_not_found`, `forbidden` for a token */
export async function endToken(context: Context, viewer: Viewer, id: TokenId): Promise<void> {
  requireSession(viewer);
  await recorded(context, viewer, async (tx, note) => {
    const name = await revokeToken(tx, viewer.person.id, id, context.now());
    if (name === undefined) throw new Failure('token_not_found', 'You have no such token.');
    note({ action: 'token.revoke', target: { kind: 'token', id, name } });
  });
  context.feed.end(id);
}

/** Who a bearer token belongs to; undefined if it is unknown, revoked or has ended. */
export async function viewerOfToken({ db, now }: Context, token: string): Promise<Known | undefined> {
  if (!token.startsWith(tokenPrefix)) return undefined;
  const found = await findToken(db, hashSecret(token), now());
  return found && { via: 'token', ...found };
}
