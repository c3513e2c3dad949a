import { z } from 'zod';
import { Control, Icon, Name, NewOutlet, Outcome, ProblemCode, Time } from './http.ts';
import { DeviceId, OutletId, SceneId } from './ids.ts';
import { limits } from './limits.ts';
import { RfCode } from './messages.ts';

/** What the API has for radio codes and for several outlets at once. */

/**
 * A frame on the air, as a board heard it. Told by the event `radio` to whoever manages that board. During a learning
 * window each frame is told, at other times each press once.
 */
export const HeardFrame = RfCode.safeExtend({
  deviceId: DeviceId,
  at: Time,
  /** Whether the board was asked to learn when it heard it. */
  learning: z.boolean(),
  /** What it switches in this household, as far as the one who is told manages that. */
  outlets: z.array(z.object({
    id: OutletId,
    name: z.string(),
    /** What it makes of it; null: it toggles, and what it was nobody knows. */
    on: z.boolean().nullable(),
  })),
});
export type HeardFrame = z.infer<typeof HeardFrame>;

/** `POST /api/v1/devices/:id/learn`: the board reports each frame for so long; the event `radio` has them. */
export const LearnRequest = z.strictObject({
  seconds: z.int().min(limits.learnSeconds.min).max(limits.learnSeconds.max).default(30),
});
export const LearnResult = z.object({ until: Time });

/** `POST /api/v1/devices/:id/transmit`: sends a code that is no outlet's, or not yet; to try it, or to pair a socket. */
export const TransmitRequest = RfCode.safeExtend({ repeat: z.int().min(limits.rfRepeat.min).max(limits.rfRepeat.max).default(10) });
export type TransmitRequest = z.infer<typeof TransmitRequest>;
/** Milliseconds from the request's arrival to the board's answer. */
export const TransmitResult = z.object({ outcome: z.literal('transmitted'), ms: z.number() });

/** `POST /api/v1/devices/:id/codes`: a pair of codes that no outlet of the household uses, for a socket to learn. */
export const FreshCodes = z.object({ control: Control });

/** Lines of a text that have something on them. */
export const linesIn = (text: string): number => text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '').length;

/** `POST /api/v1/outlets/import`: all lines or none. `check`: say only what would come of it. */
export const ImportRequest = z.strictObject({
  deviceId: DeviceId,
  text: z.string().min(1).max(limits.requestBytes)
    .refine((text) => linesIn(text) <= limits.importLines, `at most ${limits.importLines} lines at a time: import it in parts`),
  check: z.boolean().default(false),
});
export type ImportRequest = z.infer<typeof ImportRequest>;
export const ImportResult = z.object({
  /** Whether the outlets were added. */
  imported: z.boolean(),
  lines: z.array(z.object({
    /** From 1. */
    line: z.int(),
    /** What it would be, or is by now. */
    outlet: NewOutlet.optional(),
    /** Why it is refused, and what to do. */
    reason: z.string().optional(),
  })),
});
export type ImportResult = z.infer<typeof ImportResult>;

export const SceneStep = z.strictObject({ outletId: OutletId, on: z.boolean() });
export type SceneStep = z.infer<typeof SceneStep>;
/** In the order in which it is sent. */
const steps = z.array(SceneStep).min(1).max(limits.sceneSteps)
  .refine((all) => new Set(all.map(({ outletId }) => outletId)).size === all.length, 'each outlet once');
export const NewScene = z.strictObject({ name: Name, icon: Icon.default('lights'), steps });
export type NewScene = z.infer<typeof NewScene>;
export const SceneChange = z.strictObject({ name: Name.optional(), icon: Icon.optional(), steps: steps.optional() })
  .refine((change) => Object.keys(change).length > 0, 'name at least one thing to change');
export type SceneChange = z.infer<typeof SceneChange>;

/**
 * Seen, and run, by whoever may use every outlet of it. An outlet that is removed is taken out of it; when nothing is
 * left of it, only admins see it.
 */
export const Scene = z.object({ id: SceneId, name: z.string(), icon: Icon, steps: z.array(SceneStep) });
export type Scene = z.infer<typeof Scene>;

/** `POST /api/v1/outlets/off`: everything that one may use, or a room of it (null: what is in none), by room and name. */
export const OffRequest = z.strictObject({ room: Name.nullable().optional() });
export type OffRequest = z.infer<typeof OffRequest>;

/**
 * `POST /api/v1/scenes/:id/run` and `POST /api/v1/outlets/off` answer when all has ended, 200 however it did: each
 * outlet has its own outcome. On the way the event `run` tells how far it is, to the one who asked. The outlets of one board
 * are set one after the other; different boards go on side by side, but for the radio, on which only one sends at a time.
 * What only toggles cannot be set: in a scene it is `refused`, and “all off” passes it over.
 */
export const Run = z.object({
  id: z.uuid(),
  steps: z.array(z.object({
    outletId: OutletId,
    on: z.boolean(),
    /** Null: not yet. */
    outcome: Outcome.nullable(),
    ms: z.number().nullable(),
    /** For one that did not succeed: its problem, in code and words. */
    problem: z.object({ code: ProblemCode, detail: z.string() }).nullable(),
  })),
  /** What “all off” left as it was, since it only toggles. */
  passedOver: z.array(OutletId),
});
export type Run = z.infer<typeof Run>;
