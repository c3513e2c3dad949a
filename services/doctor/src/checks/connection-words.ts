import type { Words } from '../finding.ts';
import type { Remedies } from '../finding/remedies.ts';

/** About whom, where, and how things are put right here. */
export type Connection = { who: string; host: string; port: number; name: string; remedies: Remedies;
  /** Where it is written where the broker is. */
  place: string;
  /** The container that listens there. */
  service: string;
  /** Makes its own certificate anew. */
  anew: string };

type Row = (connection: Connection) => Words;

/** Words for the codes of protocol/src/faults.ts. */
const rows: Record<string, Row> = {
  name_unknown: ({ host, place }) => ({ what: `No name server knows ${host}.`,
    why: `It is misspelt in ${place}, or its container does not run, or its DNS record is missing.`,
    do: `correct ${place}` }),
  name_server_silent: ({ host }) => ({ what: `No name server answers for ${host}.`,
    why: 'The network is down, or the name server is.',
    do: 'resolvectl status, and look at /etc/resolv.conf' }),
  port_closed: ({ host, port, service, remedies }) => ({ what: `Nothing listens at ${host}:${port}.`,
    why: `${service} does not run, or has another port.`,
    do: `${remedies.start(service)} && ${remedies.logs(service)}` }),
  no_route: ({ host }) => ({ what: `There is no way to ${host}.`,
    why: 'The network is down, or does not lead there.',
    do: 'ip route, and docker network ls' }),
  silent: ({ host, port, service, remedies }) => ({ what: `${host}:${port} does not answer.`,
    why: 'A firewall drops what is sent there, or who listens hangs.',
    do: remedies.restart(service) }),
  not_tls: ({ host, port, place }) => ({ what: `What listens at ${host}:${port} does not speak TLS.`,
    why: 'Another program has that port, or one in front of the broker speaks plain TCP.',
    do: `correct the port in ${place}, or end the other program: ss -ltnp 'sport = :${port}'` }),
  broker_certificate_expired: ({ remedies }) => ({ what: "The broker's certificate has ended.",
    why: 'Nobody accepts it any more.',
    do: remedies.pki }),
  broker_certificate_not_yet_valid: () => ({ what: "The broker's certificate is not valid yet.",
    why: 'A clock is wrong, or was when it was made.',
    do: 'timedatectl' }),
  broker_certificate_wrong_name: ({ name, remedies }) => ({ what: `The broker's certificate is not for ${name}.`,
    why: 'Whoever connects by this name takes it for somebody else.',
    do: remedies.pkiFor(name) }),
  broker_certificate_not_trusted: ({ who, place, remedies }) => ({
    what: `${who} does not trust the broker's certificate.`,
    why: 'It is from another authority: of another household, or of a store that was made anew, or not the broker '
      + 'answers.',
    do: `see that ${place} leads to this broker; if it does, ${remedies.restore}` }),
  broker_certificate_wrong_use: ({ remedies: { store, pki } }) => ({
    what: 'The broker shows a certificate that is not made for a server.',
    why: 'Files were mixed up.',
    do: `mv ${store}/broker ${store}/broker.broken && ${pki}` }),
  own_certificate_expired: ({ who, anew }) => ({ what: `The broker says that the certificate of ${who} has ended.`,
    why: 'Nobody accepts it any more.',
    do: anew }),
  own_certificate_revoked: ({ who, anew }) => ({ what: `The broker says that the certificate of ${who} is revoked.`,
    why: 'It stands on the revocation list.',
    do: anew }),
  own_certificate_not_trusted: ({ who, anew }) => ({
    what: `The broker does not trust the authority of the certificate of ${who}.`,
    why: 'It is from another household, or comes without the issuing authority’s.', do: anew }),
  own_certificate_refused: ({ who, service, remedies }) => ({ what: `The broker refuses the certificate of ${who}.`,
    why: 'It is damaged, not yet valid, or made for another use.',
    do: remedies.logs(service) }),
  tls_version: ({ remedies, service }) => ({ what: 'The broker does not speak TLS 1.2.',
    why: 'Boards know no newer one.',
    do: `git checkout mosquitto/mosquitto.conf && ${remedies.restart(service)}` }),
  tls_ciphers: ({ remedies, service }) => ({ what: 'The broker knows none of the ciphers of boards.',
    why: 'Its configuration was changed.',
    do: `git checkout mosquitto/mosquitto.conf && ${remedies.restart(service)}` }),
  not_authorised: ({ who, remedies, service }) => ({ what: `The broker does not authorise ${who}.`,
    why: 'Its access lists were changed.',
    do: `git checkout mosquitto/acl && ${remedies.restart(service)}` }),
  closed_early: ({ who, remedies, service }) => ({ what: `The connection was closed before ${who} was let in.`,
    why: 'The certificate is not accepted, or what is behind this port does not run.',
    do: remedies.logs(service) }),
};

export const wordsOfConnection = (code: string, connection: Connection, said: string): Words =>
  rows[code]?.(connection) ?? {
  what: `The connection to ${connection.host}:${connection.port} failed: ${said}.`,
  why: 'This is not among what is known.',
  do: connection.remedies.logs(connection.service) };
