import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lookup } from 'node:dns/promises';
import type { Refusal } from '@sconce/protocol/gate';
import type { Config } from '../config.ts';
import { findingsOf, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { commonName, signedBy } from '../probe/chain.ts';
import { serial } from '../probe/crl.ts';
import { readText } from '../probe/file.ts';
import { boardsIn, mintedBoards, mintedIn, type KnownBoard, type Minted } from '../probe/household.ts';
import { codeOf } from '../probe/http.ts';
import { dial } from '../probe/tls.ts';
import { offline, turnedAway } from './boards.ts';
import { wordsOfConnection } from './connection-words.ts';
import { faultOfCertificate } from './judge.ts';
import { isOwn, readRefusals, wordsOfRefusal } from './refusals.ts';
import { certificatesIn, isFinding, keyIn, readTrust } from './store.ts';

const make = findingsOf('boards');

/** One board that will not connect: its files, the way that it goes, and what was last heard of it. */
export async function board(config: Config, asked: string): Promise<Finding[]> {
  const { refusals, findings } = readRefusals(config);
  const known = config.database === undefined ? [] : await boardsIn(config.database).catch((): KnownBoard[] => []);
  const allRevoked = readTrust(config.trustDir).revoked;
  const { made, row } = called(asked, mintedAs(config, asked), known, allRevoked);
  const id = made?.id ?? row?.id;
  if (id === undefined) return [unknown(config, asked), ...findings];
  const name = row?.name || made?.name || asked;
  const revoked = allRevoked.has(id);
  const identity = made && !revoked ? identityOf(config, made, name) : undefined;
  const ways = made && identity !== undefined
    ? await way(config, made, name, isFinding(identity) ? undefined : identity) : [];
  const mine = refusals.find(({ certificate }) => certificate?.id === id);
  return [
    ...revoked ? [revokedFinding(config, name)] : [],
    ...isFinding(identity) ? [identity] : [],
    ...ways,
    ...made ? [] : [make.skipped('not_seen', name, `The files of ${name} were not looked at.`,
      'Its folder in the store is not open to the doctor here.')],
    ...[turnedAway(config, name, row, mine), offline(name, row)].filter((one) => one !== undefined),
    ...row?.online ? [make.ok('board_good', name, `${name} is online.`)] : unnamed(config, name, refusals),
    ...findings,
  ];
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

const isCalled = (asked: string) => ({ id, name }: { id: string; name: string | null }) =>
  id === asked || name?.toLowerCase() === asked.toLowerCase();

/** By its name, its id, or a folder with an identity. */
function mintedAs({ pkiDir }: Config, asked: string): Minted[] {
  if (asked.includes('/') && isFolder(asked)) return [mintedIn(asked)].filter((one) => one !== undefined);
  return mintedBoards(pkiDir).filter(isCalled(asked));
}

/** What replaces a revoked board may have its name (pki/mint): the revoked one is meant only if there is no other. */
function called(asked: string, minted: Minted[], known: KnownBoard[], revoked: Set<string>):
  { made?: Minted; row?: KnownBoard } {
  const rows = known.filter(isCalled(asked));
  const ids = [...minted, ...rows].map(({ id }) => id);
  const id = ids.find((one) => !revoked.has(one)) ?? ids[0];
  const [made, row] = [minted.find((one) => one.id === id), known.find((one) => one.id === id)];
  return { ...made && { made }, ...row && { row } };
}

const unknown = ({ pkiDir, view }: Config, asked: string) => make.problem('board_unknown', asked, {
  what: `No board is called "${asked}".`,
  why: `It is neither a name or id of a board${pkiDir === undefined ? '' : ', nor a folder that make pki has made'}.`,
  do: `${remediesFor({ view }).list} names those that there are` });

const revokedFinding = ({ view }: Config, name: string) => make.problem('board_revoked', name, {
  what: `${name} is revoked.`,
  why: 'Somebody has said that it is to be kept out for good: it cannot come back with what it has.',
  do: remediesFor({ view }).unlessMeant(name) });

type Identity = { ca: string; cert: string; key: string };

/** Its files, ready to be shown; or what is wrong with them. */
function identityOf(config: Config, { folder, id }: Minted, name: string): Identity | Finding {
  const path = (file: string) => join(folder, file);
  const { replace, flash } = remediesFor(config);
  const anew = replace(name);
  const ofTrust = (file: string) => config.shown(join(config.trustDir ?? '', file));
  const trustAgain = `cp ${ofTrust('services.pem')} ${config.shown(path('ca.pem'))} && ${flash(name)}`;
  const cert = certificatesIn({ config, make, path: path('cert.pem'), remedy: anew });
  if (isFinding(cert)) return cert;
  const key = keyIn({ config, make, path: path('key.pem'), remedy: anew });
  if (isFinding(key)) return key;
  const ca = certificatesIn({ config, make, path: path('ca.pem'), remedy: trustAgain });
  if (isFinding(ca)) return ca;
  const trust = readTrust(config.trustDir);
  const texts = { ca: readText(path('ca.pem')), cert: readText(path('cert.pem')), key: readText(path('key.pem')) };
  const identity = { ca: textOf(texts.ca), cert: textOf(texts.cert), key: textOf(texts.key) };
  const seen = readText(join(config.pkiDir ?? '', 'seen', id));
  // It has made itself a new key since, which stands on the board alone: what was minted says nothing of it.
  if ('text' in seen && seen.text.split(/\s/)[0] !== serial(cert.leaf.serialNumber)) {
    return make.ok('board_renewed', name,
      `${name} has renewed its certificate by itself; what was minted is no longer what it shows.`);
  }
  const foreign = trust.services.length === 0 ? undefined : ca.leaf;
  if (foreign && !trust.services.some((one) => one.fingerprint256 === foreign.fingerprint256)) {
    return make.problem('board_distrusts_broker', name, {
      what: `${name} trusts "${commonName(foreign)}" of another store, and not this household's services authority.`,
      why: "It takes the broker for somebody else's and hangs up.",
      do: trustAgain });
  }
  if (trust.services.some((one) => signedBy(cert.leaf, one))) {
    return make.problem('certificate_of_service', name, {
      what: `${name} has the certificate of a service: "${commonName(cert.leaf)}".`,
      why: 'Files were mixed up. The broker lets services in at their own door only, where no board comes by.',
      do: anew });
  }
  const fault = faultOfCertificate(cert.leaf, name, {
    use: 'client', authority: 'this household', trusted: trust.devices, shown: cert.behind, known: trust.issuing,
    crls: trust.devicesCrls, name: id, key: key === 'encrypted' ? undefined : key, renewsItself: true,
  }, Date.now());
  if (!fault) return identity;
  const remedies: Record<string, string> = {
    chain_incomplete: `cat ${ofTrust('issuing.pem')} >> ${config.shown(path('cert.pem'))} && ${flash(name)}`,
    certificate_not_yet_valid: `timedatectl; if the clock is right, ${anew}`,
  };
  return make[fault.severity](fault.code, name, { what: fault.what,
    why: fault.why,
    do: remedies[fault.code] ?? anew });
}

const textOf = (read: ReturnType<typeof readText>) => ('text' in read ? read.text : '');

/** Where it was told to go, and what happens to who goes there with its files. */
async function way(config: Config, { broker, folder }: Minted, name: string, identity: Identity | undefined):
  Promise<Finding[]> {
  const remedies = remediesFor(config);
  const { devices, publicDevicesPort } = config;
  const file = config.shown(join(folder, 'device.json'));
  const flash = remedies.flash(name);
  const findings: Finding[] = [];
  if (broker.port !== publicDevicesPort) {
    findings.push(make.problem('board_wrong_port', name, {
      what: `${name} was told to look for the broker at port ${broker.port}; boards come in at ${publicDevicesPort}.`,
      why: 'The port was changed after it was minted.',
      do: `set "port": ${publicDevicesPort} in ${file}, then ${flash}` }));
  }
  const lost = await lookup(broker.host).then(() => undefined, codeOf);
  if (lost !== undefined) {
    findings.push(make.problem('board_host_unknown', name, {
      what: `${name} was told to look for the broker at ${broker.host}, which no name server knows.`,
      why: 'The name is misspelt, or its DNS record is gone.',
      do: `make an A record for ${broker.host}; or set "host" in ${file}, then ${flash}` }));
  }
  if (identity === undefined || devices === undefined) return findings;
  const answer = await dial(devices, broker.host, identity, 'board');
  if (answer.in) return [...findings, make.ok('board_let_in', name, `With the files of ${name} one is let in.`)];
  const service = answer.code === 'port_closed' ? 'gate' : 'mosquitto';
  const words = wordsOfConnection(answer.code, {
    who: name, ...devices, name: broker.host, remedies, place: file, service, anew: remedies.replace(name),
  }, answer.said);
  return [...findings, make.problem(`board_${answer.code}`, name, words)];
}

/** Milliseconds for which a refusal that names nobody may have been this board. */
const lately = 600_000;

/** Those of whom the gate saw no certificate: one of them may be the board that is asked for. */
function unnamed({ view }: Config, name: string, refusals: Refusal[]): Finding[] {
  const started = Date.now() - process.uptime() * 1000;
  const isRecent = ({ last }: Refusal) => last < started && started - last < lately;
  return refusals.filter((one) => one.certificate === undefined && !isOwn(one) && isRecent(one)).slice(0, 3)
    .map((refusal) => {
      const words = wordsOfRefusal({ name: 'Somebody', board: name, refusal, remedies: remediesFor({ view }) });
      return make.warning(`refused_${refusal.reason}`, refusal.address, { ...words,
        what: `${words.what} It may have been ${name} (${span(Date.now() - refusal.last)} ago).` });
    });
}
