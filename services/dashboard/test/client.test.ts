import t from 'tap';
import { failureOf } from '../src/api/client.ts';

t.test('what went wrong is read from a problem document, and from whatever stands in its place', async (t) => {
  const problem = { type: 'about:blank', title: 'x', status: 409, code: 'forbidden', detail: 'No.', requestId: 'r' };
  const cases: [why: string, status: number, body: string, expected: object][] = [
    ['a problem', 409, JSON.stringify(problem), { code: 'forbidden', detail: 'No.', status: 409, fields: [] }],
    ['a code of a newer server', 409, JSON.stringify({ ...problem, code: 'lamp_shy' }), { code: 'lamp_shy' }],
    ['field errors', 400, JSON.stringify({ ...problem, errors: [{ path: 'control.pin', message: 'none' }] }),
      { fields: [{ path: 'control.pin', message: 'none' }] }],
    ['field errors that are no list', 400, JSON.stringify({ ...problem, errors: 'many' }), { fields: [] }],
    ['a proxy’s page', 502, '<html>Bad gateway</html>', { code: 'unexpected', status: 502 }],
    ['nothing', 500, '', { code: 'unexpected', status: 500 }],
    ['JSON of somebody else', 500, '{"error":"x"}', { code: 'unexpected' }],
    ['null', 500, 'null', { code: 'unexpected' }],
  ];
  for (const [why, status, body, expected] of cases) {
    const failure = await failureOf(new Response(body, { status }));
    t.match(failure, expected, why);
    t.not(failure.detail, '', `${why}: has words`);
  }
});
