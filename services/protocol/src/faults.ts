import { limits } from './limits.ts';

/** Who has the fault: a board, or the API. They differ in their names and in how a certificate is made anew. */
export type Party = 'board' | 'api';

/**
 * What a fault is about. `name`: whom the broker's certificate must be for; `notAfter`: when one's own certificate
 * ends, and `now`, both ms since 1970.
 */
export interface About { party: Party; host: string; port: number; name: string; notAfter: number; now: number }

/** A fault of the connection. `code` is for programs; `message` names the fault and its remedy, for people. */
export interface Fault { code: string; message: string }

type Words = (about: About) => string;

/**
 * Our code, the words, and what means it: codes of Node and OpenSSL, `alert:…` for what the broker says in TLS (RFC
 * 5246, 7.2), `mqtt:…` for what it says in a CONNACK (MQTT 3.1.1, 3.2.2.3).
 */
const table: readonly (readonly [code: string, words: Words, means: readonly string[]])[] = [
  ['broker_certificate_expired', () => 'The broker\'s certificate has expired. On the server, run make pki. If it is in '
    + 'date there, the clock here is wrong.', ['CERT_HAS_EXPIRED']],
  ['broker_certificate_not_yet_valid', () => 'The broker\'s certificate is not valid yet. A clock is wrong: check '
    + 'the one here and the server\'s.', ['CERT_NOT_YET_VALID']],
  ['broker_certificate_wrong_name', ({ name }) => `The broker's certificate is not for ${name}. On the server, run `
    + `make pki BROKER_HOST=${name}.`, ['ERR_TLS_CERT_ALTNAME_INVALID']],
  ['broker_certificate_not_trusted', ({ party }) => `The broker's certificate is not from the authority that `
    + `${who[party]} trusts (ca.pem). It is another household's broker, or the authority was made anew: then `
    + `${remedy[party]}.`,
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_SIGNATURE_FAILURE', 'CERT_UNTRUSTED']],
  ['broker_certificate_wrong_use', () => 'The broker shows a certificate that is not made for a server. On the server, '
    + 'move pki/store/broker away and run make pki.', ['INVALID_PURPOSE']],

  ['own_certificate_expired', ({ party, notAfter }) => `The certificate of ${who[party]} ended on ${day(notAfter)}: `
    + `${remedy[party]}.`, ['alert:45']],
  ['own_certificate_revoked', ({ party }) => `The certificate of ${who[party]} has been revoked. If that was a `
    + `mistake, ${remedy[party]}.`, ['alert:44']],
  ['own_certificate_not_trusted', ({ party }) => `The broker does not trust the authority of the certificate of `
    + `${who[party]}: ${remedy[party]}, with the store of this broker's household.`, ['alert:48']],
  ['own_certificate_refused', ({ party }) => `The broker refuses the certificate of ${who[party]}. Its log says why; `
    + `${remedy[party]} if the certificate is damaged.`,
  ['alert:42', 'alert:43', 'alert:46', 'alert:116']],

  ['tls_version', () => 'The broker does not speak TLS 1.2, the newest that a board knows. Use the shipped '
    + 'mosquitto.conf.', ['alert:70', 'ERR_SSL_UNSUPPORTED_PROTOCOL']],
  ['tls_ciphers', ({ party }) => `The broker and ${who[party]} have no cipher in common. Use the shipped `
    + 'mosquitto.conf.', ['alert:40', 'alert:71']],
  ['not_tls', ({ host, port }) => `What listens at ${host}:${port} does not speak TLS. Give the broker's port: as a `
    + 'rule 8883 for boards, 8884 for the API.',
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']],

  ['name_unknown', ({ party, host }) => `No such name: ${host}. Correct the broker's host in ${place[party]}, or its `
    + 'DNS record.', ['ENOTFOUND']],
  ['name_server_silent', ({ host }) => `The name server did not answer for ${host}. Is the network up?`, ['EAI_AGAIN']],
  ['port_closed', ({ party, host, port }) => `Nothing listens at ${host}:${port}. Start the broker, or correct the `
    + `port in ${place[party]}.`, ['ECONNREFUSED']],
  ['no_route', ({ host }) => `There is no way to ${host}. Is the network up?`,
    ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN']],
  ['silent', ({ host, port }) => `${host}:${port} does not answer. Check that the broker runs and that no firewall `
    + 'drops the port.', ['ETIMEDOUT', 'connack timeout']],
  ['keep_alive', () => `The broker has not answered for ${limits.keepAliveSeconds} seconds. Is the network up?`,
    ['Keepalive timeout']],

  ['mqtt_version', () => 'The broker does not speak our version of MQTT. Use the shipped mosquitto.conf.', ['mqtt:1']],
  ['mqtt_id_refused', () => 'The broker refuses our client id. Use the shipped mosquitto.conf.', ['mqtt:2']],
  ['mqtt_unavailable', () => 'The broker says that it is not available now. Its log says why.', ['mqtt:3']],
  ['not_authorised', ({ party }) => `The broker does not authorise ${who[party]}. Use the shipped mosquitto.conf and `
    + `access lists; or ${remedy[party]}.`, ['mqtt:4', 'mqtt:5', 'mqtt:135']],

  ['closed_early', ({ party }) => `The broker closed the connection before letting ${who[party]} in. Its log says why; `
    + 'a certificate it does not accept is the most common reason.',
  ['closed early', 'ECONNRESET early', 'EPIPE early']],
  ['connection_lost', ({ party }) => 'The connection to the broker was lost. If it keeps happening, check the network, '
    + `and that ${party === 'board' ? 'no second board has this identity' : 'the broker runs'}.`,
  ['closed', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']],
];

const who: Record<Party, string> = { board: 'this board', api: 'the API' };
/** Where it was told where to connect. */
const place: Record<Party, string> = { board: 'device.json', api: 'MQTT_URL' };
const remedy: Record<Party, string> = {
  board: 'mint the board anew',
  api: 'run make pki on the server',
};

/** Every fault that has words, for the tests. */
export const faultCodes = table.map(([code]) => code);

const rows = new Map(table.flatMap(([code, words, means]) =>
  means.map((meaning) => [meaning, { code, words }] as const)));
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** A broker that drops somebody for their certificate often does so without a word that reaches them. */
const maybeOwnCertificate = new Set(['closed_early', 'own_certificate_refused', 'own_certificate_expired']);

/**
 * Puts an error of the connection into words. `connected`: whether the broker had let us in.
 * `error` undefined: the connection ended without one.
 */
export function faultOf(error: unknown, connected: boolean, about: About): Fault {
  const meaning = error === undefined ? 'closed' : codeOf(error);
  const row = (connected ? undefined : rows.get(`${meaning} early`)) ?? rows.get(meaning);
  if (!row) {
    const said = error instanceof Error ? error.message : String(error);
    return { code: 'unknown', message: `The connection to ${about.host}:${about.port} failed: ${said}` };
  }
  const own = maybeOwnCertificate.has(row.code) && about.now >= about.notAfter && rows.get('alert:45');
  const { code, words } = own || row;
  return { code, message: words(about) };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The code beside an alert depends on whether it met us reading (its name) or writing (EPROTO); the number does not.
  const alert = /SSL alert number (\d+)/.exec(error.message)?.[1];
  if (alert !== undefined) return `alert:${alert}`;
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return `mqtt:${code}`;
  return typeof code === 'string' ? code : error.message;
}
