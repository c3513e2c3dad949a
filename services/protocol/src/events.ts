import { z } from 'zod';
import { Device, Me, Outlet, Person } from './http.ts';
import { DeviceId, OutletId, SceneId } from './ids.ts';
import { HeardFrame, Run, Scene } from './radio-api.ts';

/**
 * `GET /api/v1/events`: server-sent events; `event:` is the type, `data:` the rest as JSON.
 * `reset` comes first, and again whenever events were missed: fetch everything anew.
 */
export const Event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reset') }),
  z.object({ type: z.literal('me'), me: Me }),
  /** To admins: a newcomer, or somebody whose rights have changed. */
  z.object({ type: z.literal('person'), person: Person }),
  z.object({ type: z.literal('outlet'), outlet: Outlet }),
  z.object({ type: z.literal('outlet.removed'), id: OutletId }),
  z.object({ type: z.literal('device'), device: Device }),
  z.object({ type: z.literal('device.removed'), id: DeviceId }),
  /** Whether the API reaches its message broker; while it does not, nobody can know which boards are online. */
  z.object({ type: z.literal('bus'), connected: z.boolean() }),
  /** A frame on the air, to whoever manages the board that heard it. */
  z.object({ type: z.literal('radio'), frame: HeardFrame }),
  /** How far a scene is, to the one who started it. */
  z.object({ type: z.literal('run'), run: Run }),
  z.object({ type: z.literal('scene'), scene: Scene }),
  z.object({ type: z.literal('scene.removed'), id: SceneId }),
  /** To admins: somebody has been turned away by the broker, or certificates have changed; fetch them anew. */
  z.object({ type: z.literal('refusals') }),
  z.object({ type: z.literal('certificates') }),
  /** There is more to read in the audit log. */
  z.object({ type: z.literal('audit') }),
]);
export type Event = z.infer<typeof Event>;
export const eventTypes = Event.options.map((option) => option.shape.type.value);
