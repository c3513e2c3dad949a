import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What `make demo` writes for scripts, as far as it says where things are. */
const Facts = z.object({
  url: z.url(), issuer: z.url().optional(), authority: z.string().optional(),
  mqtt: z.object({ host: z.string(), port: z.int(), servicesPort: z.int(), ca: z.string(), cert: z.string(),
    key: z.string() }),
});

/**
 * The environment that the doctor would be given on a server, of the demo whose state lies in this folder.
 * @throws when it has never come up
 */
export function demoEnvironment(dir: string): Record<string, string> {
  const { url, issuer, authority, mqtt } = Facts.parse(JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8')));
  const { hostname } = new URL(url);
  const files = { BROKER_STATUS_FILE: 'applied', GATE_REFUSALS: 'refusals.json' };
  return {
    DOCTOR_VIEW: 'demo', DOMAIN: hostname, PUBLIC_URL: url, PKI_DIR: join(dir, 'pki'), DATA_DIR: join(dir, 'data'),
    MQTT_URL: `mqtts://${mqtt.host}:${mqtt.servicesPort}`, MQTT_CA_FILE: mqtt.ca, MQTT_CERT_FILE: mqtt.cert,
    MQTT_KEY_FILE: mqtt.key,
    DEVICES_HOST: mqtt.host, DEVICES_PORT: String(mqtt.port), DEVICES_PUBLIC_PORT: String(mqtt.port),
    ...issuer !== undefined && { OIDC_ISSUER: issuer },
    ...authority !== undefined && { AUTHORITY_SOCKET: authority },
    ...Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(dir, file)])
      .filter(([, path]) => existsSync(path ?? ''))),
  };
}
