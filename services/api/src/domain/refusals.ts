import type { RefusalView } from '@sconce/protocol/certificates-api';
import type { Refusal, RefusalReason } from '@sconce/protocol/gate';
import type { DeviceId } from '@sconce/protocol/ids';
import { anew } from './certificates.ts';

/** @param nameOf a board's name, as it was adopted or minted */
export function refusalView(refusal: Refusal, nameOf: (id: DeviceId) => string | null): RefusalView {
  const { reason, first, last, count, address, certificate } = refusal;
  const id = certificate?.id;
  return {
    reason, first: iso(first), last: iso(last), count, address,
    device: id === undefined ? null : { id, name: nameOf(id) },
    genuine: certificate?.genuine ?? false,
    ...wordsOf(refusal, id === undefined ? null : nameOf(id)),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What happened and what to do, for people at the dashboard; the doctor, at a terminal, has commands for each reason. */
export function wordsOf(refusal: Refusal, boardName: string | null): { what: string; advice: string } {
  const { what, advice } = words[refusal.reason](refusal);
  const { certificate } = refusal;
  const stranger = certificate?.genuine === false;
  return {
    what: `${subject(refusal, boardName)} ${what}${stranger ? strange : ''}`,
    advice: stranger && !(refusal.reason in ofStrangers) ? strangerAdvice : advice,
  };
}

function subject({ address, certificate }: Refusal, boardName: string | null): string {
  if (!certificate) return `Somebody at ${address}`;
  const called = boardName !== null ? `the board “${boardName}”`
    : certificate.id !== undefined ? `a board with the id ${certificate.id}` : `“${certificate.name}”`;
  if (!certificate.genuine) return `Somebody at ${address} who claims to be ${called}`;
  return `${called.charAt(0).toUpperCase()}${called.slice(1)}, at ${address},`;
}

const strange = ' That certificate is not from this household: whoever shows it may be anybody, whatever name stands in it.';
const strangerAdvice = 'If a board of yours should be connecting from there, it carries the files of another household or of an '
  + `earlier store. ${anew} If none should, there is nothing to do: the broker let nobody in.`;

/** Reasons whose own advice is the one for strangers, too. */
const ofStrangers: Partial<Record<RefusalReason, true>> = { unknown_authority: true, missing_intermediate: true, too_many: true,
  not_tls: true, broker_unreachable: true };

const dateTime = (ms: number | undefined): string => {
  if (ms === undefined) return 'an unknown day';
  const text = iso(ms);
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
};

const unknownCaller = 'If it is none of your boards, there is nothing to do: whoever knocks on a port of the internet is '
  + 'turned away like this.';
const askDoctor = 'Run “make doctor” on the server.';

type Words = { what: string; advice: string };

const words: Record<RefusalReason, (refusal: Refusal) => Words> = {
  expired: ({ certificate }) => ({
    what: `was turned away: its certificate ended on ${dateTime(certificate?.notAfter)}.`,
    advice: `A board renews its certificate in time only while it reaches the server. ${anew} If that day has not come yet, the `
      + 'server’s clock is wrong: look with “timedatectl”.',
  }),
  not_yet_valid: ({ certificate }) => ({
    what: `was turned away: its certificate counts from ${dateTime(certificate?.notBefore)} on only.`,
    advice: 'One of two clocks is wrong: that of the server, or that of the machine where it was minted. Look with '
      + '“timedatectl” on both. If the mint’s was ahead, mint the board anew.',
  }),
  revoked: () => ({
    what: 'was turned away: its certificate has been revoked.',
    advice: 'If that was meant, there is nothing to do: it is kept out for good. If it is to come back, a revocation cannot be '
      + `undone: ${anew.charAt(0).toLowerCase()}${anew.slice(1)}`,
  }),
  cut: () => ({
    what: 'was cut off: it was revoked while it was connected.',
    advice: 'There is nothing to do: that is what revoking is for. It is kept out from now on.',
  }),
  unknown_authority: ({ certificate }) => ({
    what: `was turned away: its certificate was signed by “${certificate?.issuer ?? 'nobody'}”, which this household does not trust.`,
    advice: `The board was minted by another store, or by an authority that was retired while it was away. ${anew} ${unknownCaller}`,
  }),
  missing_intermediate: () => ({
    what: 'was turned away: it shows its own certificate, but not that of the authority in between that signed it.',
    advice: 'Its cert.pem must hold both, the board’s first, then the issuing authority’s. Flash it again from '
      + 'pki/store/devices with “make flash”.',
  }),
  wrong_use: () => ({
    what: 'was turned away: its certificate is not made for a board. It is one of a service, or of an authority.',
    advice: 'Give the board the files that “make pki DEVICE="…"” has made for it. If a service’s key may have got out of the '
      + 'server, change the authority of the services: “make pki-rotate AUTHORITY=services”.',
  }),
  no_certificate: () => ({
    what: 'was turned away: it showed no certificate.',
    advice: `A board shows the one that it was flashed with; one that has none must be flashed: “make flash DEVICE="…"”. ${unknownCaller}`,
  }),
  bad_certificate: () => ({
    what: 'was turned away: its certificate cannot be read, or its signature does not hold.',
    advice: `What is on its flash is damaged. Flash it again with “make flash DEVICE="…"”. ${unknownCaller}`,
  }),
  key_mismatch: () => ({
    what: 'was turned away: its key is not that of its certificate.',
    advice: 'Both must come from one folder of pki/store/devices. Flash it again with “make flash DEVICE="…"”. A board that is '
      + 'not yours may have copied a certificate; without the key it gets nowhere.',
  }),
  not_tls: () => ({
    what: 'spoke without TLS on the port that takes TLS only.',
    advice: `If it is a board of yours, it is set up for plain MQTT (mqtt:// in place of mqtts://): set it to TLS. ${unknownCaller}`,
  }),
  tls_version: () => ({
    what: 'was turned away: it speaks no version of TLS that the broker takes, which is 1.2 or newer.',
    advice: `Bring the board’s firmware up to date. ${unknownCaller}`,
  }),
  tls_ciphers: () => ({
    what: 'was turned away: it and the broker know no cipher in common.',
    advice: `Bring the board’s firmware up to date; it needs ECDHE with ECDSA. ${unknownCaller}`,
  }),
  distrusts_broker: ({ alert }) => ({
    what: `hung up: it does not accept the broker’s certificate${alert ? ` (TLS alert ${alert.number})` : ''}.`,
    advice: 'Either its clock is wrong (it asks a time server when it starts: let it reach one), or it was flashed when the '
      + 'server had another name or another services authority. “make doctor” tells which name and authority the broker has; '
      + 'flash the board again if they are not the ones that it knows.',
  }),
  silent: () => ({
    what: 'connected and said nothing, or not enough, until its time was over.',
    advice: `If it is a board of yours, its Wi-Fi is very poor, or it is overloaded: look at its signal under Boards. ${unknownCaller}`,
  }),
  closed_early: () => ({
    what: 'hung up before it had introduced itself.',
    advice: `If it is a board of yours that does not come online, “make doctor DEVICE="…"” looks further. ${unknownCaller}`,
  }),
  broker_unreachable: () => ({
    what: 'could not be let in: the broker behind the gate does not answer.',
    advice: `Look whether it runs: “make ps”, “make logs SERVICE=mosquitto”. ${askDoctor}`,
  }),
  too_many: () => ({
    what: 'was turned away: there were too many connections at once, or too many new ones from that address.',
    advice: 'If boards of yours come from there, they try again by themselves and get in one after the other. If it goes on, '
      + 'somebody is trying to keep them out: close the port to that address in the firewall.',
  }),
};
