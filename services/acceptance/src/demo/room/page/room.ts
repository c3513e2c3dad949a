/** The virtual room in the browser: shows what /events says, and asks /do. */
import type { RoomRequest, RoomState, SocketView } from '../state.ts';

/** Bursts a minute of the page's noise. */
const someNoise = 40;

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...children: (Node | string)[]) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function button(words: string, request: () => RoomRequest): HTMLButtonElement {
  const made = element('button', 'button', words);
  made.type = 'button';
  made.addEventListener('click', () => ask(request()));
  return made;
}

function ask(request: RoomRequest): void {
  fetch('/do', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) })
    .then(({ ok }) => showTrouble(!ok), () => showTrouble(true));
}

const showTrouble = (is: boolean) => { byId('trouble').hidden = !is; };

/** lucide's "lightbulb" (ISC licence), the dashboard's own drawing of a lamp. */
const lampPaths = ['M15 14c.2-1 .7-1.7 1.5-2.5 1-.9 1.5-2.2 1.5-3.5A6 6 0 0 0 6 8c0 1 .2 2.2 1.5 3.5.7.7 1.3 1.5 1.5 2.5', 'M9 18h6', 'M10 22h4'];

function lamp(): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  for (const d of lampPaths) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** The socket's tile, and what brings it up to date. */
function socketTile({ name, knows }: SocketView) {
  const disc = element('span', 'disc', lamp());
  const state = element('span', 'tile-state');
  state.setAttribute('role', 'status');
  const words = element('span', 'tile-words', element('span', 'tile-name', name), state);
  const tile = element('li', 'tile room-socket', element('div', 'room-lamp', disc, words));
  const touch = (how: 'tap' | 'hold' | 'forget') => (): RoomRequest => ({ touch: { socket: name, how } });
  const forget = button('Forget', touch('forget'));
  if (knows !== null) {
    const press = button('Press', touch('tap'));
    const hold = button('Hold to learn', touch('hold'));
    for (const [which, what] of [[press, 'Press'], [hold, 'Hold to learn'], [forget, 'Forget']] as const) {
      which.setAttribute('aria-label', `${what}: ${name}`);
    }
    tile.append(element('div', 'actions room-finger', press, hold, forget));
  }
  return {
    tile,
    show(socket: SocketView): void {
      tile.dataset.look = disc.dataset.look = socket.on ? 'on' : 'off';
      if (socket.learning) tile.dataset.learning = '';
      else delete tile.dataset.learning;
      forget.hidden = !socket.knows;
      state.textContent = socketWords(socket);
    },
  };
}

function socketWords({ on, learning, knows }: SocketView): string {
  if (learning) return 'Blinks: send it a code now';
  const lit = on ? 'On' : 'Off';
  if (knows === null) return `${lit} · wired to the board’s relay`;
  if (knows === 0) return `${lit} · has learned nothing yet`;
  return `${lit} · knows ${knows === 1 ? 'one remote' : `${knows} remotes`}`;
}

function remoteCard({ name, buttons }: RoomState['remotes'][number]): HTMLElement {
  const keys = buttons.map((label) => {
    const key = button(label, () => ({ press: { remote: name, button: label } }));
    key.setAttribute('aria-label', `${label}: ${name}`);
    return key;
  });
  return element('li', 'card room-remote', element('h3', '', name), element('div', 'room-buttons', ...keys));
}

const tiles = new Map<string, ReturnType<typeof socketTile>>();
const remotes = new Set<string>();

function show(state: RoomState): void {
  showTrouble(!state.up);
  for (const socket of state.sockets) {
    const known = tiles.get(socket.name) ?? socketTile(socket);
    if (!tiles.has(socket.name)) byId('sockets').append(known.tile);
    tiles.set(socket.name, known);
    known.show(socket);
  }
  for (const remote of state.remotes) {
    if (!remotes.has(remote.name)) byId('remotes').append(remoteCard(remote));
    remotes.add(remote.name);
  }
  const noisy = state.noisePerMinute > 0;
  byId('noise').setAttribute('aria-pressed', String(noisy));
  byId('noise').textContent = noisy ? 'Stop the noise' : 'Make noise';
  byId('noise-words').textContent = noisy ? `Noise, about ${state.noisePerMinute} times a minute.` : 'No noise.';
  byId('silence').hidden = state.air.length > 0;
  byId('air').replaceChildren(...state.air.map(({ at, from, code, frames }) => {
    const line = element('li', '', element('span', '', from === 'noise' ? 'Noise' : from),
      element('span', '', `${code}, ${frames} times`));
    line.dataset.at = at;
    return line;
  }));
}

byId('noise').addEventListener('click', () => {
  ask({ noise: byId('noise').getAttribute('aria-pressed') === 'true' ? 0 : someNoise });
});
const events = new EventSource('/events');
events.addEventListener('message', ({ data }) => show(JSON.parse(String(data)) as RoomState));
events.addEventListener('error', () => showTrouble(true));
