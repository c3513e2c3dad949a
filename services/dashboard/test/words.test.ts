import t from 'tap';
import { auditActions } from '@sconce/protocol/audit';
import { Failure } from '../src/api/client.ts';
import type { Attempt } from '../src/state/outlets.ts';
import { auditSamples, moment, outletSamples } from '../src/views/design-page/fixtures.ts';
import { sessionSamples, tokenSamples } from '../src/views/design-page/key-fixtures.ts';
import { accessSamples, invitationSamples, offerSamples, open } from '../src/views/design-page/sharing-fixtures.ts';
import { circumstances, kinds, sentence } from '../src/views/words/audit.ts';
import { certificate, signalWords } from '../src/views/words/device.ts';
import { outcomeWords, settled, stateWords, summary, troubleWords } from '../src/views/words/outlet.ts';
import { at as atTime, endOf, standing, type Stay } from '../src/views/words/person.ts';
import { sessionStart, sessionUse } from '../src/views/words/session.ts';
import {
  adminsWords, givenWords, invitationGives, invitationLife, isOpen, offerTrouble, offerWords, rightChoices, throughWords,
} from '../src/views/words/sharing.ts';
import { signInLabel, signInTrouble } from '../src/views/words/sign-in.ts';
import { ago, count, dayWords, when } from '../src/views/words/times.ts';
import { tokenLife, tokenUse } from '../src/views/words/token.ts';

const lamp = outletSamples[0]!.outlet;
const at = (day: number, hour: number, minute: number) => new Date(2026, 10, day, hour, minute).toISOString();
const outlet = (state: Partial<typeof lamp.state>, device: Partial<typeof lamp.device> = {}) =>
  ({ ...lamp, state: { ...lamp.state, at: at(23, 14, 2), ...state }, device: { ...lamp.device, ...device } });

t.test('a tile never says more than is known', async (t) => {
  const off = { online: false, since: at(23, 14, 2) };
  const failure = new Failure({ code: 'device_offline', status: 409, detail: '' });
  const cases: [words: string, outlet: typeof lamp, attempt?: Attempt][] = [
    ['Switched on, 14:02', outlet({})],
    ['Switched off, 14:02', outlet({ on: false })],
    ['Switched on by the remote, 14:02', outlet({ source: 'remote' })],
    ['On, 14:02', outlet({ certainty: 'confirmed' })],
    ['Not switched yet', outlet({ on: null, source: null, at: null })],
    ['Hall board has been offline since 14:02', outlet({}, off)],
    ['Hall board is not connected', outlet({}, { online: false, since: null })],
    ['Switched on, 14:02', outlet({}, off), { phase: 'failed', on: true, failure }],
    ['Switched over, 14:02', outlet({ on: null })],
    ['Waiting its turn…', outlet({}), { phase: 'waiting', on: true }],
    ['Sending…', outlet({}), { phase: 'busy', on: true }],
    ['Sent in 31 ms', outlet({}), { phase: 'sent', on: true, ms: 31.4 }],
    ['Sent in 1 ms', outlet({}), { phase: 'sent', on: true, ms: 0.3 }],
    ['Done in 4 ms', outlet({ certainty: 'confirmed' }), { phase: 'sent', on: true, ms: 4 }],
  ];
  for (const [words, outlet, attempt] of cases) t.equal(stateWords(outlet, attempt, moment), words);
  t.equal(settled(outlet({}, off), moment), 'Switched on, 14:02', 'the details tell the state of an offline one, too');
});

