import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { faultOf } from '@sconce/protocol/faults';
import type { Address, Config, IdentityFiles } from '../config.ts';
import { findingsOf, moment, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { readText } from '../probe/file.ts';
import { codeOf } from '../probe/http.ts';
import { dial, look, refusesTcp } from '../probe/tls.ts';
import { within } from '../probe/within.ts';
import { wordsOfConnection } from './connection-words.ts';

const make = findingsOf('broker');
const at = ({ host, port }: Address) => `${host}:${port}`;

/** The broker from both sides, and whether it goes by the newest set of what is trusted. */
export async function broker(config: Config): Promise<Finding[]> {
  const [inside, outside] = await Promise.all([servicesSide(config), devicesSide(config)]);
  return [...inside, ...outside, brokerSet(config)];
}

async function servicesSide(config: Config): Promise<Finding[]> {
  const { services, api } = config;
  if (services === undefined || api === undefined) {
    return [make.skipped('not_told', 'services', 'The broker was not asked as the API asks it.',
      'MQTT_URL, MQTT_CA_FILE, MQTT_CERT_FILE and MQTT_KEY_FILE are not all set.')];
  }
  let identity;
  try {
    identity = { ca: readFileSync(api.ca), cert: readFileSync(api.cert), key: readFileSync(api.key) };
  } catch (error) {
    return [make.skipped('not_seen', at(services), 'The broker was not asked as the API asks it.',
      `A file of the API cannot be read (${codeOf(error)}).`)];
  }
  const fault = await asApi(config, services, identity);
  if (fault) return [fault];
  return [make.ok('broker_good', at(services), 'The broker lets the API in.'),
    await locked(config, services, api, 'mosquitto')];
}

/** A whole connection, by a name of its own: it stands in nobody's way. */
async function asApi(config: Config, services: Address,
  identity: { ca: Buffer; cert: Buffer; key: Buffer }): Promise<Finding | undefined> {
  let client: mqtt.MqttClient | undefined;
  try {
    // Throws when key and certificate do not belong together.
    const asking = mqtt.connect({ protocol: 'mqtts', ...services, ...identity, protocolVersion: 5,
      clientId: `doctor-${randomBytes(4).toString('hex')}`,
      reconnectPeriod: 0, connectTimeout: 4000 });
    client = asking;
    await within(5000, new Promise<void>((resolve, reject) => {
      asking.once('connect', () => resolve());
      asking.once('error', reject);
      asking.once('close', () => reject(new Error('closed')));
    }));
    return undefined;
  } catch (error) {
    const { code } = faultOf(error instanceof Error && error.message === 'closed' ? 'closed early' : error, false,
      { party: 'api', ...services, name: services.host, notAfter: Infinity, now: Date.now() });
    const remedies = remediesFor(config);
    return make.problem(code === 'port_closed' ? 'broker_down' : code, at(services), wordsOfConnection(code,
      { who: 'the API', ...services, name: services.host, remedies, place: 'MQTT_URL', service: 'mosquitto',
        anew: remedies.pki }, codeOf(error)));
  } finally {
    client?.end(true);
  }
}

async function devicesSide(config: Config): Promise<Finding[]> {
  const { devices, api } = config;
  if (devices === undefined) return [make.skipped('not_told', 'devices',
    'The way by which boards come in was not looked at.', 'DEVICES_HOST and DEVICES_PORT do not say where it is.')];
  const remedies = remediesFor(config);
  // The API meets the broker itself inside.
  const service = config.view === 'api' ? 'mosquitto' : 'gate';
  const connection = { who: 'a board', ...devices, name: devices.host, remedies, place: 'DEVICES_PORT', service,
    anew: '' };
  const closed = await refusesTcp(devices);
  if (closed !== undefined) {
    const { code } = faultOf(Object.assign(new Error(closed), { code: closed }), false,
      { party: 'board', ...devices, name: devices.host, notAfter: Infinity, now: Date.now() });
    return [make.problem(code === 'port_closed' && service === 'gate' ? 'gate_down' : code, at(devices),
      wordsOfConnection(code, connection, closed))];
  }
  try {
    await look(devices, config.domain ?? devices.host);
  } catch (error) {
    const { code } = faultOf(error, false,
      { party: 'board', ...devices, name: devices.host, notAfter: Infinity, now: Date.now() });
    if (code !== 'closed_early' && code !== 'connection_lost') {
      return [make.problem(code, at(devices), wordsOfConnection(code, connection, codeOf(error)))];
    }
    return [make.problem('gate_without_broker', at(devices), {
      what: `Boards reach the gate at ${at(devices)}, and it does not get through to the broker.`,
      why: 'The broker does not run, or does not listen for boards.',
      do: `${remedies.start('mosquitto')} && ${remedies.logs('mosquitto')}` })];
  }
  return [make.ok('devices_good', at(devices), 'Boards reach the broker.'),
    ...api ? [await locked(config, devices, api, 'mosquitto')] : []];
}

/** Who shows no certificate must not be let in. */
async function locked(config: Config, where: Address, api: IdentityFiles, service: string): Promise<Finding> {
  const ca = readText(api.ca);
  if ('fault' in ca) return make.skipped('not_seen', at(where),
    'Whether somebody without a certificate is let in was not looked at.', `${config.shown(api.ca)} cannot be read.`);
  const answer = await dial(where, where.host, { ca: ca.text }, 'board');
  if (!answer.in) return make.ok('broker_locked', at(where), 'Nobody is let in without a certificate.');
  return make.problem('broker_open', at(where), { what: `Somebody without a certificate is let in at ${at(where)}.`,
    why: 'The configuration of the broker was changed, or not it listens there.',
    do: `git checkout mosquitto/mosquitto.conf && ${remediesFor(config).restart(service)}` });
}

/** Seconds without a look after which the watcher beside the broker counts as dead; as mosquitto/health. */
const deadAfter = 30;
/** Seconds that broker and gate may take over a new set. */
export const takesSeconds = 15;

/** What the watcher beside the broker says, in its status file. */
function brokerSet(config: Config): Finding {
  const { brokerStatus, trustDir } = config;
  const { restart, logs } = remediesFor(config);
  if (brokerStatus === undefined) return make.skipped('not_told', 'applied',
    'Whether the broker has taken the newest set was not looked at.',
    'BROKER_STATUS_FILE does not say where it tells.');
  const read = readText(brokerStatus);
  if ('fault' in read) {
    return make.problem('broker_status_missing', 'mosquitto', {
      what: `The broker does not say what it goes by: ${brokerStatus} is ${read.fault}.`,
      why: 'It has not started, or cannot write there.', do: `${restart('mosquitto')} && ${logs('mosquitto')}` });
  }
  const pairs = read.text.split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const { trust = '', at: since = '0', beat = '0', fault = '' } = Object.fromEntries(pairs) as Record<string, string>;
  const silent = Date.now() / 1000 - Number(beat);
  if (silent > deadAfter) {
    return make.problem('watcher_dead', 'mosquitto', {
      what: `What watches the certificates beside the broker has not looked for ${span(silent * 1000)}.`,
      why: 'It has ended. A board that is revoked now would stay connected, and a renewed certificate of the broker '
        + 'would not be taken.',
      do: restart('mosquitto') });
  }
  if (fault !== '') {
    return make.problem('broker_set_refused', 'mosquitto', { what: `The broker does not take the newest set: ${fault}.`,
      why: 'It goes on with the one before; a revocation made since does not hold.',
      do: remediesFor(config).pki });
  }
  const newest = sumsOf(trustDir);
  if (newest !== undefined && newest.sum !== trust && Date.now() / 1000 - newest.since > takesSeconds) {
    return make.problem('broker_set_old', 'mosquitto', {
      what: `The broker still goes by the set of ${moment(Number(since) * 1000)}.`,
      why: 'A newer one lies in the store; a revocation made since does not hold.',
      do: restart('mosquitto') });
  }
  return make.ok('broker_set_good', 'mosquitto', 'The broker goes by the newest set of what is trusted.');
}

/** Names the set, as broker and gate do. */
export function sumsOf(trustDir: string | undefined): { sum: string; since: number } | undefined {
  const read = trustDir === undefined ? undefined : readText(join(trustDir, 'SHA256SUMS'));
  return read && 'text' in read
    ? { sum: createHash('sha256').update(read.text).digest('hex'), since: read.changed / 1000 } : undefined;
}
