import { fileURLToPath } from 'node:url';
import { readFirmware, sign } from './firmware.ts';
import { openLine, type Broker, type Line } from './line.ts';
import { Problem } from './problem.ts';
import { showProgress } from './progress.ts';
import { sendFirmware } from './send.ts';
import { findBoard, readCredentials } from './store.ts';

const help = `Sends new firmware to a board, signed by the household:

  make update DEVICE="Hall lamp board" FIRMWARE=path/to/firmware.bin

DEVICE    the board's name, or its id
FIRMWARE  the image that PlatformIO made
BROKER    where the broker listens to services; localhost:8884 unless told
PKI_DIR   the store with the household's keys, pki/store unless told

Run it where both can be reached. What is cut short can be begun again within two minutes, and goes on.`;

/** What the retained messages of a board that is there take at most. */
const presenceMs = 5000;
/** The boot loader copies for some seconds, then the board must join its Wi-Fi, and ask for the time. */
const returnMs = 120_000;

function readBroker(text: string): Pick<Broker, 'host' | 'port'> {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new Problem(`BROKER takes a host and a port, like localhost:8884, not "${text}".`);
  return { host, port: Number(port) };
}

async function requireReady(line: Line, name: string): Promise<void> {
  await line.until(() => line.status !== undefined && (!line.status.online || line.info !== undefined), presenceMs);
  if (!line.status?.online) throw new Problem(`${name} is offline. Check its power and its Wi-Fi, then try again.`);
  if (!line.info?.capabilities.includes('update')) {
    throw new Problem(`The firmware on ${name} (${line.info?.firmware ?? 'unknown'}) takes no update over the air. `
      + 'Flash it once over its USB cable: make flash');
  }
}

async function update(line: Line, name: string, path: string, pkiDir: string): Promise<void> {
  const firmware = readFirmware(path);
  await requireReady(line, name);
  const before = line.status?.since ?? 0;
  const offer = sign(path, pkiDir);
  console.log(`${name} has firmware ${line.info?.firmware}. Sending ${firmware.length} bytes, SHA-256 ${offer.sha256.slice(0, 16)}…`);
  await sendFirmware(line, firmware, offer, showProgress(firmware.length, process.stdout));

  console.log('It has all of it, as it was signed, and restarts. Leave its power on.');
  const isBack = () => line.status?.online === true && line.status.since > before && line.info?.resetReason !== undefined;
  const back = await line.until(isBack, returnMs);
  if (!back) throw new Problem(`${name} has not come back within two minutes. If it stays away, flash it over its USB cable.`);
  await line.until(() => line.info?.resetReason.includes('new firmware') ?? false, presenceMs);
  console.log(`${name} is back with firmware ${line.info?.firmware}. It says: ${line.info?.resetReason}.`);
}

async function main(): Promise<void> {
  // make hands on what it was not told as nothing.
  const { DEVICE = '', FIRMWARE = '' } = process.env;
  const broker = process.env.BROKER || 'localhost:8884';
  const pkiDir = process.env.PKI_DIR || fileURLToPath(new URL('../../../pki/store', import.meta.url));
  if (process.argv.includes('--help')) return console.log(help);
  const board = findBoard(pkiDir, DEVICE);
  if (FIRMWARE === '') throw new Problem('Say which firmware: FIRMWARE=firmware/.pio/build/nodemcuv2/firmware.bin');
  const line = await openLine(board.id, { ...readBroker(broker), ...readCredentials(pkiDir) });
  try {
    await update(line, board.name, FIRMWARE, pkiDir);
  } finally {
    await line.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
