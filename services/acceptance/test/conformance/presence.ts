import { readFileSync } from 'node:fs';
import { limits } from '@sconce/protocol/limits';
import { Info, Status, Telemetry } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import type { RunningDevice } from '../../src/conformance/device.ts';
import { until } from '../../src/until.ts';
import { says, type Bench } from './bench.ts';
import { hall } from './household.ts';

export async function presence(t: Test, { start, asker, broker, anotherAsker }: Bench) {
  const before = Date.now();
  const device = start(t);
  const online = await asker.heard.first('online', says('status', { online: true }));
  const since = Status.parse(online.json).since;
  t.ok(since >= before && since <= Date.now(), 'since when it is connected, by its own clock');
  await asker.heard.first('info', says('info'));

  const late = await anotherAsker(t);
  const info = await late.heard.first('info for one who comes later', says('info'));
  const status = await late.heard.first('status for one who comes later', says('status', { online: true, since }));
  t.ok(info.retained && status.retained, 'both are retained');
  const { certificateNotAfter } = JSON.parse(readFileSync(hall.json, 'utf8')) as { certificateNotAfter: number };
  t.match(Info.parse(info.json),
    { certificateNotAfter, pins: [4, 5], capabilities: ['rf.send', 'rf.receive', 'rf.learn', 'pin.set', 'identify'] });
  t.notOk('lastError' in (info.json as object), 'no fault yet');

  const telemetry = await asker.heard.first('the first telemetry', says('telemetry'));
  t.ok(Telemetry.safeParse(telemetry.json).success, 'telemetry as the protocol has it');
  for (const { bytes, channel } of asker.heard.all) {
    t.ok(bytes.byteLength <= limits.deviceMessageBytes, `${channel}: ${bytes.byteLength} bytes`);
  }
  const hello = new RegExp(`as ${hall.id} \\((.*), u'${hall.id}'\\)`);
  t.match(await until('the broker\'s log of it', () => hello.exec(broker.log())?.[1]),
    new RegExp(`^p[25], c1, k${limits.keepAliveSeconds}$`), 'MQTT 3.1.1 or 5, a clean session, the keep-alive agreed on');
  t.match(device.events('connected', 'disconnected', 'error').map(({ event }) => event), ['connected'], 'at the first try');
}

/** The last will, and the goodbye that makes it needless. */
export async function endings(t: Test, { start, asker, broker, anotherAsker }: Bench) {
  for (const [why, end, clean] of [
    ['power lost', (device: RunningDevice) => device.kill(), false],
    ['stopped', async (device: RunningDevice) => {
      const { status, ms } = await device.stop();
      t.equal(status, 0);
      t.ok(ms < 2000, `within 2 s (${Math.round(ms)} ms)`);
    }, true],
  ] as const) {
    const [from, fromLog] = [asker.heard.all.length, broker.log().length];
    const device = start(t);
    const online = await asker.heard.first('online', says('status', { online: true }), { from });
    const fromEnd = asker.heard.all.length;
    await end(device);
    const offline = await asker.heard.first('offline', says('status', { online: false }), { from: fromEnd });
    t.same(Status.parse(offline.json), { online: false, since: Status.parse(online.json).since },
      `${why}: offline, since as before`);
    const late = await anotherAsker(t);
    const status = await late.heard.first('status', says('status', { online: false }));
    t.ok(status.retained, `${why}: retained`);
    const logged = () => new RegExp(`Client ${hall.id}.*(disconnected|closed).*`).exec(broker.log().slice(fromLog))?.[0];
    const line = await until(`${why}: the broker's log of it`, logged);
    t.equal(/ disconnected\.$/.test(line), clean, `${why}: the broker was ${clean ? '' : 'not '}told DISCONNECT`);
  }
}
