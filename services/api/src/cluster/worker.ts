import cluster from 'node:cluster';
import type { Counted, Peers, Said } from '../domain/peers.ts';
import type { ToPrimary, ToWorker, Welcome } from './messages.ts';

/** This process among several: what it shares with the others, and what the first one asks of it. */
export type Member = Peers & {
  /** It serves. */
  ready(): void;
  /** It is to stop; or was already when this is called: it may be told so while it begins. */
  onStop(listener: () => void): void;
  /** Answers with this process' metrics. */
  onMeasure(read: () => Promise<object[]>): void;
};

/** Makes this process one of several, which the first one started; resolves when that has told it how things stand. */
export async function join(): Promise<Member> {
  const { worker } = cluster;
  if (!worker) throw new Error('this process was not started by another one of the API');
  const said: ((said: Said) => void)[] = [];
  const gone: ((process: number) => void)[] = [];
  const lead: (() => void)[] = [];
  const stop = Promise.withResolvers<void>();
  const counting = new Map<number, (counted: Counted) => void>();
  const waiting = new Map<number, (granted: boolean) => void>();
  let read: () => Promise<object[]> = () => Promise.resolve([]);
  let asked = 0;
  let leads = false;
  const tell = (message: ToPrimary) => void worker.send(message);
  const welcomed = Promise.withResolvers<Welcome>();

  process.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'sconce:welcome': return welcomed.resolve(message.welcome);
      case 'sconce:said': return said.forEach((listener) => listener(message.said));
      case 'sconce:gone': return gone.forEach((listener) => listener(message.process));
      case 'sconce:lead':
        leads = true;
        return lead.forEach((listener) => listener());
      case 'sconce:counted':
        counting.get(message.ask)?.(message.counted);
        counting.delete(message.ask);
        return;
      case 'sconce:turned':
        waiting.get(message.ask)?.(message.granted);
        waiting.delete(message.ask);
        return;
      case 'sconce:measure':
        void read().then((metrics) => tell({ type: 'sconce:metrics', ask: message.ask, metrics }), () => undefined);
        return;
      case 'sconce:stop': return stop.resolve();
    }
  });
  tell({ type: 'sconce:hello' });
  const welcome = await welcomed.promise;
  leads ||= welcome.leads;

  return {
    self: worker.id, several: true, epoch: welcome.epoch, lastEvent: welcome.lastEvent,
    get leads() { return leads; },
    tell: (word) => tell({ type: 'sconce:word', word }),
    onWord: (listener) => void said.push(listener),
    onGone: (listener) => void gone.push(listener),
    onLead: (listener) => void lead.push(listener),
    count: (key, windowMs) => new Promise((resolve) => {
      asked += 1;
      counting.set(asked, resolve);
      tell({ type: 'sconce:count', ask: asked, key, windowMs });
    }),
    takeTurn: (board, airMs, patienceMs) => new Promise((resolve) => {
      asked += 1;
      const ask = asked;
      waiting.set(ask, (granted) => resolve(granted ? () => tell({ type: 'sconce:turn-over', ask }) : undefined));
      tell({ type: 'sconce:turn', ask, board, airMs, patienceMs });
    }),
    ready: () => tell({ type: 'sconce:ready' }),
    onStop: (listener) => void stop.promise.then(listener),
    onMeasure: (how) => { read = how; },
  };
}
