import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SceneId } from '@sconce/protocol/ids';
import { NewScene, Run, Scene, SceneChange } from '@sconce/protocol/radio-api';
import type { Context } from '../usecases/context.ts';
import { runScene } from '../usecases/run.ts';
import { addScene, changeScene, removeScene, scenesFor } from '../usecases/scenes.ts';

const tags = ['scenes'];
const params = z.strictObject({ id: SceneId });

export function sceneRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: { tags, summary: 'The scenes of which you may use every outlet', response: { 200: z.array(Scene) } },
    }, (request) => scenesFor(context, request.viewer));

    app.post('/', {
      schema: { tags, summary: 'Make one (admin)', body: NewScene, response: { 201: Scene } },
    }, async (request, reply) => reply.code(201).send(await addScene(context, request.viewer, request.body)));

    app.patch('/:id', {
      schema: { tags, summary: 'Change one (admin)', params, body: SceneChange, response: { 200: Scene } },
    }, (request) => changeScene(context, request.viewer, request.params.id, request.body));

    app.delete('/:id', {
      schema: { tags, summary: 'Remove one (admin)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await removeScene(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });

    app.post('/:id/run', {
      preHandler: app.limit.switching,
      schema: {
        tags, params, response: { 200: Run },
        summary: 'Set each of its outlets, and wait for the outcomes',
        description: 'Answers when all have ended, 200 however they did: each step has its own outcome. On the way the '
          + 'event `run` tells you how far it is. Steps of one board follow one another in order; a board that is offline '
          + 'fails its own at once.',
      },
    }, (request) => runScene(context, request.viewer, request.params.id));
  };
}
