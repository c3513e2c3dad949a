import t from 'tap';
import { findingsOf, type Area, type Finding } from '../src/finding.ts';
import { withCauses } from '../src/report/causes.ts';

const words = { what: 'It is so.', why: 'Because.', do: 'mend it' };
const problem = (area: Area, code: string, subject = 'it') => findingsOf(area).problem(code, subject, words);
const warning = (area: Area, code: string, subject = 'it') => findingsOf(area).warning(code, subject, words);
const left = (findings: Finding[]) =>
  withCauses(findings).filter(({ severity }) => severity !== 'skipped').map(({ code }) => code);

for (const [why, findings, expected] of [
  ['a broker that is down', [problem('broker', 'gate_without_broker'), problem('broker', 'broker_down'),
    warning('boards', 'board_offline')], ['broker_down']],
  ['a container says it more closely',
    [problem('machine', 'container_down', 'mosquitto'), problem('broker', 'broker_down')], ['container_down']],
  ['another container explains nothing of it', [problem('machine', 'container_down', 'acme'),
    problem('broker', 'broker_down')], ['container_down', 'broker_down']],
  ['a wrong clock makes every date wrong', [problem('clock', 'clock_wrong'),
    problem('certificates', 'certificate_expired'), problem('certificates', 'crl_stale')], ['clock_wrong']],
  ['and no key', [problem('clock', 'clock_wrong'), problem('certificates', 'key_mismatch')], ['clock_wrong', 'key_mismatch']],
  ['what is wrong with one board explains nothing of another', [problem('boards', 'certificate_expired', 'Hall'),
    warning('boards', 'board_offline', 'Porch')], ['certificate_expired', 'board_offline']],
  ['a warning explains no problem', [warning('clock', 'clock_wrong'), problem('certificates', 'certificate_expired')],
    ['clock_wrong', 'certificate_expired']],
  ['two that are each a cause stay', [problem('broker', 'broker_down'), problem('database', 'database_down')],
    ['broker_down', 'database_down']],
] as const) {
  t.test(why, async (t) => {
    t.same(left([...findings]), expected);
    const [follows] = withCauses([...findings]).filter(({ severity }) => severity === 'skipped');
    if (follows) t.match(follows, { why: /It follows from this.*It is so\./, do: '' });
  });
}
