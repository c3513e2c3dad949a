import type { Certificates, CertificateView } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import t from 'tap';
import { Failure } from '../src/api/client.ts';
import { certificateOf, refusals, standingOf, turnedAway, warnedOf, type Standing } from '../src/state/certificates.ts';
import { adoptedDevices, newDevices, revokedDevices, setDevices } from '../src/state/devices.ts';
import { fetched } from '../src/state/fetched.ts';
import {
  certificateSamples, refusalSamples, reportSamples, warningSamples,
} from '../src/views/design-page/certificate-fixtures.ts';
import { auditSamples, hallBoard, moment, revokedSamples } from '../src/views/design-page/fixtures.ts';
import { barOf, scaleOf } from '../src/views/certificates/scale.ts';
import { sentence } from '../src/views/words/audit.ts';
import { bannerWords, cutWords, renewalWords, urgency, warningWords } from '../src/views/words/certificate.ts';
import { asText, sorted, verdict } from '../src/views/words/doctor.ts';
import { grouped, lifeWords, rotationWords, titleOf } from '../src/views/words/lives.ts';
import { howOften, revokedWords, whoWasIt } from '../src/views/words/refusal.ts';
import { pieces, toCopy } from '../src/views/words/remedy.ts';

const dayMs = 86_400_000;
const day = (days: number) => new Date(moment + days * dayMs).toISOString();
const well = certificateSamples[0]!.certificates.certificates;
const ill = certificateSamples[1]!.certificates.certificates;
const hall = well[0]!;
const one = (change: Partial<CertificateView>): CertificateView => ({ ...hall, ...change });

t.test('a life says how much is left of it, whatever its length', async (t) => {
  const cases: [words: string | RegExp, change: Partial<CertificateView>][] = [
    ['341 days left', {}],
    ['1 day left', { notAfter: day(1.5) }],
    ['999 days left', { notAfter: day(999.5) }],
    ['20 years left', { notAfter: day(7304) }],
    ['Ends today, 22:30', { notAfter: day(4 / 24) }],
    ['Ends tomorrow, 06:30', { notAfter: day(0.5) }],
    ['Ended 3 days ago', { notAfter: day(-3), state: 'expired' }],
    ['Begins 23:30', { notBefore: day(5 / 24), state: 'not_yet_valid' }],
    ['Revoked', { state: 'revoked', notAfter: day(-3) }],
    ['Replaced', { state: 'superseded' }],
  ];
  for (const [words, change] of cases) t.equal(lifeWords(one(change), moment), words);
});

t.test('how urgent it is follows the server’s warning, and what is past is quiet', async (t) => {
  const cases: [urgency: string, change: Partial<CertificateView>][] = [
    ['fine', {}], ['fine', { state: 'not_yet_valid' }], ['due', { warning: 60 }], ['due', { warning: 30 }], ['urgent', { warning: 7 }],
    ['urgent', { warning: 0, state: 'expired' }], ['off', { state: 'expired' }], ['off', { state: 'superseded' }], ['off', { state: 'revoked' }],
  ];
  for (const [words, change] of cases) t.equal(urgency(one(change)), words, JSON.stringify(change));
  t.same(grouped(well).map(({ title, shown }) => `${title} ${shown.length}`),
    ['Boards 2', 'Household services 3', 'Authorities 3', 'Revocation lists 2', 'Web 1']);
  t.same(grouped(ill).map(({ shown, past }) => [shown.map(titleOf)[0], past.map(titleOf)]), [
    ['Cellar board', ['Garage board', 'Shed board']], ['Issuing authority', []],
  ], 'what ends first stands first, what is no longer in use apart');
});

t.test('who renews it, and that they are late', async (t) => {
  t.equal(renewalWords(hall, moment), 'The board renews it by itself from 1 March 2027.');
  t.equal(renewalWords(one({ renewAt: day(-3) }), moment), 'The board should have renewed it on 20 November 2026.');
  t.equal(renewalWords(one({ kind: 'root', renewAt: day(-3) }), moment), 'Time to rotate it since 20 November 2026.');
  t.equal(renewalWords(one({ renewAt: null }), moment), undefined);
});

t.test('the home page warns of what ends first, and of nothing while all is well', async (t) => {
  const banner = (all: CertificateView[], faults = 0) => bannerWords(warnedOf(all), faults, moment);
  t.equal(banner(well), undefined);
  t.same(banner(ill), { words: 'Cellar board’s certificate has ended. 3 more need you, too.', urgent: true });
  t.same(warningSamples.map(({ warned, faults }) => bannerWords(warned, faults, moment)), [
    { words: 'Porch board’s certificate ends in 41 days.', urgent: false },
    { words: 'The revocation list of the issuing authority ends in 2 days. 2 more need you, too.', urgent: true },
    { words: 'Cellar board’s certificate has ended.', urgent: true },
    { words: 'The broker’s certificate ends in 25 days.', urgent: false },
    { words: 'Something about the certificates could not be looked at, or not be done.', urgent: false },
  ]);
  t.equal(warningWords(one({ kind: 'api', name: 'api', notAfter: day(0.2) }), moment), 'The API’s certificate ends within a day.');
});

