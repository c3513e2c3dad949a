/** Time, as an argument: the process hands in `systemClock`, a test one that it moves by hand. */
export interface Clock {
  /** Milliseconds since 1970; may jump when the clock is set. Deadlines are compared with this. */
  now(): number;
  /** Milliseconds since some moment; never jumps. Durations are measured with this. */
  ticks(): number;
  /** Runs `what` once, not before `ms` have passed by `ticks`. Returns a function that takes it back. */
  after(ms: number, what: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after(ms, what) {
    const due = performance.now() + ms;
    let timer: NodeJS.Timeout;
    // Node's timers count whole milliseconds and may ring a fraction early; an air time must not come out too short.
    const wait = () => {
      timer = setTimeout(() => performance.now() < due ? wait() : what(), Math.max(0, due - performance.now()));
    };
    wait();
    return () => clearTimeout(timer);
  },
};
