import type { FastifyInstance } from 'fastify';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '@sconce/protocol/http';

/** What every route may answer when it does not succeed, described once; http/problems.ts has which codes there are. */
const problem = {
  description: 'A problem (RFC 9457). 401: no session or token that holds; 403: not allowed; 404: not there, or not '
    + 'shared with you; 429: too often, see Retry-After.',
  content: { 'application/problem+json': { schema: z.toJSONSchema(Problem) } },
};

const withProblems: typeof jsonSchemaTransform = (route) => {
  const { schema, url } = jsonSchemaTransform(route);
  const response = schema.response as Record<string, unknown> | undefined;
  return { url, schema: { ...schema, response: { ...response, default: problem } } };
};

/** OpenAPI 3.1 from the routes' own schemas, at `/api/v1/openapi.json`, and readable at `/api/v1/docs`. */
export const openApi = fp(async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sconce',
        version: '1',
        description: 'Switch your own lamps. Browsers use their session; scripts send `Authorization: Bearer sct_…`, '
          + 'with a token made under Settings. Errors are problem documents (RFC 9457) with a stable `code`.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: '__Host-session' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
    transform: withProblems,
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/v1/docs',
    staticCSP: true,
    theme: { title: 'Sconce API' },
    // Without the bar that asks for another document's address.
    uiConfig: { layout: 'BaseLayout' },
  });
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger());
});
