import type { Me } from '@sconce/protocol/http';
import { computed, signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { asFailure } from '../api/client.ts';
import { paths } from './router.ts';

/** `starting`: not known yet. `unreachable`: not known, since the server cannot be reached. */
export type Session =
  | { kind: 'starting' }
  | { kind: 'unreachable' }
  | { kind: 'signed-out' }
  | { kind: 'deactivated' | 'guest_ended'; me: Me | undefined }
  | { kind: 'pending'; me: Me }
  | { kind: 'active'; me: Me };

export const session = signal<Session>({ kind: 'starting' });
export const isAdmin = computed(() => session.value.kind === 'active' && session.value.me.role === 'admin');

/** Whether a guest's time is over is for the server to say: this device's clock may be wrong. */
export function sessionOf(me: Me): Session {
  return { kind: me.state, me };
}

/** There is nothing to be fetched until the person does something, or somebody for them. */
export const isShutOut = ({ kind }: Session) =>
  kind === 'signed-out' || kind === 'deactivated' || kind === 'guest_ended';

/** @throws {Failure} when the server could not be told: the person is then still signed in. */
export async function signOut() {
  await api.signOut().catch((error: unknown) => {
    // Signed out already, from elsewhere: then all is as it was meant.
    if (asFailure(error).code !== 'not_signed_in') throw error;
  });
  // A fresh page: nothing of this person's stays in memory on a shared tablet.
  location.assign('/');
}

/** The session is over, by itself or ended from elsewhere. As after signing out, nothing of this person's stays. */
export function endHere() {
  location.assign(paths.signedOut);
}