t.test('the drawing: order is kept, today is one line, and near things have room', async (t) => {
  const scale = scaleOf(well, moment);
  const places = [-389, -100, -1, 0, 1, 7, 30, 60, 730, 7100].map((days) => scale.at(moment + days * dayMs));
  t.same(places, [...places].sort((a, b) => a - b));
  t.equal(new Set(places).size, places.length, 'no two in one place');
  t.ok(places.every((place) => place >= 0 && place <= 100));
  t.equal(scale.at(moment), scale.today);
  t.ok(scale.at(moment + 30 * dayMs) - scale.today > 15, 'thirty days are to be seen beside twenty years');
  t.same(scale.ticks.filter(({ words }) => words).map(({ words }) => words), ['1 month', '2 years']);

  const bar = barOf(hall, scale);
  t.ok(bar.from < bar.now && bar.now < bar.renew! && bar.renew! < bar.to);
  t.equal(bar.now, scale.today);
  const ended = barOf(one({ notBefore: day(-400), notAfter: day(-2) }), scale);
  t.ok(ended.to < scale.today && ended.now === ended.to, 'what has ended ends before today');
  const early = barOf(one({ notBefore: day(2), notAfter: day(9) }), scale);
  t.ok(early.from > scale.today && early.now === early.from, 'what has not begun begins after today');

  const alone = scaleOf([], moment);
  t.ok(Number.isFinite(alone.at(moment - dayMs)) && Number.isFinite(alone.at(moment + dayMs)), 'even of nothing');
  const minutes = scaleOf([{ notBefore: day(0), notAfter: day(1 / 1440) }], moment);
  t.ok(minutes.at(moment + 60_000) > minutes.today);
});

t.test('a board goes by the newest certificate of its that is valid', async (t) => {
  const all = [one({ serial: '1', notBefore: day(-300) }), one({ serial: '2', notBefore: day(-2) }),
    one({ serial: '3', notBefore: day(-1), state: 'revoked' }), one({ serial: '4', device: null, notBefore: day(0) })];
  t.equal(certificateOf(all, hallBoard.id)?.serial, '2');
  t.equal(certificateOf([], hallBoard.id), undefined);
});

t.test('the change of an authority says how far it is, and what to type when nobody is waited for', async (t) => {
  const words = certificateSamples.map(({ certificates: { rotation } }) => rotation && rotationWords(rotation)).filter(Boolean);
  t.match(words, [
    { title: /^The boards’/, words: /^Step 1 of 3/, progress: undefined, next: 'make pki-rotate' },
    { words: /^Step 2 of 3/, progress: '47 of 50 boards have moved', next: undefined },
    { words: /^Step 2 of 3/, progress: '50 of 50 boards have moved', next: 'make pki-rotate' },
    { title: /^The services’/, words: /^Step 1 of 3/, progress: '2 of 3 boards have moved', next: undefined },
    { words: /alone/, progress: '3 of 3 boards have moved', next: 'make pki-rotate AUTHORITY=services' },
  ]);
});

const refusal = refusalSamples[0]!.refusal;
const boards = (change: Partial<Device>) => new Map<DeviceId, Device>([[hallBoard.id, { ...hallBoard, ...change }]]);

t.test('who is turned away: ours, settled, kept out, or a stranger', async (t) => {
  const ended = { ...refusal, last: day(-0.05) };
  const cases: [why: string, standing: Standing, refusal: typeof refusal, boards: Map<DeviceId, Device> | undefined][] = [
    ['our board, and it is away', 'ours', ended, boards({ online: false })],
    ['it has connected since', 'settled', ended, boards({ online: true, since: day(-0.01) })],
    ['it was connected before: somebody else has its key', 'ours', ended, boards({ online: true, since: day(-2) })],
    ['it was revoked', 'kept_out', { ...ended, reason: 'revoked' }, undefined],
    ['its connection was cut', 'kept_out', { ...ended, reason: 'cut' }, boards({ revokedAt: day(-1), online: false })],
    ['who claims to be it is not from here', 'ours', { ...ended, reason: 'revoked', genuine: false }, boards({ revokedAt: day(-1) })],
    ['it does not trust the broker, and shows nothing', 'ours', { ...ended, reason: 'distrusts_broker', device: null, genuine: false }, undefined],
    ['somebody tries ports', 'stranger', { ...ended, reason: 'not_tls', device: null, genuine: false }, boards({})],
  ];
  for (const [why, standing, refusal, boards] of cases) t.equal(standingOf(refusal, boards), standing, why);
  t.same(Object.values(turnedAway.value).flat(), [], 'nothing before anything is known');
  t.equal(refusals.value.value, undefined);
});

