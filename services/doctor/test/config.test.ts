import { join } from 'node:path';
import t from 'tap';
import { readConfig } from '../src/config.ts';
import { remediesFor } from '../src/finding/remedies.ts';

const google = 'https://accounts.google.com';

t.test('the issuers are those of the API', async (t) => {
  const client = join(t.testdir({ id: 'sconce\n' }), 'id');
  for (const [env, issuers] of [
    [{}, []],
    [{ OIDC_CLIENT_ID: 'sconce' }, [google]],
    [{ OIDC_CLIENT_ID_FILE: client }, [google]],
    [{ OIDC_ISSUER: 'https://id.example/' }, ['https://id.example']],
    [{ OIDC_CLIENT_ID_FILE: client, OIDC_MORE: 'family', OIDC_FAMILY_ISSUER: 'https://id.example' },
      [google, 'https://id.example']],
  ] as const) t.same(readConfig(env).issuers, issuers, JSON.stringify(env));
});

t.test('who tries the demo is told nothing of Compose, nor of a store that is not the demo’s', async (t) => {
  const { store, logs, ...remedies } = remediesFor(readConfig({ DOCTOR_VIEW: 'demo' }));
  t.equal(store, '.demo/pki');
  t.equal(logs('gate'), 'less .demo/log/gate.log');
  for (const [name, remedy] of Object.entries(remedies)) {
    const said = typeof remedy === 'string' ? remedy : remedy('devices');
    t.match(said, /\.demo|make demo/, name);
    t.notMatch(said, /docker|pki\/store|(?<!PKI_DIR=\.demo\/pki )make (pki|flash)/, name);
  }
});
