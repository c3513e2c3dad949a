import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RevokeResult } from '@sconce/protocol/certificates-api';
import { Device, DeviceName } from '@sconce/protocol/http';
import { DeviceId } from '@sconce/protocol/ids';
import { FreshCodes, LearnRequest, LearnResult, TransmitRequest, TransmitResult } from '@sconce/protocol/radio-api';
import type { Context } from '../usecases/context.ts';
import { adoptDevice, devicesFor, identifyDevice, removeDevice, renameDevice } from '../usecases/devices.ts';
import { learn, newCodes, transmit } from '../usecases/radio.ts';
import { revokeDevice } from '../usecases/revoke.ts';

const tags = ['boards'];
const params = z.strictObject({ id: DeviceId });

export function deviceRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: { tags, summary: 'The boards you manage; for admins all, new ones first', response: { 200: z.array(Device) } },
    }, (request) => devicesFor(context, request.viewer));

    app.post('/:id/adopt', {
      schema: { tags, summary: 'Take a new board in (admin)', params, body: DeviceName, response: { 200: Device } },
    }, (request) => adoptDevice(context, request.viewer, request.params.id, request.body.name));

    app.patch('/:id', {
      schema: { tags, summary: 'Rename one (who manages it)', params, body: DeviceName, response: { 200: Device } },
    }, (request) => renameDevice(context, request.viewer, request.params.id, request.body.name));

    app.delete('/:id', {
      schema: { tags, summary: 'Forget one, with its outlets (admin)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await removeDevice(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });

    app.post('/:id/revoke', {
      schema: {
        tags, params, response: { 200: RevokeResult },
        summary: 'Keep one out for good, its live connection included (admin)',
        description: 'For a board that is lost or stolen. It cannot be undone. '
          + '`ms` null: it is revoked, but the broker or the gate has not said yet that it has cut it off; `why` says what to do.',
      },
    }, (request) => revokeDevice(context, request.viewer, request.params.id));

    app.post('/:id/identify', {
      schema: { tags, summary: 'Blink its light (who manages it)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await identifyDevice(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });

    app.post('/:id/learn', {
      preHandler: app.limit.switching,
      schema: {
        tags, params, body: LearnRequest, response: { 200: LearnResult },
        summary: 'Listen for a remote (who manages it)',
        description: 'Until then the event `radio` tells of each frame that the board hears.',
      },
    }, (request) => learn(context, request.viewer, request.params.id, request.body.seconds));

    app.post('/:id/transmit', {
      preHandler: app.limit.switching,
      schema: {
        tags, params, body: TransmitRequest, response: { 200: TransmitResult },
        summary: 'Send a code, to try it or to pair a socket (who manages it)',
      },
    }, (request) => transmit(context, request.viewer, request.params.id, request.body));

    app.post('/:id/codes', {
      schema: {
        tags, params, response: { 200: FreshCodes },
        summary: 'Codes that no outlet has, for a socket to learn (who manages it)',
        description: 'Send the one for on by the board while the socket learns, then add an outlet with both.',
      },
    }, (request) => newCodes(context, request.viewer, request.params.id));
  };
}
