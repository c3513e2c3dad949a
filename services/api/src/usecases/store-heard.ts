import { insertDeviceIfNew, setDeviceInfo, setDeviceOnline, setDeviceTelemetry } from '../db/devices.ts';
import type { DeviceMessage } from '../mqtt/bus.ts';
import { announceDevice } from './announce.ts';
import { recordLater } from './audit.ts';
import type { Context } from './context.ts';
import { storeFrame } from './follow-remote.ts';

/** A device's message that is stored; `at`: when it was heard; `news`: whether the device came or went with it. */
export type Heard = Exclude<DeviceMessage, { channel: 'certificate' }> & { at: Date; news: boolean };

/** Stores what a device said, and tells those who watch. */
export async function storeHeard(context: Context, heard: Heard): Promise<void> {
  const { db, log } = context;
  const { device, at } = heard;
  if (await insertDeviceIfNew(db, device, at)) {
    log.info({ device }, 'a new board: an admin can adopt it in the dashboard');
    recordLater(context, { via: 'board' }, {
      action: 'device.appear', target: { kind: 'device', id: device, name: null }, at });
  }
  switch (heard.channel) {
    case 'status': return storeStatus(context, heard);
    case 'info':
      await setDeviceInfo(db, device, heard.value);
      return announceDevice(context, device);
    case 'telemetry':
      await setDeviceTelemetry(db, device, heard.value, at);
      return announceDevice(context, device);
    case 'rf/received': return storeFrame(context, heard);
  }
}

async function storeStatus(context: Context, heard: Extract<Heard, { channel: 'status' }>): Promise<void> {
  const { device, at, news, value: { online, since } } = heard;
  // A last will was written when the connection began: its end is now. A board's clock may be ahead of ours.
  const changedAt = online ? new Date(Math.min(since, at.getTime())) : at;
  await setDeviceOnline(context.db, device, online, changedAt);
  if (news || !online) await announceDevice(context, device);
}
