import type { Device } from '@sconce/protocol/http';
import type { RfCode } from '@sconce/protocol/messages';
import { useEffect, useState } from 'preact/hooks';
import { learn } from '../../api/calls.ts';
import { asFailure, type Failure } from '../../api/client.ts';
import { onceLive } from '../../state/connection.ts';
import { learning, type Learning } from '../../state/learning.ts';
import { fromNow, heard } from '../../state/radio.ts';

/** Seconds for which a board is asked to listen. */
export const windowSeconds = 30;

/**
 * `starting`: the board is being asked, or what it hears would not reach this page yet. `listening`: a button that is
 * pressed now counts. `over`: the time is up. `failed`: the board could not be asked.
 */
export type Listening =
  | { phase: 'starting' }
  | { phase: 'listening'; secondsLeft: number }
  | { phase: 'over' }
  | { phase: 'failed'; failure: Failure };

/**
 * Has the board listen at once, and whenever `again` is called or `step` changes, and tells what it has learned since.
 * `before`: as learning() takes it.
 */
export function useListening(device: Device, step: string, before?: RfCode): { now: Listening; learned: Learning; again: () => void } {
  const [now, setNow] = useState<Listening>({ phase: 'starting' });
  const [since, setSince] = useState(fromNow);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    let left = false;
    setNow({ phase: 'starting' });
    setSince(fromNow());
    // What is heard comes by the event stream alone: where a page is opened anew it may be on its way still.
    const giveUp = onceLive(() => void learn(device.id, windowSeconds).then(() => {
      if (left) return;
      // By this device's own clock, and from now: what the server's and the board's say is of no use to a countdown.
      const end = performance.now() + windowSeconds * 1000;
      const tick = () => {
        const secondsLeft = Math.ceil((end - performance.now()) / 1000);
        setNow(secondsLeft > 0 ? { phase: 'listening', secondsLeft } : { phase: 'over' });
        if (secondsLeft <= 0) clearInterval(timer);
      };
      tick();
      timer = setInterval(tick, 1000);
    }, (error: unknown) => { if (!left) setNow({ phase: 'failed', failure: asFailure(error) }); }));
    return () => {
      left = true;
      giveUp();
      clearInterval(timer);
    };
  }, [device.id, step, turn]);

  // In the order of arrival: of two that came as often, the first is meant.
  const frames = heard.value.toReversed()
    .filter(({ seq, frame }) => seq >= since && frame.deviceId === device.id && frame.learning)
    .map(({ frame }) => frame);
  return { now, learned: learning(frames, before), again: () => setTurn(turn + 1) };
}
