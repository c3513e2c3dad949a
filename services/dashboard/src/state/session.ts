import type { Me } from '@sconce/protocol/http';
import { computed, signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { paths } from './router.ts';

/** `starting`: not known yet. `unreachable`: not known, since the server cannot be reached. */
export type Session =
  | { kind: 'starting' }
  | { kind: 'unreachable' }
  | { kind: 'signed-out' }
  | { kind: 'deactivated'; me: Me | undefined }
  | { kind: 'pending'; me: Me }
  | { kind: 'active'; me: Me };

export const session = signal<Session>({ kind: 'starting' });
export const isAdmin = computed(() => session.value.kind === 'active' && session.value.me.role === 'admin');

export function sessionOf(me: Me): Session {
  return { kind: me.state, me };
}

/** @throws {Failure} when the server could not be told: the person is then still signed in. */
export async function signOut() {
  await api.signOut();
  // A fresh page: nothing of this person's stays in memory on a shared tablet.
  location.assign('/');
}

/** The session is over, by itself or ended from elsewhere. As after signing out, nothing of this person's stays. */
export function endHere() {
  location.assign(paths.signedOut);
}