t.test('who it was, and how often', async (t) => {
  t.same(refusalSamples.map(({ refusal }) => whoWasIt(refusal)), ['Cellar board', 'Garage board', 'Board a1a1 a1a1…',
    'Somebody claiming to be Hall board', 'Somebody unknown']);
  t.equal(howOften({ ...refusal, first: day(-1), last: day(0), count: 9 }, moment), '9 times since yesterday, 18:30; last 18:30');
  t.equal(howOften({ ...refusal, last: day(0), count: 1 }, moment), 'Once, 18:30');
  t.equal(howOften({ ...refusal, first: day(0), last: day(0), count: 2 }, moment), '2 times, 18:30');
});

t.test('a revoked board is no board to adopt or to add to', async (t) => {
  const [named, nameless] = revokedSamples.map(({ device }) => device);
  setDevices([hallBoard, { ...named!, id: 'b'.repeat(32) as DeviceId }, { ...nameless!, id: 'c'.repeat(32) as DeviceId }]);
  t.same([adoptedDevices, newDevices, revokedDevices].map(({ value }) => value.length), [1, 0, 2]);
  t.equal(revokedWords(named!, moment), 'Revoked 14:02. It is kept out for good.');
  t.equal(cutWords(912), 'Cut off after 0.9 s.');
  t.equal(cutWords(12), 'Cut off after 0.1 s.');
  setDevices(undefined);
});

t.test('what the doctor found, sorted, and a remedy’s commands to be copied', async (t) => {
  const [allWell, ill] = reportSamples.map(({ report }) => report);
  t.equal(verdict(sorted(ill!)), '1 problem, 2 warnings');
  t.equal(verdict(sorted(allWell!)), '');
  t.match(asText(ill!), /^Cellar board: The certificate of Cellar board ended 3 days ago\.\nThe broker turns/);
  t.equal(asText(ill!).split('\n\n').length, 3);
  t.same(pieces('Run `make a` and wait.'), [
    { text: 'Run ', command: false }, { text: 'make a', command: true }, { text: ' and wait.', command: false }]);
  t.same(toCopy('Run `make a`, then `make b`.'), { text: 'make a\nmake b', commands: 2 });
  t.same(toCopy('Wait.'), { text: 'Wait.', commands: 0 });
  t.same(toCopy('Mint “Hall board” anew with “make pki DEVICE="…"”.'), { text: 'make pki DEVICE="…"', commands: 1 }, 'quoted, and no name');
  t.same(toCopy('docker compose up -d api && make logs'), { text: 'docker compose up -d api && make logs', commands: 1 }, 'all of it');
});

t.test('what happened to boards and authorities, in sentences', async (t) => {
  const entry = { ...auditSamples[0]!, target: { kind: 'device' as const, id: hallBoard.id, name: 'Hall board' }, outcome: 'done' as const, detail: {} };
  const system = { ...entry.actor, kind: 'system' as const, name: null };
  t.equal(sentence({ ...entry, action: 'device.revoke' }), 'Maya revoked Hall board');
  t.equal(sentence({ ...entry, action: 'device.revoke', outcome: 'failed' }), 'Maya tried to revoke Hall board');
  t.equal(sentence({ ...entry, action: 'device.revoke', actor: system }), 'Hall board was revoked on the server');
  t.equal(sentence({ ...entry, action: 'device.renew' }), 'Hall board has a new certificate');
  t.equal(sentence({ ...entry, action: 'device.renew_refused', outcome: 'refused' }), 'Hall board asked for a certificate that it may not have');
});

t.test('what is fetched as a whole: the last question counts, a failure leaves what was known', async (t) => {
  const questions: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  let heard = () => {};
  const fourth = new Promise<void>((resolve) => { heard = resolve; });
  const it = fetched(() => new Promise<string>((answer, fail) => {
    questions.push({ answer, fail });
    if (questions.length === 4) heard();
  }));
  const first = it.load();
  const second = it.load();
  questions[1]!.answer('new');
  await second;
  questions[0]!.answer('old');
  await first;
  t.equal(it.value.value, 'new');

  const third = it.load();
  questions[2]!.fail(new Failure({ code: 'authority_unreachable', status: 503, detail: 'Away.' }));
  await third;
  t.equal(it.value.value, 'new', 'it stays');
  t.equal(it.failure.value?.code, 'authority_unreachable');

  it.soon();
  it.soon();
  await t.resolves(fourth, 'news are fetched by themselves');
  t.equal(questions.length, 4, 'once for all that came together');
  const late = questions[3]!;
  it.forget();
  late.answer('of somebody who is no admin any more');
  await new Promise(setImmediate);
  t.equal(it.value.value, undefined);
  t.equal(it.failure.value, undefined);
});

t.test('the samples show every state', async (t) => {
  const states = new Set(certificateSamples.flatMap(({ certificates }) => certificates.certificates.map(({ state }) => state)));
  t.same([...states].sort(), ['expired', 'not_yet_valid', 'revoked', 'superseded', 'valid']);
  const keys = new Set(certificateSamples.map(({ certificates }: { certificates: Certificates }) => certificates.rootKey));
  t.same([...keys].sort(), ['away', 'encrypted', 'plain', null].sort());
});
