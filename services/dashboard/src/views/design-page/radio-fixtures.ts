import type { OutletId, SceneId } from '@sconce/protocol/ids';
import type { RfCode } from '@sconce/protocol/messages';
import type { HeardFrame, ImportResult, Run, Scene } from '@sconce/protocol/radio-api';
import { Failure } from '../../api/client.ts';
import { learning, type Learning } from '../../state/learning.ts';
import type { Press } from '../../state/presses.ts';
import type { Going } from '../../state/scenes.ts';
import type { Listening } from '../add/listening.ts';
import type { PairState } from '../add/PairFace.tsx';
import { hallBoard, moment, outletSamples } from './fixtures.ts';

export const onCode = { code: 5_592_323, bits: 24, protocol: 1, pulse: 352 } satisfies RfCode;
export const offCode = { ...onCode, code: 5_592_332 };
const neighbours = { code: 11_184_812, bits: 24, protocol: 1, pulse: 318 } satisfies RfCode;
const sensor = { code: 41_207, bits: 16, protocol: 4, pulse: 402 } satisfies RfCode;


const anId = (n: number) => `${String(n).padStart(8, '0')}-6f0e-4c36-9a55-0a4b7c2f1d10` as OutletId;

export const frame = (code: RfCode, outlets: HeardFrame['outlets'] = []): HeardFrame => ({
  ...code, deviceId: hallBoard.id, at: new Date(moment).toISOString(), learning: true, outlets,
});
const times = (n: number, code: RfCode, outlets?: HeardFrame['outlets']) => Array.from({ length: n }, () => frame(code, outlets));
const hallLamp = { id: anId(0), name: 'Hall lamp', on: true };
const hallOn = [hallLamp];

const nothing = learning([]);
const noise = learning([frame(sensor), frame({ ...sensor, code: 9 })]);
const listening: Listening = { phase: 'listening', secondsLeft: 24 };
const offline = new Failure({ code: 'device_offline', status: 409, detail: 'Hall board is offline. Check its power and its network.' });

/** Every state of the page that listens. */
export const listenSamples: { what: string; now: Listening; learned: Learning; before?: RfCode }[] = [
  { what: 'The board is being asked', now: { phase: 'starting' }, learned: nothing },
  { what: 'Listening', now: listening, learned: nothing },
  { what: 'Something, not enough yet', now: listening, learned: noise },
  { what: 'A remote that is known already', now: listening, learned: learning(times(4, neighbours, hallOn)) },
  { what: 'Found, with others beside it', now: listening,
    learned: learning([...times(9, onCode), ...times(4, neighbours), ...times(3, sensor, hallOn)]) },
  { what: 'Off: found', now: listening, learned: learning(times(7, offCode), onCode), before: onCode },
  { what: 'Off: the same again', now: listening, learned: learning(times(5, onCode), onCode), before: onCode },
  { what: 'Found, the time is over', now: { phase: 'over' }, learned: learning(times(7, onCode)) },
  { what: 'Nothing was heard', now: { phase: 'over' }, learned: nothing },
  { what: 'Nothing clear was heard', now: { phase: 'over' }, learned: noise },
  { what: 'Only what is here already', now: { phase: 'over' }, learned: learning(times(4, neighbours, hallOn)) },
  { what: 'The board could not be asked', now: { phase: 'failed', failure: offline }, learned: nothing },
];

export const pairSamples: { what: string; state: PairState }[] = [
  { what: 'Ready', state: { at: 'ready', busy: false, failure: undefined } },
  { what: 'Sending', state: { at: 'ready', busy: true, failure: undefined } },
  { what: 'It could not be sent', state: { at: 'ready', busy: false, failure: offline } },
  { what: 'Sent', state: { at: 'sent', busy: false, failure: undefined } },
  { what: 'Given up', state: { at: 'gave-up' } },
  { what: 'No codes', state: { at: 'no-codes', failure: offline } },
];

