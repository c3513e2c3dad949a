import { join } from 'node:path';
import type { Refusal } from '@sconce/protocol/gate';
import type { Config } from '../config.ts';
import { findingsOf, moment, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { serial } from '../probe/crl.ts';
import { readText } from '../probe/file.ts';
import { boardsIn, mintedBoards, type KnownBoard, type Minted } from '../probe/household.ts';
import { parsePem } from '../probe/pem.ts';
import { faultOfCertificate } from './judge.ts';
import { isOwn, readRefusals, wordsOfRefusal } from './refusals.ts';
import { readTrust, type Trust } from './store.ts';

const make = findingsOf('boards');
/** Milliseconds for which a refusal is news. */
const newsMs = 86_400_000;

/** Every board that the household knows: what it has, when it was last heard of, whether it was turned away since. */
export async function boards(config: Config): Promise<Finding[]> {
  const { refusals, findings } = readRefusals(config);
  const known = config.database === undefined ? [] : await boardsIn(config.database).catch((): KnownBoard[] => []);
  const minted = mintedBoards(config.pkiDir);
  const trust = readTrust(config.trustDir);
  const ids = new Set([...known.map(({ id }) => id), ...minted.map(({ id }) => id)]);
  const each = [...ids].map((id) => {
    const board = known.find((one) => one.id === id);
    const made = minted.find((one) => one.id === id);
    const name = nameOf(board, made);
    if (trust.revoked.has(id)) return make.ok('board_revoked', name, `${name} is revoked, and kept out.`);
    return turnedAway(config, name, board, refusals.find((one) => one.certificate?.id === id))
      ?? (made && board?.online !== true ? certificateOf(config, made, trust) : undefined)
      ?? offline(name, board)
      ?? make.ok('board_good', name, board === undefined ? `${name} has a good certificate, and has not connected yet.`
        : `${name} is online.`);
  });
  const strangers = refusals.filter((one) =>
    !ids.has(one.certificate?.id as Minted['id']) && Date.now() - one.last < newsMs && !isOwn(one));
  const turned = strangers.length === 0 ? [] : [make.ok('strangers_turned_away', 'gate', summary(strangers))];
  return [...each, ...findings, ...turned];
}

export const nameOf = (board: KnownBoard | undefined, made: Pick<Minted, 'name' | 'id'> | undefined) =>
  board?.name || made?.name || (made?.id ?? board?.id ?? 'a board').slice(0, 8);

function summary(refusals: Refusal[]): string {
  const count = refusals.reduce((sum, one) => sum + one.count, 0);
  const reasons = [...new Set(refusals.map(({ reason }) => reason.replaceAll('_', ' ')))].join(', ');
  return `${count} connections of others came to nothing in the last day, as they should: ${reasons}.`;
}

/**
 * If it has not been let in since. Somebody else could show a certificate with its id: that is no fault of a board that
 * is online.
 */
export function turnedAway({ view }: Config, name: string, board: KnownBoard | undefined, refusal: Refusal | undefined):
  Finding | undefined {
  if (!refusal || Date.now() - refusal.last > newsMs) return undefined;
  const letInSince = (board?.changed?.getTime() ?? 0) > refusal.last;
  if (board?.online && (letInSince || refusal.certificate?.genuine !== true)) return undefined;
  return make.problem(`refused_${refusal.reason}`, name,
    wordsOfRefusal({ name, refusal, remedies: remediesFor({ view }) }));
}

/** What was minted, unless the board has got itself another since. */
function certificateOf({ pkiDir = '', shown, view }: Config, { id, name, folder }: Minted, trust: Trust):
  Finding | undefined {
  const anew = remediesFor({ view }).replace(name);
  const read = readText(join(folder, 'cert.pem'));
  const seen = readText(join(pkiDir, 'seen', id));
  if ('fault' in read) return undefined;
  try {
    const { certificates: [leaf, ...behind] } = parsePem(read.text);
    if (!leaf || ('text' in seen && seen.text.split(/\s/)[0] !== serial(leaf.serialNumber))) return undefined;
    const fault = faultOfCertificate(leaf, name, {
      use: 'client', authority: 'this household', trusted: trust.devices, shown: behind, known: trust.issuing,
      crls: trust.devicesCrls, name: id, renewsItself: true,
    }, Date.now());
    return fault && make[fault.severity](fault.code, name, { what: fault.what, why: fault.why,
      do: anew });
  } catch {
    return make.problem('file_damaged', name, { what: `${shown(join(folder, 'cert.pem'))} is damaged or cut short.`,
      why: 'It holds no certificate that can be read.',
      do: anew });
  }
}

export function offline(name: string, board: KnownBoard | undefined): Finding | undefined {
  if (!board || board.online) return undefined;
  const { seen, info } = board;
  const since = seen ? ` since ${moment(seen.getTime())}, ${span(Date.now() - seen.getTime())} ago` : '';
  return make.warning('board_offline', name, { what: `${name} is offline${since}.`,
    why: info?.lastError ? `The last that it said of a fault: ${info.lastError}`
      : 'It has no power, no radio link, or is turned away before the gate can see who it is.',
    do: `make doctor DEVICE="${name}"` });
}
