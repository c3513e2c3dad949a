import type { AuditAction, AuditEntry } from '@sconce/protocol/audit';
import { clockTime } from './times.ts';

/** What the page can be narrowed to, and the actions that are meant. */
export const kinds = {
  switching: { label: 'Switching', actions: ['outlet.switch', 'device.identify', 'radio.learn', 'radio.transmit'] },
  things: { label: 'Outlets and boards', actions: ['outlet.add', 'outlet.change', 'outlet.remove', 'device.appear',
    'device.adopt', 'device.rename', 'device.remove', 'scene.add', 'scene.change', 'scene.remove'] },
  certificates: { label: 'Certificates', actions: ['device.revoke', 'device.renew', 'device.renew_refused', 'authority.rotate'] },
  people: { label: 'People', actions: ['person.join', 'person.approve', 'person.refuse', 'person.role',
    'person.deactivate', 'person.reactivate', 'person.end_at', 'share.give', 'share.change', 'share.end',
    'invitation.make', 'invitation.revoke', 'invitation.use'] },
  signIns: { label: 'Sign-ins', actions: ['session.begin', 'session.end', 'session.end_others', 'sign_in.refused'] },
  tokens: { label: 'Tokens', actions: ['token.make', 'token.revoke'] },
} satisfies Record<string, { label: string; actions: AuditAction[] }>;
export type Kind = keyof typeof kinds;

/** "Olive switched Hall lamp on". A newer server may write actions that this page does not know. */
export function sentence(entry: AuditEntry): string {
  const words = sentences[entry.action] as ((entry: Entry) => string) | undefined;
  const subject = who(entry);
  const what = { ...entry, who: subject, name: entry.target?.name ?? nameless[entry.target?.kind ?? ''] ?? 'something' };
  return words?.(what) ?? `${subject}: ${entry.action}${entry.target?.name ? `, ${entry.target.name}` : ''}`;
}

type Entry = AuditEntry & { who: string; name: string };

const nameless: Record<string, string> = {
  outlet: 'an outlet', device: 'a board', scene: 'a scene', person: 'somebody', session: 'a session', token: 'a token',
  invitation: 'somebody',
};

export function who({ actor }: AuditEntry): string {
  switch (actor.kind) {
    case 'person': return actor.name ?? 'Somebody';
    case 'token': return `${actor.name ?? 'Somebody'}’s ${actor.token ?? 'script'}`;
    case 'schedule': return 'The schedule';
    case 'remote': return 'The hand remote';
    case 'board': return 'A board';
    case 'system': return 'Sconce';
  }
}

const toward = ({ outcome }: AuditEntry) => (outcome === 'done' || outcome === 'transmitted');
const to = ({ detail }: AuditEntry) => (detail.name === undefined ? '' : ` to ${String(detail.name)}`);
const as = ({ detail }: AuditEntry) => (detail.role === undefined ? '' : ` as ${String(detail.role)}`);
const withWhom = ({ detail }: AuditEntry) => (detail.person === undefined ? '' : ` with ${String(detail.person)}`);

/** What only toggles was switched, and nobody knows to what. */
const how = ({ detail }: AuditEntry) => (detail.on === null ? '' : detail.on ? ' on' : ' off');

