import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { InvitationId } from '@sconce/protocol/ids';
import { Invitation, InvitationSecret, MadeInvitation, NewInvitation, Offer } from '@sconce/protocol/sharing';
import type { Context } from '../usecases/context.ts';
import { invitationsFor, invite, offerOf, revokeInvitation } from '../usecases/invitations.ts';
import { refuseCrossSite } from './guard.ts';

declare module '@fastify/secure-session' {
  interface SessionData {
    /** What the next sign-in in this browser uses; `at`: milliseconds since 1970. */
    invitation: { secret: string; at: number };
  }
}

const invitationKey = 'invitation';

/** Milliseconds for which a browser remembers a link that was opened: others may use it, too, another day. */
const rememberedMs = 24 * 3_600_000;

const tags = ['sharing'];
const params = z.strictObject({ id: InvitationId });

/** For admins. @param publicUrl where links lead to */
export function invitationRoutes(context: Context, publicUrl: string) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: {
        tags, summary: 'All invitations, the newest first (admin)', response: { 200: z.array(Invitation) },
      },
    }, (request) => invitationsFor(context, request.viewer));

    app.post('/', {
      schema: {
        tags, body: NewInvitation, response: { 201: MadeInvitation },
        summary: 'Invite somebody: a link for one use (admin)',
        description: 'The link is shown once. Who signs in with it is let in with the role, and what is named is shared '
          + 'with them. A guest needs `guestUntil`. Only in a browser: a token cannot invite.',
      },
    }, async (request, reply) =>
      reply.code(201).send(await invite(context, request.viewer, publicUrl, request.body)));

    app.delete('/:id', {
      schema: { tags, summary: 'Take one back (admin)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await revokeInvitation(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });
  };
}

/** For whoever has a link: no session is needed, and one that is there stays as it is. */
export function offerRoute(context: Context, publicUrl: string) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.withTypeProvider<ZodTypeProvider>().post('/invitation', {
      onRequest: async (request) => refuseCrossSite(request, publicUrl),
      schema: {
        tags: ['sign-in'], body: InvitationSecret, response: { 200: Offer }, security: [],
        summary: 'What an invitation’s link offers',
        description: 'The next sign-in in this browser uses it; looking does not use it up.',
      },
    }, async (request) => {
      const { secret } = request.body;
      const offer = await offerOf(context, secret);
      request.session.set(invitationKey, { secret, at: context.now().getTime() });
      return offer;
    });
  };
}

/** The invitation that this browser was shown, for a sign-in that ends now; whatever comes of it, it is forgotten. */
export function takeInvitation(request: FastifyRequest, now: Date): string | undefined {
  const remembered = request.session.get(invitationKey);
  request.session.set(invitationKey, undefined);
  return remembered && now.getTime() - remembered.at < rememberedMs ? remembered.secret : undefined;
}
