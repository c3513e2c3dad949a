import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { Inventory, KnownCertificate, Revoked } from '@sconce/protocol/authority';
import type { DeviceId } from '@sconce/protocol/ids';

export const day = 86_400_000;

/**
 * What answers on the authority's socket as the test says, so that days pass in no time and faults come when they are
 * wanted; the real one is tested with the API elsewhere (acceptance/test/revocation.test.ts).
 */
export class ScriptedAuthority {
  inventory: Inventory = { at: 0, certificates: [], crls: [], revoked: [], rootKey: 'plain', rotation: null, trust: null, faults: [] };
  /** Questions for the inventory so far. */
  asked = 0;
  readonly revoked: DeviceId[] = [];
  answer: (id: DeviceId) => Promise<{ status: number; body: Revoked | { code: string; why: string } }> = async () =>
    ({ status: 200, body: { certificates: 1, brokerMs: 12, gateMs: 34 } });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const say = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.method === 'GET') {
        this.asked += 1;
        say(200, this.inventory);
        return;
      }
      let text = '';
      request.on('data', (part) => { text += String(part); }).on('end', () => {
        const { id } = JSON.parse(text) as { id: DeviceId };
        this.revoked.push(id);
        void this.answer(id).then(({ status, body }) => say(status, body));
      });
    });
  }

  static async at(socket: string): Promise<ScriptedAuthority> {
    const authority = new ScriptedAuthority();
    authority.#server.listen(socket);
    await once(authority.#server, 'listening');
    return authority;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A certificate of two years that ends in so many days; a board's, unless told. */
export function certificate(endsInDays: number, more: Partial<KnownCertificate> = {}): KnownCertificate {
  const notAfter = Math.round(Date.now() / 1000) * 1000 + endsInDays * day;
  const notBefore = notAfter - 730 * day;
  return { kind: 'board', name: 'Hall board', serial: 'a1', notBefore, notAfter, renewAt: notBefore + 487 * day,
    issuer: 'issuing authority', state: 'valid', ...more };
}
