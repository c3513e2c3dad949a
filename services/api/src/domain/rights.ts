import type { PersonChange, PersonState, Role } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { Failure } from './failure.ts';
import type { Person } from './viewer.ts';

export type Rights = { role: Role; state: PersonState; guestUntil: Date | null };

const minuteMs = 60_000;

/** What a person may be after the change. @throws Failure `invalid_request`, `guest_needs_end` */
export function rightsAfter(person: Person, change: PersonChange, at: Date): Rights {
  if (person.state === 'pending' && change.state === 'active' && change.role === undefined) {
    throw invalid('role', 'Say as what they are let in: with the role "admin", "member" or "guest".');
  }
  const { role = person.role, state = person.state } = change;
  if (role === 'guest') return { role, state, guestUntil: guestUntil(person, change, state, at) };
  return { role, state, guestUntil: endFor(role, change.guestUntil, at) };
}

/**
 * The end that is asked for somebody with this role, as the limits have it.
 * @throws Failure `guest_needs_end`, `invalid_request`
 */
export function endFor(role: Role, asked: string | null | undefined, at: Date): Date | null {
  if (role !== 'guest') {
    if (asked) throw invalid('guestUntil', 'Only a guest has an end. Leave it out, or make them a guest.');
    return null;
  }
  if (!asked) {
    throw new Failure('guest_needs_end', 'A guest’s access ends by itself: say when, with "guestUntil".',
      { errors: [{ path: 'guestUntil', message: 'is needed' }] });
  }
  const end = new Date(asked);
  const minutes = (end.getTime() - at.getTime()) / minuteMs;
  const { min, max } = limits.guestMinutes;
  if (minutes >= min && minutes <= max) return end;
  throw invalid('guestUntil', `A guest's end lies ${min} minutes to ${max / 60 / 24} days ahead.`);
}

const byRank: readonly Role[] = ['guest', 'member', 'admin'];

/** What an invitation makes of somebody: who waits is let in, and nobody loses anything by it. */
export function rightsByInvitation(person: Person, invited: { role: Role; guestUntil: Date | null }): Rights {
  const { role, guestUntil } = invited;
  if (person.state !== 'active' || byRank.indexOf(role) > byRank.indexOf(person.role)) {
    return { role, state: 'active', guestUntil };
  }
  const later = person.role === 'guest' && guestUntil !== null && person.guestUntil !== null
    && guestUntil > person.guestUntil;
  return { role: person.role, state: 'active', guestUntil: later ? guestUntil : person.guestUntil };
}

/** The end that is asked for, or else the one they have. */
function guestUntil(person: Person, change: PersonChange, state: PersonState, at: Date): Date | null {
  const kept = change.guestUntil === undefined ? person.guestUntil : null;
  // Who is let in again after their time was over would be a guest who has ended.
  const over = kept !== null && kept <= at && change.state === 'active' && state === 'active';
  return kept !== null && !over ? kept : endFor('guest', change.guestUntil, at);
}

const invalid = (path: string, message: string) =>
  new Failure('invalid_request', `${path}: ${message}`, { errors: [{ path, message }] });
