import { networkInterfaces } from 'node:os';
import type { Refusal, RefusalReason, Refusals } from '@sconce/protocol/gate';
import { Refusals as Schema } from '@sconce/protocol/gate';
import type { Config } from '../config.ts';
import { day, findingsOf, moment, type Finding, type Words } from '../finding.ts';
import { remediesFor, type Remedies } from '../finding/remedies.ts';
import { readText } from '../probe/file.ts';
import { sumsOf, takesSeconds } from './broker.ts';

const make = findingsOf('boards');

export type Turned = { refusals: Refusal[]; findings: Finding[] };

/** What the gate says of connections that came to nothing. */
export function readRefusals({ gateRefusals, trustDir, view }: Config): Turned {
  const not = (finding: Finding): Turned => ({ refusals: [], findings: [finding] });
  const { restart, logs } = remediesFor({ view });
  if (gateRefusals === undefined) {
    return not(make.skipped('not_told', 'gate', 'Who was turned away was not looked at.',
      'GATE_REFUSALS does not say where the gate tells.'));
  }
  const read = readText(gateRefusals);
  if ('fault' in read) {
    return not(make.problem('gate_silent', 'gate', {
      what: `The gate does not say whom the broker turned away: ${gateRefusals} is ${read.fault}.`,
      why: 'It has not started, or cannot write there.',
      do: `${restart('gate')} && ${logs('gate')}` }));
  }
  const told = parsed(read.text);
  if (told === undefined) {
    return not(make.problem('gate_silent', 'gate', {
      what: `What the gate says of refused boards cannot be read: ${gateRefusals}.`,
      why: 'It is damaged: perhaps the disk was full.',
      do: restart('gate') }));
  }
  const newest = sumsOf(trustDir);
  if (newest !== undefined && newest.sum !== told.trust && Date.now() / 1000 - newest.since > takesSeconds) {
    return { refusals: told.refusals, findings: [make.problem('gate_set_old', 'gate', {
      what: 'The gate does not go by the newest set of what is trusted.',
      why: 'The set is not whole, or the gate hangs. A board that is revoked now would not be cut off.',
      do: `${restart('gate')} && ${logs('gate')}` })] };
  }
  const open = `The gate has ${told.open} connection${told.open === 1 ? '' : 's'} open.`;
  return { refusals: told.refusals, findings: [make.ok('gate_good', 'gate', open)] };
}

function parsed(text: string): Refusals | undefined {
  try {
    return Schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** `board`: of whom it is thought, where the name is only "Somebody". */
type Of = { name: string; board?: string; refusal: Refusal; remedies: Remedies };
const replace = ({ name, board = name, remedies }: Of) => remedies.replace(board);
const flashAgain = ({ name, board = name, remedies }: Of) => remedies.flash(board);
const unlessMeant = ({ name, board = name, remedies }: Of) => remedies.unlessMeant(board);

type Row = [why: (of: Of) => string, remedy: (of: Of) => string];

/** Why, and what to do. */
const rows: Record<RefusalReason, Row> = {
  expired: [({ refusal: { certificate } }) =>
    `Its certificate ended${certificate ? ` on ${day(certificate.notAfter)}` : ''}. `
    + 'A board renews its own while it is connected; this one was away for too long.', replace],
  not_yet_valid: [({ refusal: { certificate } }) =>
    `Its certificate is valid only${certificate ? ` from ${day(certificate.notBefore)} on` : ' later'}. `
    + "A clock was wrong when it was made, or this machine's is.", () => 'timedatectl'],
  revoked: [() => 'Its certificate is revoked: somebody has said that this board is to be kept out.', unlessMeant],
  // There is nothing to revoke; and what lies in the store may be just what it shows, of an authority that is retired.
  unknown_authority: [() =>
    'Its certificate is not from this household, or from an authority that was retired while it was away.',
    ({ name, board = name, remedies }) => remedies.mintAnew(board)],
  missing_intermediate: [() =>
    "It does not show the issuing authority's certificate along with its own, so that the broker "
    + 'cannot see that the two belong to this household.', flashAgain],
  wrong_use: [() => 'Its certificate is made for a service and not for a board. Files were mixed up.', flashAgain],
  no_certificate: [() =>
    'It shows no certificate. Its files were not put onto it, or another program tries; the doctor itself '
    + 'does, from its own address.', flashAgain],
  bad_certificate: [() => 'Its certificate is damaged.', flashAgain],
  key_mismatch: [() => 'Its key does not belong to its certificate. Files of two boards were mixed up.', flashAgain],
  not_tls: [({ refusal }) =>
    `What came from ${refusal.address} is not TLS: a program that is set to plain MQTT, or a browser.`,
  () => 'set it to TLS (mqtts://), with the certificate that make pki has made'],
  tls_version: [() => 'It speaks a version of TLS that is not accepted.', flashAgain],
  tls_ciphers: [() => 'It and the broker have no cipher in common.', flashAgain],
  distrusts_broker: [() =>
    "It does not trust the broker's certificate: it holds the authority of another household or of an "
    + 'older store, its clock is wrong, or the certificate is not for the name that it was given.', flashAgain],
  silent: [() =>
    'It connected and said nothing, or broke off in the middle: a bad radio link, or a program that tries ports.',
    () => "look at the board's signal in the dashboard; move it nearer to the access point"],
  closed_early: [() => 'It hung up in the middle: a bad radio link, a power supply that is too weak, or a restart.',
    () => "look at the board's signal in the dashboard; try another power supply"],
  broker_unreachable: [() => 'The gate did not get through to the broker.',
    ({ remedies }) => `${remedies.start('mosquitto')} && ${remedies.logs('mosquitto')}`],
  too_many: [() => 'Too many connections were made at a time.', ({ remedies }) => remedies.logs('gate')],
  cut: [() => 'Its connection was cut when it was revoked.', unlessMeant],
};

/** What the doctor has tried without a certificate, from here. */
export function isOwn({ certificate, address }: Refusal): boolean {
  return certificate === undefined && Object.values(networkInterfaces()).flat().some((own) => own?.address === address);
}

export function wordsOfRefusal(of: Of): Words {
  const { name, refusal: { reason, last, count, address } } = of;
  const [why, remedy] = rows[reason];
  const times = count > 1 ? `, ${count} times by then` : '';
  return { what: `${name} was turned away on ${moment(last)}${times}; it came from ${address}.`,
    why: why(of),
    do: remedy(of) };
}
