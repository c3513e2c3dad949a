import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { NewOutlet, Outlet, OutletChange, SwitchRequest, SwitchResult } from '@sconce/protocol/http';
import { OutletId } from '@sconce/protocol/ids';
import { ImportRequest, ImportResult, OffRequest, Run } from '@sconce/protocol/radio-api';
import type { Context } from '../usecases/context.ts';
import { addOutlet, changeOutlet, outletsFor, removeOutlet } from '../usecases/outlets.ts';
import { importOutlets } from '../usecases/import-outlets.ts';
import { switchOff } from '../usecases/run.ts';
import { switchOutlet } from '../usecases/switch-outlet.ts';

const tags = ['outlets'];
const params = z.strictObject({ id: OutletId });

export function outletRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: { tags, summary: 'The outlets you may use', response: { 200: z.array(Outlet) } },
    }, (request) => outletsFor(context, request.viewer));

    app.post('/', {
      schema: { tags, summary: 'Add one (who manages its board)', body: NewOutlet, response: { 201: Outlet } },
    }, async (request, reply) => reply.code(201).send(await addOutlet(context, request.viewer, request.body)));

    app.post('/import', {
      schema: {
        tags, body: ImportRequest, response: { 200: ImportResult },
        summary: 'Add those that a text has, all or none (who manages the board)',
        description: 'Codes of rc-switch, Tasmota or OpenMQTTGateway. Each line is accepted or refused with its reason; '
          + 'if one is refused, or with `check`, nothing is added.',
      },
    }, (request) => importOutlets(context, request.viewer, request.body));

    app.patch('/:id', {
      schema: {
        tags, params, body: OutletChange, response: { 200: Outlet },
        summary: 'Change one (who manages it)',
        description: 'To move it to another pin takes the right to manage its board.',
      },
    }, (request) => changeOutlet(context, request.viewer, request.params.id, request.body));

    app.delete('/:id', {
      schema: { tags, summary: 'Remove one (who manages its board)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await removeOutlet(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });

    app.post('/:id/switch', {
      preHandler: app.limit.switching,
      schema: {
        tags, params, body: SwitchRequest, response: { 200: SwitchResult },
        summary: 'Switch it, and wait for the outcome',
        description: 'Answers when the board has (200), at once when it is offline (409 `device_offline`), or after '
          + 'the deadline (504 `command_expired`). "transmitted" means that the code was sent: a radio socket cannot '
          + 'confirm.',
      },
    }, (request) => switchOutlet(context, request.viewer, request.params.id, request.body.on));

    app.post('/off', {
      preHandler: app.limit.switching,
      schema: {
        tags, body: OffRequest, response: { 200: Run },
        summary: 'Switch all off that you may use, or a room of it',
        description: 'Answers as a scene does: when all have ended, each with its own outcome. `room` null: what is in '
          + 'no room.',
      },
    }, (request) => switchOff(context, request.viewer, request.body));
  };
}
