import t from 'tap';
import { Opening } from '../src/tls/opening.ts';
import { ClearReader, NotTls, TooLong } from '../src/tls/reader.ts';

/* What is read of TLS where it stands in clear. Whole connections by real programs: acceptance/test/gate.test.ts. */
const record = (type: number, ...body: number[]) => Buffer.from([type, 3, 3, body.length >> 8, body.length & 255, ...body]);
const message = (type: number, ...body: number[]) => [type, body.length >> 16, (body.length >> 8) & 255, body.length & 255, ...body];
const certificate = (...ders: number[][]) => {
  const list = ders.flatMap((der) => [0, der.length >> 8, der.length & 255, ...der]);
  return message(11, 0, list.length >> 8, list.length & 255, ...list);
};
const random = Array.from({ length: 32 }, (_, at) => at);
const hello12 = message(2, 3, 3, ...random, 0, 0xc0, 0x2b, 0);
const hello13 = message(2, 3, 3, ...random, 0, 0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4);
const pskHello13 = message(2, 3, 3, ...random, 0, 0x13, 1, 0, 0, 12, 0, 41, 0, 2, 0, 0, 0, 43, 0, 2, 3, 4);
const sessionHello12 = message(2, 3, 3, ...random, 2, 0xab, 0xcd, 0xc0, 0x2b, 0);
const clientHello = (...extensions: number[]) =>
  record(22, ...message(1, 3, 3, ...random, 1, 7, 0, 4, 0xc0, 0x2b, 0x13, 1, 1, 0, 0, extensions.length, ...extensions));
const hello = clientHello();
const cipherChange = record(20, 1);
const der = [0x30, 3, 1, 2, 3];

/** Everything that a reader tells, in words. */
function hearing(keep: number[]) {
  const heard: string[] = [];
  const reader = new ClearReader(keep, {
    message: (type, body) => heard.push(`message ${type}${body ? ` ${body.toString('hex')}` : ''}`),
    alert: (number) => heard.push(`alert ${number}`),
    cipherChanged: () => heard.push('cipher') > 0,
    encrypted: (bytes) => heard.push(`encrypted ${bytes}`),
  });
  return { reader, heard };
}

t.test('a stream may be cut anywhere', (t) => {
  const long = Array.from({ length: 600 }, (_, at) => at & 255);
  const stream = Buffer.concat([
    // Two messages in a record, one that spans three, an empty one, an empty record.
    record(22, ...message(1, 9, 9), ...message(14)), record(22, ...message(11, ...long).slice(0, 3)),
    record(22, ...message(11, ...long).slice(3, 500)), record(22, ...message(11, ...long).slice(500)), record(22),
    record(21, 1, 90), cipherChange, record(22, 7, 7, 7), record(23, 1, 2), record(21, 1, 0),
  ]);
  const expected = ['message 1', 'message 14', `message 11 ${Buffer.from(long).toString('hex')}`, 'alert 90', 'cipher',
    'encrypted 3', 'encrypted 2', 'encrypted 2'];
  for (const size of [1, 2, 3, 5, 7, 64, 500, stream.length]) {
    const { reader, heard } = hearing([11]);
    for (let at = 0; at < stream.length; at += size) reader.read(stream.subarray(at, at + size));
    t.same(heard, expected, `in pieces of ${size}`);
  }
  t.end();
});

t.test('what is no TLS, or too much of it, is not read on', (t) => {
  const cases: [what: string, bytes: Buffer, error: typeof NotTls][] = [
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n'), NotTls],
    ['MQTT', Buffer.from('100d00044d515454', 'hex'), NotTls],
    ['SSL 2', Buffer.from('802e0100020015', 'hex'), NotTls],
    ['a record that is too long', Buffer.from('160303ffff', 'hex'), NotTls],
    ['a certificate that is too long', record(22, 11, 0, 0x20, 1), TooLong],
    ['one of 16 MB', record(22, 11, 255, 255, 255), TooLong],
  ];
  for (const [what, bytes, error] of cases) {
    let thrown: unknown;
    try {
      hearing([11]).reader.read(bytes);
    } catch (caught) {
      thrown = caught;
    }
    t.ok(thrown instanceof error, what);
  }
  t.doesNotThrow(() => hearing([11]).reader.read(record(22, 1, 255, 255, 255)), 'what is not kept may be as long as it likes');
  t.end();
});

