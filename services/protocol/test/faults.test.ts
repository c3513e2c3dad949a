import { readFileSync } from 'node:fs';
import t from 'tap';
import { faultCodes, faultOf } from '../src/faults.ts';

const about = { party: 'board' as const, host: 'lamps.a-rather-long-name.example.org', port: 8883, name: 'lamps.a-rather-long-name.example.org',
  notAfter: Date.UTC(2030, 0, 31), now: Date.UTC(2029, 0, 1) };
const error = (code: string | number, message = 'said the library') => Object.assign(new Error(message), { code });
/** As Node hands it on from OpenSSL; which code stands beside it depends on whether we were reading or writing. */
const alert = (number: number, code = 'EPROTO') => error(code, `00A1:error:0A000415:SSL routines:ssl3_read_bytes:SSL alert number ${number}\n`);

const cases: readonly (readonly [error: Error | undefined, connected: boolean, code: string, words: RegExp])[] = [
  [error('CERT_HAS_EXPIRED'), false, 'broker_certificate_expired', /broker's certificate has expired.*make pki/],
  [error('CERT_NOT_YET_VALID'), false, 'broker_certificate_not_yet_valid', /not valid yet.*clock/],
  [error('ERR_TLS_CERT_ALTNAME_INVALID'), false, 'broker_certificate_wrong_name', /not for lamps\..*BROKER_HOST/],
  [error('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), false, 'broker_certificate_not_trusted', /authority.*mint/],
  [error('SELF_SIGNED_CERT_IN_CHAIN'), false, 'broker_certificate_not_trusted', /authority/],
  [error('DEPTH_ZERO_SELF_SIGNED_CERT'), false, 'broker_certificate_not_trusted', /authority/],
  [error('INVALID_PURPOSE'), false, 'broker_certificate_wrong_use', /not made for a server/],
  [alert(45), false, 'own_certificate_expired', /ended on 2030-01-31.*mint/],
  [alert(44), false, 'own_certificate_revoked', /revoked.*mint/],
  [alert(48), false, 'own_certificate_not_trusted', /does not trust.*mint/],
  [alert(42), false, 'own_certificate_refused', /refuses the certificate of this board/],
  [alert(70), false, 'tls_version', /TLS 1\.2/],
  [alert(40), false, 'tls_ciphers', /cipher.*mosquitto\.conf/],
  [alert(45, 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED'), false, 'own_certificate_expired', /ended/],
  [error('EPROTO', 'wrong version number'), false, 'not_tls', /does not speak TLS/],
  [error('ERR_SSL_WRONG_VERSION_NUMBER'), false, 'not_tls', /does not speak TLS.*8883/],
  [error('ENOTFOUND'), false, 'name_unknown', /No such name: lamps/],
  [error('EAI_AGAIN'), false, 'name_server_silent', /name server.*network/],
  [error('ECONNREFUSED'), false, 'port_closed', /Nothing listens at lamps\..*:8883.*Start the broker/],
  [error('EHOSTUNREACH'), false, 'no_route', /no way to.*network/],
  [error('ETIMEDOUT'), false, 'silent', /does not answer.*firewall/],
  [new Error('connack timeout'), false, 'silent', /does not answer/],
  [new Error('Keepalive timeout'), true, 'keep_alive', /15 seconds/],
  [error(1), false, 'mqtt_version', /version of MQTT/],
  [error(2), false, 'mqtt_id_refused', /client id/],
  [error(3), false, 'mqtt_unavailable', /not available/],
  [error(4), false, 'not_authorised', /does not authorise/],
  [error(5), false, 'not_authorised', /does not authorise/],
  [error('ECONNRESET'), false, 'closed_early', /before letting this board in.*log/],
  [error('ECONNRESET'), true, 'connection_lost', /lost.*second board/],
  [undefined, false, 'closed_early', /before letting/],
  [undefined, true, 'connection_lost', /lost/],
];

t.test('each fault has its words, and the words have the remedy', async (t) => {
  for (const [reason, connected, code, words] of cases) {
    const why = `${(reason as { code?: string } | undefined)?.code ?? reason?.message ?? 'closed'}${connected ? ', connected' : ''}`;
    const fault = faultOf(reason, connected, about);
    t.equal(fault.code, code, why);
    t.match(fault.message, words, why);
    t.ok(fault.message.length <= 200, `${why}: fits into lastError (${fault.message.length})`);
  }
  t.strictSame(new Set(faultCodes), new Set(cases.map(([, , code]) => code)), 'every row is tried here');
});

t.test('the samples that the firmware\'s words are held against', async (t) => {
  const samples = JSON.parse(readFileSync(new URL('../vectors/faults.json', import.meta.url), 'utf8')) as
    { error: string; connected: boolean; code: string; message: string }[];
  const theirs = { ...about, host: 'lamps.example.org', name: 'broker.example.org', notAfter: 1795000000000, now: 1794000000000 };
  for (const { error, connected, code, message } of samples) t.same(faultOf(error, connected, theirs), { code, message }, code);
  t.same(samples.map(({ code }) => code), [...faultCodes, 'unknown'], 'one for each row, in its order');
});

t.test('a broker that hangs up on a board whose certificate has ended: that is why', async (t) => {
  const now = about.notAfter;
  t.match(faultOf(error('ECONNRESET'), false, { ...about, now }), { code: 'own_certificate_expired', message: /2030-01-31/ });
  t.match(faultOf(error('ECONNREFUSED'), false, { ...about, now }), { code: 'port_closed' }, 'a closed port is a closed port');
  t.match(faultOf(undefined, true, { ...about, now }), { code: 'connection_lost' }, 'a session that was let in, too');
});

t.test('the API has the same faults, in its own words', async (t) => {
  for (const [reason, connected] of cases) {
    t.notMatch(faultOf(reason, connected, { ...about, party: 'api' }).message, /this board|mint|device\.json|second board/, reason?.message ?? 'closed');
  }
});

t.test('the unknown is passed on as it was said', async (t) => {
  t.match(faultOf(error('ENEW', 'something new'), false, about), { code: 'unknown', message: /lamps\..*8883 failed: something new/ });
});
