import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './pki.ts';
import { startProgram, type Running } from './process.ts';

export interface AuthorityOptions {
  /** A store that pki/init made. */
  pkiDir: string;
  /** Where it answers; unless told, in a folder of its own, which is removed at the end. */
  socket?: string;
  /** PKI_BOARD_LIFETIME and its like. */
  lifetimes?: Record<`PKI_${string}_LIFETIME`, string>;
  /** Files in which broker and gate say what they go by. */
  brokerStatus?: string;
  gateRefusals?: string;
  /** A file to which its log is appended as well. */
  logFile?: string;
}

export type Authority = Running & { socket: string };

/** Starts the household's authority; resolves once it answers. May be called again after its end, on the same socket. */
export async function startAuthority(options: AuthorityOptions): Promise<Authority> {
  const { pkiDir, lifetimes = {}, brokerStatus, gateRefusals, logFile } = options;
  // A socket's path holds 107 characters: the folders of tests may be longer.
  const ownDir = options.socket === undefined ? await mkdtemp(join(tmpdir(), 'sconce-authority-')) : undefined;
  const socket = options.socket ?? join(ownDir ?? '', 'authority.sock');
  const tidy = async () => {
    if (ownDir !== undefined) await rm(ownDir, { recursive: true, force: true });
  };
  try {
    const authority = await startProgram({
      name: 'the authority', command: process.execPath, args: [join(repository, 'services/authority/src/main.ts')],
      env: {
        PATH: process.env.PATH ?? '', AUTHORITY_SOCKET: socket, PKI_DIR: pkiDir, ...lifetimes,
        ...brokerStatus !== undefined && { BROKER_STATUS_FILE: brokerStatus },
        ...gateRefusals !== undefined && { GATE_REFUSALS: gateRefusals },
      },
      ...logFile !== undefined && { logFile },
      ready: /Server listening/, deadlineMs: 20_000,
    });
    return { ...authority, socket, stop: () => authority.stop().finally(tidy), kill: () => authority.kill().finally(tidy) };
  } catch (error) {
    await tidy();
    throw error;
  }
}
