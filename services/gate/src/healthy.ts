import { statSync } from 'node:fs';
import { readConfig } from './config.ts';

/* The container's health check: the gate writes its file every 10 s. Not whether it listens: one that hangs does that, too. */
const { refusals } = readConfig(process.env);
process.exitCode = Date.now() - statSync(refusals).mtimeMs < 30_000 ? 0 : 1;
