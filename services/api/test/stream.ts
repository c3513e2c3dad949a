import { Event } from '@sconce/protocol/events';
import { until } from '../../acceptance/src/until.ts';

/**
 * An open stream of events, after its first. `seen`: what it told; `event` waits for one that fits; `closed`: when it
 * ended, as performance.now() tells it; `leave` ends it from here.
 */
export async function openStream(url: string, headers: Record<string, string>) {
  const seen: Event[] = [];
  const response = await fetch(`${url}/api/v1/events`, { headers });
  if (!response.ok) throw new Error(await response.text());
  const leave = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => {
    let text = '';
    for (let piece = await leave?.read(); piece && !piece.done; piece = await leave?.read()) {
      text += piece.value;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) seen.push(Event.parse(JSON.parse(data)));
      }
    }
    return performance.now();
  };
  let closedAt: number | undefined;
  void read().then((at) => { closedAt = at; }, () => undefined);
  const event = (what: string, fits: (event: Event) => boolean) => until(what, () => seen.find(fits));
  await event('the first event', ({ type }) => type === 'reset');
  return {
    seen, event,
    closed: () => until('the stream to close', () => closedAt, 10_000),
    leave: () => leave?.cancel(),
  };
}
