import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { limits } from '@sconce/protocol/limits';
import type { Action } from '@sconce/protocol/messages';
import { Problem } from './problem.ts';

export type Offer = Omit<Extract<Action, { do: 'update.begin' }>, 'do'>;

/** The first byte of every image that the ESP8266 starts. */
const imageMark = 0xe9;

/** Reads an image for the chip. @throws Problem if that is not what the file is */
export function readFirmware(path: string): Uint8Array {
  let firmware;
  try {
    firmware = readFileSync(path);
  } catch (error) {
    throw new Problem(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Name the firmware.bin that `
      + 'PlatformIO made: firmware/.pio/build/nodemcuv2/firmware.bin', { cause: error });
  }
  if (firmware[0] !== imageMark) {
    throw new Problem(`${path} is no firmware for an ESP8266: its first byte is not 0xE9. Name the firmware.bin, not the `
      + '.elf, and no image of files.');
  }
  if (firmware.length > limits.updateBytes.max) {
    throw new Problem(`${path} has ${firmware.length} bytes; there is room for ${limits.updateBytes.max} on a board.`);
  }
  return firmware;
}

/** Has the household's authority sign the file. @throws Problem with the script's complaint */
export function sign(path: string, pkiDir: string | undefined): Offer {
  const script = fileURLToPath(new URL('../../../pki/sign-firmware', import.meta.url));
  const env = { ...process.env, ...pkiDir !== undefined && { PKI_DIR: pkiDir } };
  try {
    return JSON.parse(execFileSync(script, [path], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })) as Offer;
  } catch (error) {
    throw new Problem(String((error as { stderr?: unknown }).stderr ?? error).trim(), { cause: error });
  }
}
