import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Context } from '../usecases/context.ts';

const Ready = z.object({ database: z.boolean(), broker: z.boolean() });

/** `/healthz`: the process lives. `/readyz`: it can do its work; 503 names what is missing. */
export function healthRoutes({ db, bus }: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();
    const schema = { tags: ['health'], security: [] };

    app.get('/healthz', { schema: { ...schema, response: { 200: z.object({ status: z.literal('ok') }) } } },
      async () => ({ status: 'ok' as const }));

    app.get('/readyz', { schema: { ...schema, response: { 200: Ready, 503: Ready } } }, async (_request, reply) => {
      const database = await sql`select 1`.execute(db).then(() => true, () => false);
      const ready = { database, broker: bus.connected };
      return reply.code(ready.database && ready.broker ? 200 : 503).send(ready);
    });
  };
}
