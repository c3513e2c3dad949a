import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { type AuthorityProblem, InUse, Inventory, Revoked, RevokeRequest, Signed, SignRequest } from '@sconce/protocol/authority';
import { z } from 'zod';
import type { Taken } from '../broker/taken.ts';
import type { PkiAuthority } from '../pki/authority.ts';
import { Busy, Failed, Refused } from '../pki/scripts.ts';

/** Bytes of a body; a request for a certificate is about 700 in base64. */
const bodyBytes = 8192;

/** @param untilTaken waits for broker and gate; given `performance.now()` of the beginning */
export function buildApp(authority: PkiAuthority, untilTaken: (began: number) => Promise<{ broker: Taken; gate: Taken }>,
  logger: FastifyBaseLogger): FastifyInstance {
  const app: FastifyInstance = Fastify({ loggerInstance: logger, bodyLimit: bodyBytes, disableRequestLogging: true });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const [status, problem] = problemOf(error);
    if (status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, problem.why);
    return reply.code(status).send(problem);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: 'not_found', why: 'There is no such call.' }));
  const calls = app.withTypeProvider<ZodTypeProvider>();

  calls.get('/health', { schema: { response: { 200: z.object({ ok: z.literal(true) }) } } }, async () => ({ ok: true as const }));
  calls.get('/inventory', { schema: { response: { 200: Inventory } } }, () => authority.inventory());
  calls.post('/certificates', { schema: { body: SignRequest, response: { 200: Signed } } }, async ({ body, log }) => {
    const signed = await authority.sign(body.id, Buffer.from(body.request, 'base64'));
    log.info({ device: body.id, serial: signed.serial, notAfter: new Date(signed.notAfter) }, 'signed a board’s request');
    return signed;
  });
  calls.post('/revocations', { schema: { body: RevokeRequest, response: { 200: Revoked } } }, async ({ body: { id }, log }) => {
    const began = performance.now();
    const { certificates, root } = await authority.revoke(id);
    const { broker, gate } = await untilTaken(began);
    const why = [broker, gate].flatMap((taken) => 'why' in taken ? [taken.why] : []);
    if (root === 'away') why.push('The devices’ root key is away, so that its own revocation list could not be made anew; '
      + 'the broker’s access list keeps the board out. To complete it, bring the key back and run pki-revoke again.');
    log.info({ device: id, certificates, broker, gate }, 'revoked a board');
    return { certificates, brokerMs: msOf(broker), gateMs: msOf(gate), ...why.length > 0 && { why: why.join(' ') } };
  });
  calls.post('/in-use', { schema: { body: InUse } }, async ({ body }, reply) => {
    await authority.noteInUse(body);
    return reply.code(204).send();
  });
  calls.post('/own', async (_request, reply) => {
    if (await authority.refreshApi()) return reply.code(204).send();
    return reply.code(409).send({ code: 'not_due', why: 'The API’s certificate is not past two thirds of its life yet.' } satisfies AuthorityProblem);
  });
  return app;
}

const msOf = (taken: Taken) => 'ms' in taken ? Math.round(taken.ms) : null;

function problemOf(error: FastifyError): [status: number, AuthorityProblem] {
  if (error instanceof Refused) return [422, { code: error.code, why: error.message }];
  if (error instanceof Busy) return [503, { code: 'unavailable', why: error.message }];
  if (error instanceof Failed) return [500, { code: 'failed', why: error.message }];
  if (hasZodFastifySchemaValidationErrors(error)) {
    return [400, { code: 'malformed', why: error.validation.map(({ instancePath, message }) => `${instancePath.slice(1)}: ${message ?? ''}`).join('; ') }];
  }
  if (error.statusCode !== undefined && error.statusCode < 500) return [error.statusCode, { code: 'malformed', why: error.message }];
  return [500, { code: 'failed', why: 'An unexpected error; the authority’s log has the details.' }];
}
