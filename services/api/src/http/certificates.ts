import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Certificates, RefusalView } from '@sconce/protocol/certificates-api';
import { DoctorReport } from '@sconce/protocol/doctor';
import type { Config } from '../config.ts';
import { certificatesFor } from '../usecases/certificates.ts';
import type { Context } from '../usecases/context.ts';
import { createDoctor } from '../usecases/doctor.ts';
import { refusalsFor } from '../usecases/refusals.ts';

const tags = ['certificates'];

/** What admins are told of certificates, of boards that were turned away, and of the health of the whole. */
export function certificateRoutes(context: Context, config: Pick<Config, 'watchedCertificates' | 'refusalsFile' | 'doctor'>) {
  const examine = createDoctor(config.doctor, context.log);
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/certificates', {
      schema: {
        tags, response: { 200: Certificates },
        summary: 'Every certificate and revocation list, the first to end first (admin)',
        description: 'With days left, and what to do about those that end soon. The event `certificates` says when to look again.',
      },
    }, (request) => certificatesFor(context, request.viewer, config.watchedCertificates));

    app.get('/refusals', {
      schema: {
        tags, response: { 200: z.array(RefusalView) },
        summary: 'Who tried to connect as a board and was turned away, newest first (admin)',
        description: '`genuine` false: the certificate is not from this household, so that the board is only what somebody '
          + 'claims to be. The event `refusals` says when to look again.',
      },
    }, (request) => refusalsFor(context, request.viewer, config.refusalsFile));

    app.get('/doctor', {
      schema: {
        tags, response: { 200: DoctorReport },
        summary: 'Look at the whole chain, and say what is wrong and what to do (admin)',
        description: 'Takes up to 20 seconds. It sees what the API can see; `make doctor` on the server sees more.',
      },
    }, (request) => examine(request.viewer));
  };
}