t.test('what happened, in sentences', (t) => {
  t.same(auditSamples.map((entry) => `${sentence(entry)} · ${circumstances(entry)}`), [
    'Maya switched Hall lamp on · 18:04 · sent in 31 ms',
    'Maya tried to switch Hall lamp off · 17:58 · the board was offline',
    'The hand remote switched Hall lamp on · 17:55 · heard by Hall board',
    'Maya’s Doorbell switched Hall lamp on · 16:20 · sent in 31 ms',
    'Somebody could not sign in · 12:01 · refused · from 192.0.2.7',
    'Maya renamed Hall lamp to Reading lamp · 09:41',
    'Maya invited Gwen as guest · 09:12',
    'Maya let Ned in as member · 19:30',
  ]);
  const newer = { ...auditSamples[0]!, action: 'outlet.dim' as 'outlet.switch' };
  t.equal(sentence(newer), 'Maya: outlet.dim, Hall lamp', 'an action of a newer server');
  const filtered = new Set<string>(Object.values(kinds).flatMap(({ actions }) => actions));
  t.same(auditActions.filter((action) => !filtered.has(action)), ['audit.prune'], 'every other action is of some kind');
  t.equal(dayWords(at(22, 9, 0), moment), 'Yesterday');
  t.equal(dayWords(at(3, 9, 0), moment), 'Tuesday 3 November');
  t.end();
});

t.test('a failure says what is wrong and what to do', async (t) => {
  const cases: [code: string, words: RegExp, device?: Partial<typeof lamp.device>][] = [
    ['device_offline', /^Hall board has been offline since 14:02\. Check/, { online: false, since: at(23, 14, 2) }],
    ['device_offline', /^Hall board is offline\. Check/],
    ['command_expired', /^No answer from Hall board within 4 s\. It will not switch on later/],
    ['broker_unreachable', /Nothing was sent/],
    ['unreachable', /^No answer from your Sconce server\. Perhaps it was switched on/],
    ['command_refused', /^The server’s own words\.$/],
    ['of_a_newer_server', /^The server’s own words\.$/],
  ];
  for (const [code, words, device] of cases) {
    const failure = new Failure({ code, status: 409, detail: 'The server’s own words.' });
    t.match(troubleWords(outlet({}, device), { on: true, failure }, moment), words, code);
  }
});

t.test('every outcome has words', async (t) => {
  for (const outcome of ['transmitted', 'expired', 'offline', 'refused', 'failed', null] as const) {
    t.match(outcomeWords(lamp, { ...lamp.lastCommand!, outcome }), /^[A-Z]/, String(outcome));
  }
});

t.test('the house in three words', async (t) => {
  const on = outlet({});
  const off = outlet({ on: false });
  t.equal(summary([on, off, on]), 'Two switched on');
  t.equal(summary([off, off]), 'Nothing switched on');
  t.equal(summary([on, on]), 'Everything switched on');
  t.equal(summary([on]), 'One switched on');
  t.equal(summary([off, ...Array.from({ length: 13 }, () => on)]), '13 switched on');
});

t.test('times are told as people tell them', async (t) => {
  const cases: [time: string, when: string][] = [
    [at(23, 14, 2), '14:02'],
    [at(22, 23, 59), 'yesterday, 23:59'],
    [at(19, 8, 0), 'Thursday, 08:00'],
    [at(3, 8, 0), '3 November'],
    [new Date(2025, 2, 3).toISOString(), '3 March 2025'],
    [at(24, 1, 0), '01:00'],
  ];
  for (const [time, words] of cases) t.equal(when(time, moment), words);
  t.equal(ago(at(23, 18, 30), moment), 'just now');
  t.equal(ago(at(23, 18, 29), moment), '1 minute ago');
  t.equal(ago(at(23, 14, 2), moment), '4 hours ago');
  t.equal(ago(at(20, 14, 2), moment), '3 days ago');
  t.equal(count(1, 'outlet'), '1 outlet');
});

