import type { Outlet, Right } from '@sconce/protocol/http';
import type { DeviceId, InvitationId, PersonId, ShareId } from '@sconce/protocol/ids';
import type { Invitation, NamedThing, NewInvitation, Share, Thing } from '@sconce/protocol/sharing';
import { computed, type Signal, signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { adoptedDevices } from './devices.ts';
import { byRoom, outlets } from './outlets.ts';

/**
 * Who may use what, and who is invited: for admins, fetched by the pages that show it (and again on `auditNews`, since
 * no event speaks of it, but everything that changes it is in the log). undefined: not fetched yet.
 */
export const shares = signal<Share[]>();
export const invitations = signal<Invitation[]>();

/** @throws {Failure} */
export const loadShares = () => keepLast(shares, api.shares);
/** @throws {Failure} */
export const loadInvitations = () => keepLast(invitations, api.invitations);

const asked = new Map<unknown, number>();

/** Answers may overtake each other: that to the last question counts. */
async function keepLast<T>(into: Signal<T | undefined>, ask: () => Promise<T>) {
  const mine = (asked.get(into) ?? 0) + 1;
  asked.set(into, mine);
  const answer = await ask();
  if (asked.get(into) === mine) into.value = answer;
}

/** For those who are no admins any more. */
export function forgetSharing() {
  shares.value = undefined;
  invitations.value = undefined;
}

export function putShare(share: Share) {
  shares.value = [...(shares.peek() ?? []).filter(({ id }) => id !== share.id), share];
}
export function dropShare(id: ShareId) {
  shares.value = shares.peek()?.filter((share) => share.id !== id);
}
export function putInvitation(invitation: Invitation) {
  invitations.value = [invitation, ...(invitations.peek() ?? []).filter(({ id }) => id !== invitation.id)];
}
export function revoked(id: InvitationId) {
  invitations.value = invitations.peek()?.map((one) => (one.id === id ? { ...one, state: 'revoked' } : one));
}

/** A board and what hangs on it, in the order of the rooms. */
export interface BoardThings { board: NamedThing & { kind: 'device' }; outlets: Outlet[] }

/** Everything that can be shared. */
export const things = computed((): BoardThings[] => adoptedDevices.value.map(({ id, name }) => ({
  board: { kind: 'device', id, name: name ?? '' },
  outlets: byRoom([...outlets.value?.values() ?? []].filter(({ device }) => device.id === id)).flatMap((room) => room.outlets),
})));

export const keyOf = ({ kind, id }: Thing) => `${kind} ${id}`;
/** Without its name, as it is sent. */
export const bare = (thing: NamedThing): Thing =>
  (thing.kind === 'outlet' ? { kind: thing.kind, id: thing.id } : { kind: thing.kind, id: thing.id });
export const outletThing = ({ id, name }: Outlet): NamedThing => ({ kind: 'outlet', id, name });

/** What somebody may do with a thing: by a share of it, and, of an outlet, by one of its board. */
export interface Access { own: Right | undefined; through: Right | undefined }

export function accessOf(rights: ReadonlyMap<string, Right>, thing: Thing, board?: DeviceId): Access {
  return {
    own: rights.get(keyOf(thing)),
    through: board && rights.get(keyOf({ kind: 'device', id: board })),
  };
}

/** The right that holds: the greater of the two. */
export const mayDo = ({ own, through }: Access): Right | undefined =>
  (own === 'manage' || through === 'manage' ? 'manage' : own ?? through);

export const sharesOf = (all: Share[], person: PersonId) => all.filter((share) => share.person.id === person);
export const rightsIn = (list: { thing: Thing; right: Right }[]): ReadonlyMap<string, Right> =>
  new Map(list.map(({ thing, right }) => [keyOf(thing), right]));

/** What was chosen, as it is sent: without the outlets for which the share of their board gives as much. */
export function chosen(all: BoardThings[], rights: ReadonlyMap<string, Right>): NewInvitation['shares'] {
  return all.flatMap(({ board, outlets }) => [board, ...outlets.map(outletThing)].flatMap((thing) => {
    const { own, through } = accessOf(rights, thing, thing.kind === 'outlet' ? board.id : undefined);
    return own && own !== through && through !== 'manage' ? [{ thing: bare(thing), right: own }] : [];
  }));
}
