import { sql } from 'kysely';
import type { PersonId } from '@sconce/protocol/ids';
import type { PersonState, Role } from '@sconce/protocol/http';
import type { Person } from '../domain/viewer.ts';
import type { Db, Tx } from './database.ts';

export const personColumns = [
  'people.id', 'people.name', 'people.email', 'people.picture', 'people.role', 'people.state',
  'people.guest_until as guestUntil',
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
const adminsLock = 5_366_001;

/**
 * Until the transaction ends nobody else may decide who is an admin. (A lock on the table would let two first sign-ins
 * wait for each other, as both have written to it.)
 */
export async function lockAdmins(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${adminsLock})`.execute(tx);
}

/** Whether the household has an admin, under the lock: two first sign-ins at once make one admin, not two. */
export async function hasAdmin(tx: Tx): Promise<boolean> {
  await lockAdmins(tx);
  return await tx.selectFrom('people').select('id').where('role', '=', 'admin').executeTakeFirst() !== undefined;
}

/** Whether somebody else could still let people in, under the lock: it must hold until the change is stored. */
export async function hasOtherAdmin(tx: Tx, except: PersonId): Promise<boolean> {
  await lockAdmins(tx);
  return await tx.selectFrom('people').select('id').where('role', '=', 'admin').where('state', '=', 'active')
    .where('id', '<>', except).executeTakeFirst() !== undefined;
}

const personRows = (db: Db) => db.selectFrom('people')
  .select([...personColumns, 'people.issuer', 'people.created_at', 'people.signed_in_at'])
  .select((eb) => eb.selectFrom('sessions').whereRef('sessions.person_id', '=', 'people.id')
    .select((inner) => inner.fn.max('sessions.last_used_at').as('at')).as('used_at'));

export type PersonRow = Awaited<ReturnType<ReturnType<typeof personRows>['execute']>>[number];

const statesInOrder = sql`array_position(array['pending', 'active', 'deactivated'], people.state)`;

/** Who waits comes first, the longest waiting on top; then by name, those without access last. */
export async function listPeople(db: Db): Promise<PersonRow[]> {
  return personRows(db).orderBy(statesInOrder)
    .orderBy((eb) => eb.case().when('people.state', '=', 'pending').then(eb.ref('people.created_at')).end())
    .orderBy('people.name').orderBy('people.id').execute();
}

export async function findPersonRow(db: Db, id: PersonId): Promise<PersonRow | undefined> {
  return personRows(db).where('people.id', '=', id).executeTakeFirst();
}

export async function setPerson(db: Db, id: PersonId,
  change: { role?: Role; state?: PersonState; guest_until?: Date | null }): Promise<Person> {
  return db.updateTable('people').set(change).where('id', '=', id).returning(personColumns).executeTakeFirstOrThrow();
}