t.test('a guest’s stay ends when its words say, and never before it begins', async (t) => {
  const when = (day: number, hour: number, minute = 0, month = 10) => new Date(2026, month, day, hour, minute).getTime();
  const monday = when(23, 18, 30);
  const cases: [why: string, stay: Stay, now: number, end: number, words: string][] = [
    ['tonight goes on past midnight', 'tonight', monday, when(24, 4), 'tomorrow at 04:00'],
    ['after midnight it is the same night', 'tonight', when(24, 1), when(24, 4), 'today at 04:00'],
    ['a night that is nearly over is not meant', 'tonight', when(24, 3, 30), when(25, 4), 'tomorrow at 04:00'],
    ['the weekend to come', 'weekend', monday, when(30, 4), '30 November at 04:00'],
    ['the weekend that is', 'weekend', when(29, 12), when(30, 4), 'tomorrow at 04:00'],
    ['a week', 'week', monday, when(30, 18, 30), '30 November at 18:30'],
  ];
  for (const [why, stay, now, end, words] of cases) {
    t.equal(endOf(stay, now), end, why);
    t.equal(atTime(new Date(end).toISOString(), now), words, why);
  }
  t.equal(endOf('date', monday, '2026-12-05'), when(5, 23, 59, 11), 'the day itself is included');
  for (const date of ['', '5.12.', '2026-12']) t.equal(endOf('date', monday, date), undefined, `"${date}" is no day`);
  t.equal(atTime(new Date(when(26, 9)).toISOString(), monday), 'Thursday at 09:00');
  const standings: [guestUntil: number | undefined, words: string][] = [
    [undefined, 'Member'], [when(24, 4), 'Guest until tomorrow at 04:00'], [when(22, 18), 'Guest, ended yesterday at 18:00'],
  ];
  for (const [end, words] of standings) {
    const guestUntil = end === undefined ? null : new Date(end).toISOString();
    t.equal(standing({ role: guestUntil ? 'guest' : 'member', guestUntil }, monday), words);
  }
});

t.test('certificates speak up at 60 and 7 days', async (t) => {
  const inDays = (days: number) => new Date(moment + days * 86_400_000).toISOString();
  for (const [days, urgency, words] of [
    [61, 'fine', '61 days left'], [60, 'due', '60 days left'], [8, 'due', '8 days left'],
    [7, 'urgent', '7 days left'], [1, 'urgent', '1 day left'],
    [0.5, 'urgent', 'Ends today'], [-1, 'urgent', /^Ended/],
  ] as const) t.match(certificate(inDays(days), moment), { urgency, words }, `${days} days`);
  t.equal(signalWords(-58), 'Strong, −58 dBm');
  t.equal(signalWords(-81), 'Poor, −81 dBm');
});

t.test('a failed sign-in says why, and no address bar puts words in our mouth', async (t) => {
  for (const [code, ...words] of [
    ['sign_in_denied', /called the sign-in off/, /sign in again/],
    ['sign_in_expired', /took too long/, /sign in again/],
    ['clock_wrong', /clock seems to be wrong/, /set its clock/],
    ['issuer_refused', /not set up rightly/, /whoever looks after the server has to mend it/],
    ['issuer_unknown', /Choose one of the ways below/],
    ['issuer_unreachable', /can’t reach the service/, /Try again in a minute/],
    ['database_unreachable', /can’t reach its database/, /try again in a minute/],
    ['sign_in_failed', /Please try again/],
    ['not_signed_in', /signed out here/],
  ] as const) for (const one of words) t.match(signInTrouble(code), one, code);
  t.match(signInTrouble('something_new'), /something_new/);
  t.notMatch(signInTrouble('<b>Call +44 1234</b>'), /<|\d/);
});

t.test('a choice of ways to sign in names them, and one way needs no name', async (t) => {
  const google = { id: 'first', name: 'Google' };
  const both = [google, { id: 'family', name: 'The family' }];
  t.equal(signInLabel(google, [google]), 'Sign in');
  t.strictSame(both.map((one) => signInLabel(one, both)), ['Sign in with Google', 'Sign in with The family']);
});

t.test('browsers and tokens tell their life in the same words', async (t) => {
  const [here, phone, , last] = sessionSamples.map(({ session }) => session);
  t.equal(sessionUse(here!, moment), 'In use now.');
  t.equal(sessionUse(phone!, moment), 'Last used 2 days ago. Ends in 27 days.');
  t.equal(sessionUse(last!, moment), 'Last used 2 days ago. Ends today.');
  t.equal(sessionStart({ ...phone!, createdAt: at(22, 14, 2) }, moment), 'Signed in yesterday, 14:02, from 192.0.2.7.');
  const [used, unused, revoked] = tokenSamples.map(({ token }) => `${tokenUse(token, moment)} ${tokenLife(token, moment)}`);
  t.equal(used, 'Last used 4 minutes ago. Ends in 89 days.');
  t.equal(unused, 'Never used. Ends in 89 days.');
  t.match(revoked, /Revoked/);
});

