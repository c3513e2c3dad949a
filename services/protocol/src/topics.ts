import { DeviceId, ReplicaId } from './ids.ts';

/** All topics begin with this. The version changes when a message changes in a way that an old party cannot read. */
export const topicRoot = 'sconce/v1';

/** Channels on which a device speaks, one level each; `ack` has the asking replica as a further level. */
export const deviceChannels = ['status', 'info', 'telemetry', 'rf/received', 'certificate'] as const;
export type DeviceChannel = (typeof deviceChannels)[number];

/** The topics of one device. */
export const topics = {
  command: (device: DeviceId) => `${topicRoot}/${device}/command`,
  ack: (device: DeviceId, replica: ReplicaId) => `${topicRoot}/${device}/ack/${replica}`,
  status: (device: DeviceId) => `${topicRoot}/${device}/status`,
  info: (device: DeviceId) => `${topicRoot}/${device}/info`,
  telemetry: (device: DeviceId) => `${topicRoot}/${device}/telemetry`,
  certificate: (device: DeviceId) => `${topicRoot}/${device}/certificate`,
  received: (device: DeviceId) => `${topicRoot}/${device}/rf/received`,
};

/** What an API process subscribes to: every device's channels, and the answers to its own commands. */
export const apiFilters = (replica: ReplicaId) => ({
  channels: deviceChannels.map((channel) => `${topicRoot}/+/${channel}`),
  acks: `${topicRoot}/+/ack/${replica}`,
});

export type DeviceTopic =
  | { channel: DeviceChannel; device: DeviceId }
  | { channel: 'ack'; device: DeviceId; replica: ReplicaId };

/** Reads a topic on which a device speaks; anything else is `undefined`. */
export function parseDeviceTopic(topic: string): DeviceTopic | undefined {
  if (!topic.startsWith(`${topicRoot}/`)) return undefined;
  const [id, ...rest] = topic.slice(topicRoot.length + 1).split('/');
  const device = DeviceId.safeParse(id);
  if (!device.success) return undefined;
  if (rest[0] === 'ack') {
    const replica = ReplicaId.safeParse(rest[1]);
    if (!replica.success || rest.length !== 2) return undefined;
    return { channel: 'ack', device: device.data, replica: replica.data };
  }
  const channel = deviceChannels.find((name) => name === rest.join('/'));
  return channel && { channel, device: device.data };
}
