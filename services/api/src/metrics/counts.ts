import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { outcomes, problemCodes } from '@sconce/protocol/http';
import { deviceChannels } from '@sconce/protocol/topics';
import { commandKinds, commandMeans, dropReasons, type Meter } from '../domain/meter.ts';

/** Seconds. A pin answers within milliseconds; one frame takes 45 ms, ten take 448; the deadline is 4 s a board. */
const commandBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 4, 8];

/** Seconds. Most answers take milliseconds; those that wait for a board have their own. */
const requestBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Open for hours: their time would say nothing of the others'. */
const streams = '/api/v1/events';

/** Dots and slashes are for topics. */
const channelLabel = (channel: string) => channel.replace('/', '_');

/**
 * Counts by prom-client what happens. What can be known beforehand stands there with 0 from the start, so that the
 * first time it happens shows as an increase.
 */
export function countIn(registry: Registry): Meter {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });

  const requests = counter('sconce_http_requests_total', 'HTTP requests answered, by route and class of status.',
    ['method', 'route', 'status']);
  const requestSeconds = new Histogram({ name: 'sconce_http_request_duration_seconds',
    help: 'Time from an HTTP request to its answer, event streams left out.',
    labelNames: ['method', 'route'], buckets: requestBuckets, registers });
  const problems = counter('sconce_http_problems_total', 'Problems told to whoever asked, by their code.', ['code']);
  const commands = counter('sconce_commands_total', 'Commands to boards, by how they were asked for and how they ended.',
    ['kind', 'means', 'outcome']);
  const commandSeconds = new Histogram({ name: 'sconce_command_duration_seconds',
    help: 'Time from a request to the answer of the board that transmitted.',
    labelNames: ['kind', 'means'], buckets: commandBuckets, registers });
  const messages = counter('sconce_mqtt_messages_total', 'Messages heard from boards.', ['channel']);
  const dropped = counter('sconce_mqtt_messages_dropped_total', 'Messages from boards that were not kept, and why.',
    ['channel', 'reason']);
  const notTaken = counter('sconce_mqtt_commands_refused_total', 'Commands that the broker did not take.');
  const connected = new Gauge({ name: 'sconce_mqtt_connected', help: 'Whether the broker is connected and subscribed to.',
    registers, aggregator: 'min' });
  const connections = counter('sconce_mqtt_connections_total', 'Times that the broker was connected to.');
  const lost = counter('sconce_mqtt_connections_lost_total', 'Times that the connection to the broker was lost.');
  const signIns = counter('sconce_sign_ins_total', 'Sign-ins, by their result: signed_in, or the problem that ended them.',
    ['result']);
  const limited = counter('sconce_rate_limited_total', 'Requests refused as too many.', ['limit', 'by']);
  const open = new Gauge({ name: 'sconce_event_streams_open', help: 'Event streams that are open.', registers,
    aggregator: 'sum' });

  for (const kind of commandKinds) {
    const all = kind === 'switch' || kind === 'scene_step' ? ['radio', 'pin'] as const
      : commandMeans.filter((means) => means === (kind === 'transmit' ? 'radio' : 'board'));
    for (const means of all) {
      for (const outcome of outcomes) commands.inc({ kind, means, outcome }, 0);
      commandSeconds.zero({ kind, means });
    }
  }
  for (const channel of [...deviceChannels, 'ack'].map(channelLabel)) {
    messages.inc({ channel }, 0);
    for (const reason of dropReasons) dropped.inc({ channel, reason }, 0);
  }
  for (const code of problemCodes) problems.inc({ code }, 0);
  signIns.inc({ result: 'signed_in' }, 0);
  for (const by of ['address', 'person']) limited.inc({ limit: 'switching', by }, 0);

  return {
    request({ method, route, status, seconds }) {
      requests.inc({ method, route, status: `${Math.floor(status / 100)}xx` });
      if (route !== streams) requestSeconds.observe({ method, route }, seconds);
    },
    problem: (code) => problems.inc({ code }),
    command({ kind, means, outcome, seconds }) {
      commands.inc({ kind, means, outcome });
      if (outcome === 'transmitted') commandSeconds.observe({ kind, means }, seconds);
    },
    message: (channel) => messages.inc({ channel: channelLabel(channel) }),
    dropped: (channel, reason) => dropped.inc({ channel: channelLabel(channel), reason }),
    commandNotTaken: () => notTaken.inc(),
    broker(is) {
      connected.set(is === 'connected' ? 1 : 0);
      (is === 'connected' ? connections : lost).inc();
    },
    signIn: (result) => signIns.inc({ result }),
    limited: (what, by) => limited.inc({ limit: what, by }),
    streamOpened() {
      open.inc();
      return () => open.dec();
    },
  };
}
