import { sql } from 'kysely';
import type { PersonId } from '@sconce/protocol/ids';
import type { PersonState, Role } from '@sconce/protocol/http';
import type { Person } from '../domain/viewer.ts';
import type { Db, Tx } from './database.ts';

export const personColumns = [
  'people.id', 'people.name', 'people.email', 'people.picture', 'people.role', 'people.state',
] as const;

/** What an issuer says of somebody who has just signed in. */
export type Identity = { issuer: string; subject: string; email: string; name: string; picture: string | null };

export async function findPerson(db: Db, id: PersonId): Promise<Person | undefined> {
  return db.selectFrom('people').select(personColumns).where('id', '=', id).executeTakeFirst();
}

/** Whether this person has been here before. */
export async function isKnown(db: Db, { issuer, subject }: Identity): Promise<boolean> {
  return await db.selectFrom('people').select('id').where('issuer', '=', issuer).where('subject', '=', subject)
    .executeTakeFirst() !== undefined;
}

/** Keeps name, e-mail and picture as the issuer has them; a person not seen before waits for approval as a member. */
export async function upsertPerson(tx: Tx, identity: Identity, at: Date): Promise<Person> {
  const { email, name, picture } = identity;
  return tx.insertInto('people')
    .values({ ...identity, role: 'member', state: 'pending', created_at: at, signed_in_at: at })
    .onConflict((conflict) => conflict.constraint('people_issuer_subject')
      .doUpdateSet({ email, name, picture, signed_in_at: at }))
    .returning(personColumns)
    .executeTakeFirstOrThrow();
}

/** Any number that is ours alone. */
const firstAdminLock = 5_366_001;

/**
 * Whether the household has an admin. Until the transaction ends nobody else is told: two first sign-ins at once make
 * one admin, not two. (A lock on the table would let the two wait for each other, as both have written to it.)
 */
export async function hasAdmin(tx: Tx): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${firstAdminLock})`.execute(tx);
  return await tx.selectFrom('people').select('id').where('role', '=', 'admin').executeTakeFirst() !== undefined;
}

export async function setPerson(db: Db, id: PersonId, change: { role?: Role; state?: PersonState }): Promise<Person> {
  return db.updateTable('people').set(change).where('id', '=', id).returning(personColumns).executeTakeFirstOrThrow();
}
