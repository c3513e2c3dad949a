/**
 * What the gate before the broker costs: each figure straight to Mosquitto's listener for boards, and through the gate.
 *
 *   node acceptance/tools/bench-gate.ts [--boards 200] [--commands 1000] [--idle 1000]
 *
 * Boards, broker and gate share this machine, so that the ratio says more than the figures.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { parseArgs } from 'node:util';
import { ReplicaId } from '@sconce/protocol/ids';
import { topics } from '@sconce/protocol/topics';
import { startGate } from '../src/gate.ts';
import { startMosquitto } from '../src/mosquitto.ts';
import { credentials, initPki, mintDevice, type MintedDevice } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { connect } from '../test/clients.ts';

const { values } = parseArgs({ options: { boards: { type: 'string', default: '200' }, commands: { type: 'string', default: '1000' },
  idle: { type: 'string', default: '1000' } } });
const dir = mkdtempSync(join(tmpdir(), 'sconce-bench-'));
const pkiDir = join(dir, 'store');
const { api } = await initPki(pkiDir);
const board = await mintDevice(pkiDir, 'Board');
const [port = 0, devicesPort = 0, servicesPort = 0] = await freePorts(3);
const broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
const gate = await startGate({ pkiDir, port, brokerPort: devicesPort, dir, bounds: { rate: 100_000, burst: 100_000 } });

const ways = [['straight', devicesPort], ['through the gate', port]] as const;
const mean = (all: number[], part: number) => [...all].sort((a, b) => a - b)[Math.floor(all.length * part)] ?? NaN;
const row = (what: string, figures: number[], unit: string) => {
  const [straight = NaN, through = NaN] = figures;
  console.log(`| ${what} | ${straight.toFixed(2)} ${unit} | ${through.toFixed(2)} ${unit} | ${(through / straight).toFixed(2)} |`);
};

/** Milliseconds of each of so many commands: API, broker, board, and the board's answer back, at QoS 1. */
async function roundTrips(port: number, board: MintedDevice): Promise<number[]> {
  const replica = ReplicaId.parse('0000000a');
  // As boards speak it; mqtt.js hands on what it does not know to Node's TLS.
  const tls: object = { maxVersion: 'TLSv1.2' };
  const [server, device] = [await connect(servicesPort, api),
    await connect(port, board, { clientId: board.id, protocolVersion: 4, ...tls })];
  for (const { mqtt } of [server, device]) (mqtt.stream as TLSSocket).setNoDelay(true);
  await device.mqtt.subscribeAsync(topics.command(board.id), { qos: 1 });
  await server.mqtt.subscribeAsync(topics.ack(board.id, replica), { qos: 1 });
  device.mqtt.on('message', () => { device.mqtt.publish(topics.ack(board.id, replica), 'x'.repeat(80), { qos: 1 }); });
  const times: number[] = [];
  for (let n = 0; n < Number(values.commands); n += 1) {
    const start = performance.now();
    const answered = new Promise<void>((resolve) => { server.mqtt.once('message', () => resolve()); });
    server.mqtt.publish(topics.command(board.id), 'x'.repeat(200), { qos: 1 });
    await answered;
    times.push(performance.now() - start);
  }
  await Promise.all([server, device].map(({ mqtt }) => mqtt.endAsync(true)));
  // Before these, everything is being compiled.
  return times.slice(times.length / 4);
}

/** So many boards' TLS, all at once; they stay. */
async function arrive(port: number, count: number): Promise<{ ms: number; sockets: TLSSocket[] }> {
  const secrets = credentials(board);
  const start = performance.now();
  const sockets = await Promise.all(Array.from({ length: count }, () => new Promise<TLSSocket>((resolve, reject) => {
    const socket: TLSSocket = connectTls({ host: '127.0.0.1', servername: 'localhost', port, maxVersion: 'TLSv1.2', ...secrets },
      () => resolve(socket));
    socket.once('error', reject);
  })));
  return { ms: performance.now() - start, sockets };
}

const memory = (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const leave = async (sockets: TLSSocket[]) => {
  await Promise.all(sockets.map((socket) => new Promise((resolve) => { socket.once('close', resolve).destroy(); })));
};

try {
  console.log('| | straight | through the gate | ratio |\n|---|---:|---:|---:|');
  const trips = [];
  for (const [, port] of ways) trips.push(await roundTrips(port, board));
  row('command and answer, median', trips.map((all) => mean(all, 0.5)), 'ms');
  row('command and answer, 99 of 100', trips.map((all) => mean(all, 0.99)), 'ms');
  const rounds: number[][] = [[], []];
  for (let round = 0; round < 5; round += 1) {
    for (const [n, [, port]] of ways.entries()) {
      const { ms, sockets } = await arrive(port, Number(values.boards));
      rounds[n]?.push(ms);
      await leave(sockets);
    }
  }
  row(`${values.boards} boards arrive at once, the median of 5`, rounds.map((all) => mean(all, 0.5)), 'ms');
  const before = memory(gate.pid);
  const { sockets } = await arrive(port, Number(values.idle));
  const idle = memory(gate.pid);
  console.log(`\nmemory of the gate: ${(before / 1024).toFixed(0)} MiB before, ${(idle / 1024).toFixed(0)} MiB with ${values.idle} connections: ` +
    `${((idle - before) / Number(values.idle)).toFixed(1)} KiB each`);
  await leave(sockets);
} finally {
  await Promise.all([gate.kill(), broker.kill()]);
  rmSync(dir, { recursive: true, force: true });
}
