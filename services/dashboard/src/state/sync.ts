import type { Event } from '@sconce/protocol/events';
import type { Me } from '@sconce/protocol/http';
import { batch } from '@preact/signals';
import * as api from '../api/calls.ts';
import { Failure } from '../api/client.ts';
import { listen } from '../api/events.ts';
import { auditNews } from './audit.ts';
import { certificates, refusals } from './certificates.ts';
import { boardsInReach, link } from './connection.ts';
import { dropDevice, putDevice, setDevices } from './devices.ts';
import { dropOutlet, putOutlet, setOutlets } from './outlets.ts';
import { putPerson, setPeople } from './people.ts';
import { putHeard } from './radio.ts';
import { dropScene, putScene, setScenes, takeRun } from './scenes.ts';
import { forgetSharing } from './sharing.ts';
import { endHere, isShutOut, session, sessionOf } from './session.ts';

/**
 * Keeps the state equal to the server's: fetches everything at the start and on every `reset`, and takes in events
 * between. Events that arrive while a fetch is under way are kept back and applied after it, since they may be newer
 * than what it brings.
 */
let fetching = false;
let again = false;
let kept: Event[] = [];

async function fetchAll() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  let me: Me | undefined;
  try {
    me = await api.me();
    const active = me.state === 'active';
    const admin = active && me.role === 'admin';
    const [outlets, scenes, devices, people] = await Promise.all([
      active ? api.outlets() : [],
      active ? api.scenes() : [],
      // For others those that they manage as a whole: often none.
      active ? api.devices() : undefined,
      admin ? api.people() : undefined,
    ]);
    batch(() => {
      if (me) session.value = sessionOf(me);
      setOutlets(outlets);
      setScenes(scenes);
      setDevices(devices);
      setPeople(people);
      if (!admin) forgetSharing();
      auditNews.value += 1;
      kept.forEach(apply);
    });
    // Seldom looked at, and by admins alone: nobody's lamps wait for them.
    for (const one of [certificates, refusals]) if (admin) void one.load();
      else one.forget();
  } catch (error) {
    refused(error, me);
    kept.forEach(apply);
    // While the stream is down, its return brings a `reset`; while it is up, nothing else would ask again.
    if (link.peek() === 'live' && !isShutOut(session.peek())) setTimeout(() => void fetchAll(), retryMs);
  } finally {
    fetching = false;
    kept = [];
    if (again) {
      again = false;
      void fetchAll();
    }
  }
}

const retryMs = 3000;

/** What a refusal says about who we are; anything else is the connection's matter, and is tried again. */
function refused(error: unknown, asked?: Me) {
  if (!(error instanceof Failure)) throw error;
  const now = session.peek();
  const me = asked ?? ('me' in now ? now.me : undefined);
  // Whose access has ended is signed out as well; that it has ended is what they should read.
  if (error.code === 'not_signed_in') {
    if (now.kind === 'deactivated') return;
    if ('me' in now) endHere();
    else session.value = { kind: 'signed-out' };
  } else if (error.code === 'deactivated') session.value = { kind: 'deactivated', me };
  else if (error.code === 'guest_ended') session.value = { kind: 'guest_ended', me };
  else if (now.kind === 'starting') session.value = { kind: 'unreachable' };
}

function take(event: Event) {
  if (event.type === 'reset') void fetchAll();
  else if (fetching) kept.push(event);
  else apply(event);
}

function apply(event: Event) {
  switch (event.type) {
    case 'reset': break;
    case 'me': return changed(sessionOf(event.me));
    case 'person': return putPerson(event.person);
    case 'outlet': return putOutlet(event.outlet);
    case 'outlet.removed': return dropOutlet(event.id);
    case 'device': return putDevice(event.device);
    case 'device.removed': return dropDevice(event.id);
    case 'bus': boardsInReach.value = event.connected; break;
    case 'radio': return putHeard(event.frame);
    case 'run': return takeRun(event.run);
    case 'scene': return putScene(event.scene);
    case 'scene.removed': return dropScene(event.id);
    case 'refusals': return refusals.soon();
    case 'certificates': return certificates.soon();
    case 'audit': auditNews.value += 1; break;
  }
}

/** Let in, or made an admin: there is more to see than before. */
function changed(next: ReturnType<typeof sessionOf>) {
  const before = session.peek();
  session.value = next;
  const role = (one: typeof next) => ('me' in one ? one.me?.role : undefined);
  if (before.kind !== next.kind || role(before) !== role(next)) void fetchAll();
}

export function startSync() {
  void fetchAll();
  const stream = listen('/api/v1/events', {
    onEvent: take,
    onLink: (next) => { link.value = next; },
    onRefused: (failure) => refused(failure),
  });
  const wake = () => { if (document.visibilityState === 'visible') stream.wake(); };
  document.addEventListener('visibilitychange', wake);
  addEventListener('online', wake);
}
