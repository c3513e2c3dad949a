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
  if (change.guestUntil) throw invalid('guestUntil', 'Only a guest has an end. Leave it out, or make them a guest.');
  return { role, state, guestUntil: null };
}

/** The end that is asked for, or else the one they have. */
function guestUntil(person: Person, change: PersonChange, state: PersonState, at: Date): Date {
  if (change.guestUntil) {
    const end = new Date(change.guestUntil);
    const minutes = (end.getTime() - at.getTime()) / minuteMs;
    const { min, max } = limits.guestMinutes;
    if (minutes >= min && minutes <= max) return end;
    throw invalid('guestUntil', `A guest's end lies ${min} minutes to ${max / 60 / 24} days ahead.`);
  }
  const kept = change.guestUntil === null ? null : person.guestUntil;
  // Who is let in again after their time was over would be a guest who has ended.
  if (kept === null || (change.state === 'active' && kept <= at && state === 'active')) {
    throw new Failure('guest_needs_end', 'A guest’s access ends by itself: say when, with "guestUntil".',
      { errors: [{ path: 'guestUntil', message: 'is needed' }] });
  }
  return kept;
}

const invalid = (path: string, message: string) =>
  new Failure('invalid_request', `${path}: ${message}`, { errors: [{ path, message }] });
