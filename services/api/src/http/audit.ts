import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AuditFilter, AuditPage, AuditQuery } from '@sconce/protocol/audit';
import type { Context } from '../usecases/context.ts';
import { auditAsCsv, auditFor } from '../usecases/read-audit.ts';

const tags = ['audit'];

/** `/audit`: what happened, a page at a time; `/audit.csv`: the same for spreadsheets, whole. */
export function auditRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/audit', {
      schema: {
        tags, querystring: AuditQuery, response: { 200: AuditPage },
        summary: 'Who did what, newest first (admin)',
        description: 'For the next page repeat the request with `before` set to `next`; pages have no gaps and no '
          + 'repeats, whatever is written meanwhile. A token needs the scope `manage`.',
      },
    }, (request) => auditFor(context, request.viewer, request.query));

    app.get('/audit.csv', {
      schema: {
        tags, querystring: AuditFilter, response: { 200: z.string().describe('text/csv, RFC 4180') },
        summary: 'The same as a file for spreadsheets (admin)',
        description: 'Times are UTC. A cell that a spreadsheet would take for a formula begins with an apostrophe.',
      },
    }, async (request, reply) => {
      const lines = await auditAsCsv(context, request.viewer, request.query);
      const today = context.now().toISOString().slice(0, 10);
      return reply.type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="sconce-what-happened-${today}.csv"`)
        .send(Readable.from(lines) as Readable & string);
    });
  };
}