export const testSamples = [
  { what: 'Nothing tried yet', sent: undefined, busy: false, failure: undefined, toggles: false },
  { what: 'Tried', sent: { on: true, ms: 512 }, busy: false, failure: undefined, toggles: false },
  { what: 'One button for both', sent: { on: true, ms: 512 }, busy: false, failure: undefined, toggles: true },
  { what: 'It does not switch', sent: undefined, busy: false, failure: offline, toggles: false, helpOpen: true },
];

export const sceneSamples: Scene[] = [
  { id: 'a' as SceneId, name: 'Evening', icon: 'lamp-floor', steps: [{ outletId: anId(0), on: true }, { outletId: anId(1), on: false }] },
  { id: 'b' as SceneId, name: 'Film', icon: 'tv', steps: [{ outletId: anId(2), on: true }] },
  { id: 'c' as SceneId, name: 'Everybody is out of the house', icon: 'lights', steps: [{ outletId: anId(1), on: false }] },
];

/** Ten outlets: so many have ended, and those are wrong. */
const ten = (done: number, wrong: number[] = []): Run => ({
  id: '1b6f0f64-6f0e-4c36-9a55-0a4b7c2f1d10',
  steps: Array.from({ length: 10 }, (_, at) => ({
    outletId: anId(at), on: at % 2 === 0,
    outcome: at >= done ? null : wrong.includes(at) ? 'offline' : 'transmitted',
    ms: at < done ? 460 : null,
    problem: wrong.includes(at) ? { code: 'device_offline', detail: 'Its board is offline.' } : null,
  })),
  passedOver: [],
});
const going = (run: Run | undefined, over: boolean, failure?: Failure): Going => ({ title: 'Evening', run, over, failure });

export const goingSamples: { what: string; going: Going }[] = [
  { what: 'Starting', going: going(undefined, false) },
  { what: 'Under way', going: going(ten(4), false) },
  { what: 'Over', going: going(ten(10), true) },
  { what: 'Over, one passed over', going: going({ ...ten(10), passedOver: [anId(10)] }, true) },
  { what: 'Over, two failed', going: going(ten(10, [3, 8]), true) },
  { what: 'It did not begin', going: going(undefined, true, new Failure({ code: 'unreachable', status: 0,
    detail: 'Your Sconce server can’t be reached. Check the connection and try again.' })) },
];
/** Their outlets, for the words. */
export const failedSteps = ({ run }: Going) => (run?.steps ?? []).flatMap((step, at) =>
  (step.problem ? [{ step, outlet: outletSamples[(at + 1) % outletSamples.length]?.outlet }] : []));

export const pressSamples: Press[] = [
  { seq: 4, times: 1, last: frame(onCode, hallOn) },
  { seq: 3, times: 7, last: frame(neighbours) },
  { seq: 2, times: 2, last: frame({ ...onCode, protocol: 6, pulse: 450 }, [{ ...hallLamp, name: 'Fan', on: null }]) },
  { seq: 1, times: 1, last: frame(sensor) },
];

const outlet = (name: string, off: RfCode = offCode): ImportResult['lines'][number]['outlet'] => ({
  deviceId: hallBoard.id, name, room: 'Hall', icon: 'lamp', control: { kind: 'rf', on: onCode, off, repeat: 10 } });

export const importSamples: { what: string; result: ImportResult }[] = [
  { what: 'All good', result: { imported: false, lines: [{ line: 1, outlet: outlet('Hall lamp') }, { line: 2, outlet: outlet('Fan', onCode) }] } },
  { what: 'One refused', result: { imported: false, lines: [{ line: 1, outlet: outlet('Hall lamp') },
    { line: 3, reason: 'Its protocol 27 is none that a board can send. Learn its remote instead.' }] } },
  { what: 'Imported', result: { imported: true, lines: [{ line: 1, outlet: outlet('Hall lamp') }] } },
];