const sentences: Record<AuditAction, (entry: Entry) => string> = {
  'outlet.switch': (e) => `${e.who} ${toward(e) ? 'switched' : 'tried to switch'} ${e.name}${how(e)}`,
  'outlet.add': (e) => `${e.who} added ${e.name}`,
  'outlet.change': (e) => `${e.who} ${e.detail.name === undefined ? 'changed' : 'renamed'} ${e.name}${to(e)}`,
  'outlet.remove': (e) => `${e.who} removed ${e.name}`,
  'device.appear': () => 'A new board connected',
  'device.adopt': (e) => `${e.who} adopted ${e.name}`,
  'device.rename': (e) => `${e.who} renamed ${e.name}${to(e)}`,
  'device.remove': (e) => `${e.who} removed ${e.name}`,
  // Whoever does it on the server itself has no name here.
  'device.revoke': (e) => (e.actor.kind === 'system' ? `${e.name} was revoked on the server`
    : `${e.who} ${toward(e) ? 'revoked' : 'tried to revoke'} ${e.name}`),
  'device.renew': (e) => `${e.name} ${toward(e) ? 'has a new certificate' : 'did not take its new certificate'}`,
  'device.renew_refused': (e) => `${e.name} asked for a certificate that it may not have`,
  'authority.rotate': () => 'An authority was changed',
  'device.identify': (e) => `${e.who} ${toward(e) ? 'made' : 'tried to make'} ${e.name} blink`,
  'scene.add': (e) => `${e.who} made the scene ${e.name}`,
  'scene.change': (e) => `${e.who} ${e.detail.name === undefined ? 'changed' : 'renamed'} the scene ${e.name}${to(e)}`,
  'scene.remove': (e) => `${e.who} removed the scene ${e.name}`,
  'radio.learn': (e) => `${e.who} ${toward(e) ? 'had' : 'tried to have'} ${e.name} listen for remotes`,
  'radio.transmit': (e) => `${e.who} ${toward(e) ? 'sent' : 'tried to send'} a code by ${e.name}`,
  'person.join': (e) => `${e.name} signed in for the first time`,
  'person.approve': (e) => `${e.who} let ${e.name} in${as(e)}`,
  'person.refuse': (e) => `${e.who} did not let ${e.name} in`,
  'person.role': (e) => `${e.who} changed what ${e.name} may do${as(e)}`,
  'person.deactivate': (e) => `${e.who} ended ${e.name}’s access`,
  'person.reactivate': (e) => `${e.who} gave ${e.name} access again`,
  'person.end_at': (e) => `${e.who} set when ${e.name}’s access ends`,
  'share.give': (e) => `${e.who} shared ${e.name}${withWhom(e)}`,
  'share.change': (e) => `${e.who} changed how ${e.name} is shared${withWhom(e)}`,
  'share.end': (e) => `${e.who} stopped sharing ${e.name}${withWhom(e)}`,
  'invitation.make': (e) => `${e.who} invited ${e.name}${as(e)}`,
  'invitation.revoke': (e) => `${e.who} took back the invitation for ${e.name}`,
  'invitation.use': (e) => `${e.who} used the invitation for ${e.name}`,
  'session.begin': (e) => `${e.who} signed in`,
  'session.end': (e) => `${e.who} signed out`,
  'session.end_others': (e) => `${e.who} signed out everywhere else`,
  'sign_in.refused': () => 'Somebody could not sign in',
  'token.make': (e) => `${e.who} made the token ${e.name}`,
  'token.revoke': (e) => `${e.who} revoked the token ${e.name}`,
  'audit.prune': (e) => `Old entries were removed: ${Number(e.detail.entries ?? 0)}`,
};

const outcomes: Record<AuditEntry['outcome'], string | undefined> = {
  done: undefined, transmitted: 'sent', expired: 'no answer in time', offline: 'the board was offline',
  refused: 'refused', failed: 'the board could not do it',
};

/** "14:02 · sent in 31 ms". */
export function circumstances({ at, outcome, detail, address }: AuditEntry): string {
  const sent = outcome === 'transmitted' && typeof detail.ms === 'number'
    ? `sent in ${Math.max(1, Math.round(detail.ms))} ms` : outcomes[outcome];
  const from = outcome === 'refused' && address !== null ? `from ${address}` : undefined;
  const heard = typeof detail.heardBy === 'string' ? `heard by ${detail.heardBy}` : undefined;
  return [clockTime(at), sent, from, heard].filter(Boolean).join(' · ');
}

/** Whether something did not happen as it was meant. */
export const wentWrong = ({ outcome }: AuditEntry) => outcome !== 'done' && outcome !== 'transmitted';
