import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Person, PersonChange } from '@sconce/protocol/http';
import { PersonId } from '@sconce/protocol/ids';
import type { Context } from '../usecases/context.ts';
import { changePerson, peopleFor } from '../usecases/people.ts';

const tags = ['people'];
const params = z.strictObject({ id: PersonId });

export function peopleRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: {
        tags, summary: 'Everybody who has signed in, those who wait first (admin)', response: { 200: z.array(Person) },
      },
    }, (request) => peopleFor(context, request.viewer));

    app.patch('/:id', {
      schema: {
        tags,
        summary: 'Let in, refuse, change the role, give more time, end the access (admin)',
        description: 'A newcomer is let in by `state` "active" with a `role`, refused by "deactivated". A guest needs '
          + '`guestUntil`. The last admin cannot be demoted. A token cannot make admins, nor change its own person.',
        params, body: PersonChange, response: { 200: Person },
      },
    }, (request) => changePerson(context, request.viewer, request.params.id, request.body));
  };
}
