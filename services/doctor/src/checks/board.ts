import { existsSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { lookup } from 'node:dns/promises';
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
import { readRefusals, wordsOfRefusal } from './refusals.ts';
import { certificatesIn, isFinding, keyIn, readTrust } from './store.ts';

const make = findingsOf('boards');

/** One board that will not connect: its files, the way that it goes, and what was last heard of it. */
export async function board(config: Config, asked: string): Promise<Finding[]> {
  const { refusals, findings } = readRefusals(config);
  const known = config.database === undefined ? [] : await boardsIn(config.database).catch((): KnownBoard[] => []);
  const made = mintedAs(config, asked);
  const row = known.find(({ id, name }) => id === (made?.id ?? asked) || name?.toLowerCase() === asked.toLowerCase());
  const id = made?.id ?? row?.id;
  if (id === undefined) return [unknown(config, asked), ...findings];
  const name = row?.name || made?.name || asked;
  const revoked = readTrust(config.trustDir).revoked.has(id);
  const identity = made && !revoked ? identityOf(config, made, name) : undefined;
  const ways = made && !revoked && identity !== undefined ? await way(config, made, name, isFinding(identity) ? undefined : identity) : [];
  const mine = refusals.find(({ certificate }) => certificate?.id === id);
  return [
    ...revoked ? [revokedFinding(config, name)] : [],
    ...isFinding(identity) ? [identity] : [],
    ...ways,
    ...made ? [] : [make.skipped('not_seen', name, `The files of ${name} were not looked at.`, 'Its folder in the store is not open to the doctor here.')],
    ...[turnedAway(config, name, row, mine), offline(name, row)].filter((one) => one !== undefined),
    ...row?.online ? [make.ok('board_good', name, `${name} is online.`)] : unnamed(config, name, refusals),
    ...findings,
  ];
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

/** By its name, its id, or a folder with an identity. */
function mintedAs({ pkiDir }: Config, asked: string): Minted | undefined {
  if (asked.includes('/') && isFolder(asked)) return mintedIn(asked);
  return mintedBoards(pkiDir).find(({ id, name }) => id === asked || name.toLowerCase() === asked.toLowerCase());
}

const unknown = ({ pkiDir }: Config, asked: string) => make.problem('board_unknown', asked, {
  what: `No board is called "${asked}".`,
  why: `It is neither a name or id of a board${pkiDir === undefined ? '' : ', nor a folder that make pki has made'}.`,
  do: 'make pki-list names those that there are' });

const revokedFinding = ({ view }: Config, name: string) => make.problem('board_revoked', name, { what: `${name} is revoked.`,
  why: 'Somebody has said that it is to be kept out for good: it cannot come back with what it has.',
  do: `nothing, if that was meant; if not, ${remediesFor({ view }).mint(`${name} 2`)} and make flash DEVICE="${name} 2"` });

type Identity = { ca: string; cert: string; key: string };

/** Its files, ready to be shown; or what is wrong with them. */
function identityOf(config: Config, { folder, id }: Minted, name: string): Identity | Finding {
  const path = (file: string) => join(folder, file);
  const anew = `make pki-revoke DEVICE="${name}", then ${remediesFor(config).mint(`${name} 2`)} and make flash DEVICE="${name} 2"`;
  const cert = certificatesIn({ config, make, path: path('cert.pem'), remedy: anew });
  if (isFinding(cert)) return cert;
  const key = keyIn({ config, make, path: path('key.pem'), remedy: anew });
  if (isFinding(key)) return key;
  const ca = certificatesIn({ config, make, path: path('ca.pem'), remedy: `cp ${config.shown(join(config.trustDir ?? '', 'services.pem'))} ${config.shown(path('ca.pem'))}` });
  if (isFinding(ca)) return ca;
  const trust = readTrust(config.trustDir);
  const texts = { ca: readText(path('ca.pem')), cert: readText(path('cert.pem')), key: readText(path('key.pem')) };
  const identity = { ca: textOf(texts.ca), cert: textOf(texts.cert), key: textOf(texts.key) };
  const seen = readText(join(config.pkiDir ?? '', 'seen', id));
  // It has made itself a new key since, which stands on the board alone: what was minted says nothing of it.
  if ('text' in seen && seen.text.split(/\s/)[0] !== serial(cert.leaf.serialNumber)) {
    return make.ok('board_renewed', name, `${name} has renewed its certificate by itself; what was minted is no longer what it shows.`);
  }
  const foreign = trust.services.length === 0 ? undefined : ca.leaf;
  if (foreign && !trust.services.some((one) => one.fingerprint256 === foreign.fingerprint256)) {
    return make.problem('board_distrusts_broker', name, {
      what: `${name} trusts "${commonName(foreign)}" of another store, and not this household's services authority.`,
      why: "It takes the broker for somebody else's and hangs up.",
      do: `cp ${config.shown(join(config.trustDir ?? '', 'services.pem'))} ${config.shown(path('ca.pem'))} && make flash DEVICE="${name}"` });
  }
  if (trust.services.some((one) => signedBy(cert.leaf, one))) {
    return make.problem('certificate_of_service', name, {
      what: `${name} has the certificate of a service: "${commonName(cert.leaf)}".`,
      why: 'Files were mixed up. The broker lets services in at their own door only, where no board comes by.', do: anew });
  }
  const fault = faultOfCertificate(cert.leaf, name, { use: 'client', authority: 'this household', trusted: trust.devices, shown: cert.behind, known: trust.issuing,
    crls: trust.devicesCrls, name: id, key: key === 'encrypted' ? undefined : key, renewsItself: true }, Date.now());
  if (!fault) return identity;
  const remedy = fault.code === 'chain_incomplete' ? `cat ${config.shown(join(config.trustDir ?? '', 'issuing.pem'))} >> ${config.shown(path('cert.pem'))} && make flash DEVICE="${name}"` : anew;
  return make[fault.severity](fault.code, name, { what: fault.what,
    why: fault.why,
    do: fault.code === 'certificate_not_yet_valid' ? `timedatectl; if the clock is right, ${anew}` : remedy });
}

const textOf = (read: ReturnType<typeof readText>) => ('text' in read ? read.text : '');

/** Where it was told to go, and what happens to who goes there with its files. */
async function way(config: Config, { broker, folder }: Minted, name: string, identity: Identity | undefined): Promise<Finding[]> {
  const { devices, publicDevicesPort } = config;
  const file = config.shown(join(folder, 'device.json'));
  const flash = `make flash DEVICE="${name}"`;
  const findings: Finding[] = [];
  if (broker.port !== publicDevicesPort) {
    findings.push(make.problem('board_wrong_port', name, {
      what: `${name} was told to look for the broker at port ${broker.port}; boards come in at ${publicDevicesPort}.`,
      why: 'The port was changed after it was minted.', do: `set "port": ${publicDevicesPort} in ${file}, then ${flash}` }));
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
  const remedies = remediesFor(config);
  const words = wordsOfConnection(answer.code, { who: name, ...devices, name: broker.host, remedies, place: file, service: answer.code === 'port_closed' ? 'gate' : 'mosquitto',
    anew: `make pki-revoke DEVICE="${name}", then ${remedies.mint(`${name} 2`)} and make flash DEVICE="${name} 2"` }, answer.said);
  return [...findings, make.problem(`board_${answer.code}`, name, words)];
}

/** Milliseconds for which a refusal that names nobody may have been this board. */
const lately = 600_000;

/** Those of whom the gate saw no certificate: one of them may be the board that is asked for. */
function unnamed({ view }: Config, name: string, refusals: ReturnType<typeof readRefusals>['refusals']): Finding[] {
  const started = Date.now() - process.uptime() * 1000;
  // What the doctor itself has tried the last time, from here.
  const own = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
  return refusals.filter(({ certificate, last, address }) => certificate === undefined && !own.has(address) && last < started && started - last < lately).slice(0, 3)
    .map((refusal) => {
      const words = wordsOfRefusal({ name: 'Somebody', board: name, refusal, remedies: remediesFor({ view }) });
      return make.warning(`refused_${refusal.reason}`, refusal.address, { ...words,
        what: `${words.what} It may have been ${name} (${span(Date.now() - refusal.last)} ago).` });
    });
}
