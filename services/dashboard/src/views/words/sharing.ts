import type { Person, Right } from '@sconce/protocol/http';
import type { Invitation, NamedThing, Offer } from '@sconce/protocol/sharing';
import type { Failure } from '../../api/client.ts';
import type { Access } from '../../state/sharing.ts';
import { at, standing } from './person.ts';
import { when } from './times.ts';

export const rightWords: Record<Right, string> = { use: 'May switch', manage: 'May change too' };

/** "the whole Hall board", "Hall lamp". */
export const thingWords = ({ kind, name }: NamedThing) => (kind === 'device' ? `the whole ${name}` : name);

const list = new Intl.ListFormat('en-GB');

/** "Hall lamp and the whole Hall board (to change as well)"; undefined when it is nothing. */
export function sharedWords(shares: { thing: NamedThing; right: Right }[]): string | undefined {
  if (shares.length === 0) return undefined;
  const words = shares.map(({ thing, right }) => `${thingWords(thing)}${right === 'manage' ? ' (to change as well)' : ''}`);
  return capital(list.format(words));
}

/** What can be chosen for somebody and a thing. A share that gives no more than that of its board is not offered. */
export function rightChoices({ own, through }: Access): { value: Right | 'none'; label: string }[] {
  const choices = [
    { value: 'none' as const, label: through ? 'As the board' : 'Not shared' },
    { value: 'use' as const, label: rightWords.use },
    { value: 'manage' as const, label: rightWords.manage },
  ];
  return choices.filter(({ value }) => !through || value === 'none' || value === own || (through === 'use' && value === 'manage'));
}

/** Said where the share of the whole board decides. */
export function throughWords({ own, through }: Access): string | undefined {
  if (!through || (own === 'manage' && through === 'use')) return undefined;
  return through === 'manage' ? `${rightWords.manage}, through the whole board` : rightWords.use;
}

/** What has come of a choice, for those who do not see it: "Gwen may switch Hall lamp." */
export function givenWords(person: string, thing: NamedThing, right: Right | undefined): string {
  if (!right) return `${capital(thingWords(thing))} is no longer shared with ${person}.`;
  return `${person} may ${right === 'use' ? 'switch' : 'switch and change'} ${thingWords(thing)}.`;
}

/** "Olive and Maya may use it anyway, as admins." */
export const adminsWords = (admins: Pick<Person, 'name'>[]) =>
  `${list.format(admins.map(({ name }) => name))} may use it anyway, as ${admins.length === 1 ? 'an admin' : 'admins'}.`;

type Ends = Pick<Invitation, 'expiresAt' | 'guestUntil'>;

/** A link lets nobody in for a stay that is over. */
const linkEnd = ({ expiresAt, guestUntil }: Ends) => (guestUntil && guestUntil < expiresAt ? guestUntil : expiresAt);

export const isOpen = ({ state, ...ends }: Pick<Invitation, 'state'> & Ends, now: number) =>
  state === 'open' && Date.parse(linkEnd(ends)) > now;

/** How an invitation stands. */
export function invitationLife(invitation: Invitation, now: number): string {
  const { state, usedAt, usedBy, createdBy } = invitation;
  const end = linkEnd(invitation);
  switch (state) {
    case 'open':
      return isOpen(invitation, now) ? `The link works until ${at(end, now)}.` : 'Nobody used it in time.';
    case 'used': return `Used${usedBy ? ` by ${usedBy}` : ''}${usedAt ? `, ${when(usedAt, now)}` : ''}.`;
    case 'ended':
      return Date.parse(end) > now ? `Ended: ${createdBy} is no admin any more.` : 'Nobody used it in time.';
    case 'revoked': return 'Taken back.';
  }
}

/** What it gives: "Guest until Monday at 04:00. Hall lamp and the whole Hall board." */
export function invitationGives({ role, guestUntil, shares }: Pick<Offer, 'role' | 'guestUntil' | 'shares'>, now: number): string {
  const what = role === 'admin' ? 'May use everything' : sharedWords(shares) ?? 'Nothing is shared with them yet';
  return `${standing({ role, guestUntil }, now)}. ${what}.`;
}

/** As what somebody is invited, told to them. */
export function offerWords({ role, guestUntil }: Pick<Offer, 'role' | 'guestUntil'>, now: number): string {
  switch (role) {
    case 'admin': return 'You are invited as an admin: you may use and change everything in this household.';
    case 'member': return 'You are invited as a member of this household.';
    case 'guest': return `You are invited as a guest${guestUntil ? `, until ${at(guestUntil, now)}` : ''}.`;
  }
}

/** What an opened link that offers nothing is about, and what to do. `again`: asking once more may help. */
export interface OfferTrouble { title: string; words: string; signIn?: boolean; again?: boolean }

const troubles: Record<string, OfferTrouble> = {
  invitation_used: {
    title: 'This invitation has been used', signIn: true,
    words: 'Each link works once. If it was you who used it, sign in. If not, tell whoever sent it, and ask for a new one.',
  },
  invitation_ended: {
    title: 'This invitation has ended', words: 'The link can’t be used any more. Ask whoever sent it for a new one.',
  },
  invitation_revoked: {
    title: 'This invitation was taken back', words: 'If that is a surprise, ask whoever sent it.',
  },
  invitation_not_found: {
    title: 'This link leads nowhere',
    words: 'There is no such invitation here. Open the whole link from the message once more, or ask for a new one.',
  },
};

/** A link that was cut off, or opened anew from the history, where its secret is not kept. */
const cutOff: OfferTrouble = {
  title: 'This link is not whole',
  words: 'Open it once more from the message that it came in. If that does not help, ask for a new one.',
};

export function offerTrouble({ code, detail }: Pick<Failure, 'code' | 'detail'>): OfferTrouble {
  if (code === 'invalid_request') return cutOff;
  const known = Object.hasOwn(troubles, code) ? troubles[code] : undefined;
  return known ?? { title: 'The invitation could not be read', words: detail, again: true };
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