t.test('what is learned of a connection', (t) => {
  type Step = ['board' | 'broker', Buffer];
  const shown = record(22, ...certificate(der, [1]));
  const cases: [what: string, steps: Step[], learned: Partial<Opening>][] = [
    ['TLS 1.2, to its end', [['board', hello], ['broker', record(22, ...hello12, ...message(11, 0, 0, 0))], ['board', shown],
      ['board', record(22, ...message(15, 4, 3))], ['board', cipherChange], ['board', record(22, 1)], ['broker', cipherChange]],
    { begun: true, answered: true, brokerShown: true, tls13: false, proved: true, over: true }],
    ['TLS 1.2, refused', [['board', hello], ['broker', record(22, ...hello12)], ['board', shown], ['broker', record(21, 2, 44)]],
      { over: false, alert: { number: 44, by: 'broker' } }],
    ['TLS 1.2, taken up again', [['board', hello], ['broker', record(22, ...hello12)], ['broker', cipherChange], ['board', cipherChange]],
      { over: true, chain: undefined, resumed: true, session: '', ticket: false }],
    ['TLS 1.2, taken up again, the board says that it speaks encrypted before it may, and shows something',
      [['board', Buffer.concat([clientHello(0, 23, 0, 0, 0, 35, 0, 1, 9), shown, cipherChange])],
        ['broker', record(22, ...sessionHello12)], ['broker', cipherChange]], { resumed: true, session: 'abcd', ticket: true }],
    ['TLS 1.2, the board would take a ticket', [['board', clientHello(0, 35, 0, 0)], ['broker', record(22, ...sessionHello12, ...message(11))],
      ['broker', cipherChange]], { resumed: false, session: 'abcd', ticket: false }],
    ['TLS 1.3, taken up again', [['board', hello], ['broker', record(22, ...pskHello13)]], { tls13: true, resumed: true }],
    ['TLS 1.3, taken up again at the second attempt', [['board', hello], ['broker', record(22, ...hello13)], ['broker', cipherChange],
      ['board', cipherChange], ['board', hello], ['broker', record(22, ...pskHello13)]], { tls13: true, resumed: true }],
    ['no certificate', [['board', record(22, ...message(11, 0, 0, 0))]], { chain: [] }],
    ['lists of certificates that lie', [['board', record(22, ...message(11, 0, 0, 9, 0, 0, 1))]], { chain: undefined }],
    ['the board says no', [['board', hello], ['broker', record(22, ...hello12)], ['board', record(21, 2, 48)]],
      { alert: { number: 48, by: 'board' } }],
    ['TLS 1.3, to its end', [['board', hello], ['broker', record(22, ...hello13)], ['broker', cipherChange], ['broker', record(23, ...random)],
      ['board', cipherChange], ['board', record(23, ...random)], ['broker', record(23, ...random)]],
    { tls13: true, resumed: false, over: true, hiddenAlert: undefined }],
    ['TLS 1.3, at the second attempt', [['board', hello], ['broker', record(22, ...hello13)], ['broker', cipherChange],
      ['board', cipherChange], ['board', hello], ['broker', record(22, ...hello13)], ['broker', record(23, ...random)],
      ['broker', record(23, ...random)], ['board', record(23, ...random)], ['broker', record(23, ...random)]],
    { tls13: true, resumed: false, over: true }],
    // HelloRetryRequest, then noise that the broker passes over as early data.
    ['TLS 1.3: who has not proved a thing has agreed on nothing', [['board', hello], ['broker', record(22, ...hello13)],
      ['broker', cipherChange], ['board', record(23, ...random)], ['board', hello], ['broker', record(22, ...hello13)],
      ['broker', record(23, ...random)], ['broker', record(23, ...random)]], { tls13: true, over: false }],
    ['TLS 1.3, refused', [['board', hello], ['broker', record(22, ...hello13)], ['broker', record(23, ...random)],
      ['board', record(23, ...random)], ['broker', record(23, ...random.slice(0, 19))]], { over: false, hiddenAlert: 'broker' }],
    ['TLS 1.3, the board says no', [['board', hello], ['broker', record(22, ...hello13)], ['broker', record(23, ...random)],
      ['board', record(23, ...random.slice(0, 19))]], { over: false, hiddenAlert: 'board' }],
    ['TLS 1.3: both ciphers changed says nothing', [['board', hello], ['broker', record(22, ...hello13)], ['broker', cipherChange],
      ['board', cipherChange]], { over: false }],
  ];
  for (const [what, steps, learned] of cases) {
    const opening = new Opening();
    for (const [side, bytes] of steps) for (const byte of bytes) opening[side].read(Buffer.from([byte]));
    for (const [name, value] of Object.entries(learned)) t.same(opening[name as keyof Opening], value, `${what}: ${name}`);
  }
  const opening = new Opening();
  opening.board.read(Buffer.concat([shown, record(22, ...certificate([9]))]));
  t.same(opening.chain, [Buffer.from(der), Buffer.from([1])], 'the first certificates that are shown count');
  t.end();
});