t.test('a share says what it gives, and offers no more than makes a difference', async (t) => {
  t.same(accessSamples.map(({ access }) => [throughWords(access), rightChoices(access).map(({ label }) => label)]), [
    [undefined, ['Not shared', 'May switch', 'May change too']],
    [undefined, ['Not shared', 'May switch', 'May change too']],
    [undefined, ['Not shared', 'May switch', 'May change too']],
    ['May switch', ['As the board', 'May change too']],
    [undefined, ['As the board', 'May change too']],
    ['May change too, through the whole board', ['As the board']],
    [undefined, ['Not shared', 'May switch', 'May change too']],
  ]);
  const [lamp, board] = open.shares.map(({ thing }) => thing);
  t.equal(givenWords('Gwen', lamp!, 'use'), 'Gwen may switch Hall lamp.');
  t.equal(givenWords('Gwen', board!, 'manage'), 'Gwen may switch and change the whole Hall board.');
  t.equal(givenWords('Gwen', board!, undefined), 'The whole Hall board is no longer shared with Gwen.');
  t.equal(adminsWords([{ name: 'Maya' }]), 'Maya may use it anyway, as an admin.');
  t.equal(adminsWords([{ name: 'Maya' }, { name: 'Sam' }]), 'Maya and Sam may use it anyway, as admins.');
});

t.test('an invitation says what it gives and how it stands', async (t) => {
  const life = (change: Partial<typeof open>) => invitationLife({ ...open, ...change }, moment);
  t.same(invitationSamples.map(({ invitation }) => invitationLife(invitation, moment)), [
    'The link works until Thursday at 17:30.', 'The link works until Thursday at 17:30.', 'Used by Gwen Guest, 18:00.',
    'Nobody used it in time.', 'Ended: Maya Okafor is no admin any more.', 'Taken back.',
  ]);
  t.equal(life({ guestUntil: at(24, 4, 0) }), 'The link works until tomorrow at 04:00.', 'no longer than the stay');
  t.equal(life({ expiresAt: at(23, 18, 0) }), 'Nobody used it in time.', 'over since it was fetched');
  t.equal(life({ state: 'ended', guestUntil: at(23, 4, 0) }), 'Nobody used it in time.');
  t.same(invitationSamples.map(({ invitation }) => isOpen(invitation, moment)), [true, true, false, false, false, false]);
  t.equal(invitationGives(open, moment),
    'Guest until Friday at 04:00. Hall lamp and the whole Hall board (to change as well).');
  t.equal(invitationGives({ ...open, role: 'member', guestUntil: null, shares: [] }, moment),
    'Member. Nothing is shared with them yet.');
  t.equal(invitationGives({ ...open, role: 'admin', guestUntil: null, shares: [] }, moment), 'Admin. May use everything.');
  t.same(offerSamples.map(({ offer }) => offerWords(offer, moment)), [
    'You are invited as a guest, until Friday at 04:00.', 'You are invited as a member of this household.',
    'You are invited as an admin: you may use and change everything in this household.',
  ]);
});

t.test('a link that lets nobody in says why, on its own page and after the sign-in', async (t) => {
  const cases: [code: string, title: RegExp, signIn: RegExp][] = [
    ['invitation_used', /has been used$/, /used already.*ask for a new one/],
    ['invitation_ended', /has ended$/, /Ask whoever sent it/],
    ['invitation_revoked', /taken back$/, /taken back/],
    ['invitation_not_found', /leads nowhere$/, /not known here/],
  ];
  for (const [code, title, signIn] of cases) {
    t.match(offerTrouble({ code, detail: '' }), { title, words: /[Aa]sk / }, code);
    t.match(signInTrouble(code), signIn, code);
  }
  t.match(offerTrouble({ code: 'invalid_request', detail: 'secret: is not whole' }), { title: 'This link is not whole' });
  t.match(offerTrouble({ code: 'unreachable', detail: 'The server’s words.' }), { words: 'The server’s words.', again: true });
  t.match(signInTrouble('deactivated'), /ended the access of that account/);
});
