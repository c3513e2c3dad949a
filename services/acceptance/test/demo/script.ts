/** What a script can do with a running demo, and see of it. */
import { readFileSync } from 'node:fs';
import type { Event } from '@sconce/protocol/events';
import type { Outlet } from '@sconce/protocol/http';
import type { Demo } from '../../src/demo-process.ts';

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

type Line = { at: string; event: string; id?: string; code?: number; bits?: number };
export const record = (demo: Demo): Line[] => readFileSync(demo.facts().record, 'utf8').trim().split('\n')
  .map((line) => JSON.parse(line) as Line);

export const outletNamed = (demo: Demo, wanted: string): Outlet => {
  const found = demo.facts().outlets.find(({ name }) => name === wanted);
  if (!found) throw new Error(`the demo has no ${wanted}`);
  return found;
};

type OutletEvent = Extract<Event, { type: 'outlet' }>;
export const isOutlet = (id: string, fits: (outlet: Outlet) => boolean) => (event: Event): event is OutletEvent =>
  event.type === 'outlet' && event.outlet.id === id && fits(event.outlet);

/** The call of the README, with the token from demo.json; the hall lamp's unless told. */
export async function tap(demo: Demo, on: boolean, outlet = outletNamed(demo, 'Hall lamp')) {
  const { url, token } = demo.facts();
  const began = performance.now();
  const response = await fetch(`${url}/api/v1/outlets/${outlet.id}/switch`, {
    method: 'POST', body: JSON.stringify({ on }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  return { status: response.status, body: await response.json() as unknown, took: performance.now() - began, outlet };
}
