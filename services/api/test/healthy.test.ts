import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { freePorts } from '../../acceptance/src/process.ts';
import { databases, Household } from './household.ts';

const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
await household.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = household.app.server.address() as AddressInfo;
const [closed] = await freePorts(1);

/** The container's health check, as Docker runs it. */
const check = (args: string[], env: Record<string, string>) =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL('../src/healthy.ts', import.meta.url)), ...args], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }));

t.test('healthy is what answers; ready is what can do everything, and says what is missing', async (t) => {
  const here = { PORT: String(port) };
  for (const [why, broker, args, env, code, said] of [
    ['all is well', true, [], here, 0, /200/],
    ['and ready', true, ['ready'], here, 0, /"broker":true/],
    ['listening everywhere', true, [], { ...here, HOST: '0.0.0.0' }, 0, /200/],
    ['the broker is away: it still serves', false, [], here, 0, /200/],
    ['and is not ready', false, ['ready'], here, 1, /503 .*"database":true,"broker":false/],
    ['nobody is there', true, [], { PORT: String(closed) }, 1, /ECONNREFUSED/],
  ] as const) {
    household.bus.connected = broker;
    const answer = await check([...args], env);
    t.equal(answer.code, code, why);
    t.match(answer.said, said, why);
  }
});
