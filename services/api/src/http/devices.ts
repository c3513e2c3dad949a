import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Device, DeviceName } from '@sconce/protocol/http';
import { DeviceId } from '@sconce/protocol/ids';
import type { Context } from '../usecases/context.ts';
import { adoptDevice, devicesFor, identifyDevice, removeDevice, renameDevice } from '../usecases/devices.ts';

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

    app.post('/:id/identify', {
      schema: { tags, summary: 'Blink its light (who manages it)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await identifyDevice(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });
  };
}
