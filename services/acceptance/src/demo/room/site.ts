import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyReply } from 'fastify';
import { transformWithOxc } from 'vite';
import { z } from 'zod';
import { DemoError } from '../settings.ts';
import type { Air } from './air.ts';
import type { RoomRequest } from './state.ts';

const own = (name: string) => fileURLToPath(new URL(`./page/${name}`, import.meta.url));
const dashboard = (name: string) => fileURLToPath(new URL(`../../../../dashboard/${name}`, import.meta.url));

/** The page, in the dashboard's look: its files are served as they are. */
const files = {
  '/': [own('index.html'), 'text/html'],
  '/room.css': [own('room.css'), 'text/css'],
  '/room.js': [own('room.ts'), 'text/javascript'],
  '/tokens.css': [dashboard('src/design/tokens.css'), 'text/css'],
  '/base.css': [dashboard('src/design/base.css'), 'text/css'],
  '/button.css': [dashboard('src/design/button.css'), 'text/css'],
  '/page.css': [dashboard('src/design/page.css'), 'text/css'],
  '/switch-tile.css': [dashboard('src/design/switch-tile.css'), 'text/css'],
  '/theme.js': [dashboard('public/theme.js'), 'text/javascript'],
  '/icon.svg': [dashboard('public/icon.svg'), 'image/svg+xml'],
} as const;

const contentSecurityPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
  "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'",
].join('; ');

const Request: z.ZodType<RoomRequest> = z.union([
  z.strictObject({ press: z.strictObject({ remote: z.string(), button: z.string() }) }),
  z.strictObject({ touch: z.strictObject({ socket: z.string(), how: z.enum(['tap', 'hold', 'forget']) }) }),
  z.strictObject({ noise: z.number().min(0).max(600) }),
]);

/**
 * The page on which a person sees the virtual room and touches what is in it. A program may do the same: `GET /events`
 * has the state (RoomState) at each change, `POST /do` takes a RoomRequest.
 * @throws DemoError when the port is taken
 */
export async function startRoomSite(port: number, air: Air): Promise<{ url: string; stop(): Promise<void> }> {
  const app = Fastify({ forceCloseConnections: true });
  for (const [path, [file, type]] of Object.entries(files)) {
    const text = await readFile(file, 'utf8');
    const body = file.endsWith('.ts') ? (await transformWithOxc(text, file)).code : text;
    app.get(path, (_request, reply) => reply.type(`${type}; charset=utf-8`)
      .headers({ 'content-security-policy': contentSecurityPolicy, 'cache-control': 'no-cache' }).send(body));
  }
  app.get('/events', (_request, reply) => streamOf(air, reply));
  app.post('/do', (request, reply) => {
    const asked = Request.safeParse(request.body);
    if (!asked.success) return reply.code(400).send({ detail: z.prettifyError(asked.error) });
    return reply.code(air.ask(asked.data) ? 204 : 503).send();
  });
  await app.listen({ port, host: 'localhost' }).catch((error: unknown) => {
    throw new DemoError(`The virtual room cannot be served: ${error instanceof Error ? error.message : String(error)}`);
  });
  return { url: `http://localhost:${port}`, stop: () => app.close() };
}

function streamOf(air: Air, reply: FastifyReply): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = (state: unknown) => void raw.write(`data: ${JSON.stringify(state)}\n\n`);
  tell(air.state);
  raw.on('close', air.watch(tell));
}
