import { join } from 'node:path';
import { startIssuer } from './issuer.ts';
import { initPki, repository } from './pki.ts';
import { prepareDatabase } from './prepared-database.ts';
import { freePorts, startProgram } from './process.ts';

/** The real API on PGlite, for people who open `publicUrl`, with an issuer of its own and a broker that is not there. */
export async function startApi({ dir, port, publicUrl }: { dir: string; port: number; publicUrl: string }):
  Promise<{ stop(): Promise<void> }> {
  const [issuerPort = 0, noBroker = 0] = await freePorts(2);
  const pki = await initPki(join(dir, 'pki'));
  const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${publicUrl}/auth/callback`] });
  await prepareDatabase(join(dir, 'data/database'));
  const api = await startProgram({
    name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 60_000,
    env: {
      PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: publicUrl, OWNER_EMAIL: 'olive@example.org',
      OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
      SESSION_KEYS: 'ab'.repeat(32), DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${noBroker}`,
      MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key,
    },
    ready: /Server listening/,
  });
  return { stop: () => api.stop().finally(() => issuer.stop()) };
}
