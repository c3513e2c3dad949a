import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { eventOf, type Link, listen } from '../src/api/events.ts';
import { type Message, messageReader } from '../src/api/sse.ts';

t.test('an event stream is read the same however it is cut', async (t) => {
  const cases: [why: string, text: string, messages: Partial<Message>[]][] = [
    ['one message', 'event: bus\ndata: {"a":1}\n\n', [{ event: 'bus', data: '{"a":1}' }]],
    ['a heartbeat alone', ': still here\n\n', []],
    ['a heartbeat within', ': hb\nevent: me\ndata: x\n\n', [{ event: 'me', data: 'x' }]],
    ['an id', 'id: 7\ndata: x\n\n', [{ event: 'message', data: 'x', id: '7' }]],
    ['data over two lines', 'data: a\ndata: b\n\n', [{ data: 'a\nb' }]],
    ['no space after the colon', 'data:a\n\n', [{ data: 'a' }]],
    ['colons in the data', 'data: {"t":"14:02"}\n\n', [{ data: '{"t":"14:02"}' }]],
    ['CRLF', 'event: a\r\ndata: x\r\n\r\n', [{ event: 'a', data: 'x' }]],
    ['two messages', 'data: 1\n\ndata: 2\n\n', [{ data: '1' }, { data: '2' }]],
    ['an unfinished message', 'data: 1\n\ndata: 2\n', [{ data: '1' }]],
  ];
  for (const [why, text, messages] of cases) {
    t.has(messageReader()(text), messages, why);
    const read = messageReader();
    const piecewise = [...text].flatMap((character) => read(character));
    t.equal(piecewise.length, messages.length, `${why}: as many, letter by letter`);
    t.has(piecewise, messages, `${why}: the same, letter by letter`);
  }
});

t.test('events that the state could not take in are passed over', async (t) => {
  const cases: [why: string, data: string, taken: boolean][] = [
    ['a reset', '{"type":"reset"}', true],
    ['a removal', '{"type":"outlet.removed","id":"x"}', true],
    ['of a newer server', '{"type":"weather","id":"x"}', false],
    ['named like something every object has', '{"type":"constructor"}', false],
    ['without its payload', '{"type":"outlet"}', false],
    ['not an object', '"reset"', false],
    ['null', 'null', false],
    ['not JSON', '<html>', false],
  ];
  for (const [why, data, taken] of cases) t.equal(eventOf(data) !== undefined, taken, why);
});

/** A server whose n-th answer is the n-th handler (the last one stays), and a listener to it with short times. */
async function household(t: Test, handlers: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  let requests = 0;
  const server = createServer((request, response) => {
    handlers[Math.min(requests++, handlers.length - 1)]!(request, response);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const seen: string[] = [];
  let look = () => {};
  const say = (what: string) => { seen.push(what); look(); };
  const stream = listen(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    onEvent: (event) => say(event.type),
    onLink: (link: Link) => say(link),
    onRefused: (failure) => say(`refused: ${failure.code}`),
    staleMs: 150,
    backoffMs: () => 10,
    guestAgainMs: 10,
  });
  t.teardown(() => {
    stream.close();
    server.closeAllConnections();
    server.close();
  });
  /** Resolves when this has been heard, in this order, whatever was between; tap's own time limit is the deadline. */
  const heard = (...wanted: string[]) => new Promise<void>((resolve) => {
    look = () => {
      let at = 0;
      for (const one of seen) if (one === wanted[at]) at += 1;
      if (at === wanted.length) resolve();
    };
    look();
  });
  return { heard, seen, requests: () => requests, stream };
}

const open = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const greet = (_: IncomingMessage, response: ServerResponse) => { open(response).write('data: {"type":"reset"}\n\n'); };

t.test('a stream that ends is opened again, and one loss is no news', async (t) => {
  const house = await household(t, [(_, response) => { open(response).end('data: {"type":"reset"}\n\n'); }, greet]);
  await house.heard('opening', 'live', 'reset', 'opening', 'live', 'reset');
  t.notOk(house.seen.includes('lost'));
});

t.test('a server that stays away is reported, and found again', async (t) => {
  const gone = (request: IncomingMessage) => { request.socket.destroy(); };
  const proxyError = (_: IncomingMessage, response: ServerResponse) => { response.writeHead(502).end('<html>'); };
  const house = await household(t, [gone, proxyError, gone, greet]);
  await house.heard('opening', 'lost', 'live', 'reset');
  t.equal(house.requests(), 4);
});

t.test('a stream that has fallen silent is given up; heartbeats keep it', async (t) => {
  const beating = (_: IncomingMessage, response: ServerResponse) => {
    open(response).write('data: {"type":"reset"}\n\n');
    let beats = 0;
    const timer = setInterval(() => {
      if (++beats <= 6) response.write(': still here\n\n');
      else if (beats === 7) response.write('data: {"type":"bus","connected":true}\n\n');
    }, 50);
    response.on('close', () => clearInterval(timer));
  };
  const house = await household(t, [greet, beating]);
  await house.heard('live', 'reset', 'live', 'reset', 'bus');
  t.equal(house.requests(), 2, 'the silent one was replaced, the beating one was not');
});

t.test('the last id is handed back, so that the server can go on from there', async (t) => {
  let lastId: string | undefined;
  const house = await household(t, [
    (_, response) => { open(response).end('id: 41\ndata: {"type":"reset"}\n\n'); },
    (request, response) => {
      lastId = request.headers['last-event-id'] as string;
      greet(request, response);
    },
  ]);
  await house.heard('reset', 'reset');
  t.equal(lastId, '41');
});

t.test('a guest whose time is over is told so, and comes back by themselves once they have more', async (t) => {
  const over = (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(403, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ status: 403, code: 'guest_ended', detail: 'Your access ended.' }));
  };
  const house = await household(t, [over, over, greet]);
  await house.heard('refused: guest_ended', 'refused: guest_ended', 'live', 'reset');
});

t.test('who is refused is told why, and not tried again', async (t) => {
  const problem = { status: 401, code: 'not_signed_in', detail: 'Sign in first.' };
  const house = await household(t, [(_, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  }]);
  await house.heard('refused: not_signed_in');
  house.stream.wake();
  t.equal(house.requests(), 1);
});
