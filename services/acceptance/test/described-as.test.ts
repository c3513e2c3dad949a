import t from 'tap';
import { describedAs, startBrowser } from '../src/browser.ts';

const browser = await startBrowser();
t.teardown(() => browser.close());
const page = await browser.newPage();
const lamp = page.getByRole('switch');

/** A tile, and what becomes of it while it is looked at. */
const tile = (script = '') => page.setContent(`
  <button role="switch" aria-describedby="state trouble">Hall lamp</button>
  <p id="state">Switched off</p><p id="trouble">The board is offline</p>
  <script>{
    const lamp = document.querySelector('button');
    ${script}
  }</script>`);

t.test('all that describes it is read, and what is not said is waited for', async (t) => {
  await tile();
  await describedAs(lamp, /^Switched off The board is offline$/);
  await describedAs(lamp, /^(?!.*offline)/, 2000).then(
    () => t.fail('it says so'),
    ({ message, cause }: Error) => {
      t.match(message, /waited 2000 ms for .*switch.* to say/);
      t.match(cause, { message: 'it says "Switched off The board is offline"' }, 'who reads the failure learns what it said');
    });
});

t.test('a description that is another element at every moment is read whole', async () => {
  // A task after a task, so that no two questions to the page find the same element.
  await tile(`
    let count = 0;
    const { port1, port2 } = new MessageChannel();
    const trouble = document.getElementById('trouble');
    port1.onmessage = () => {
      trouble.id = 'trouble-' + (count += 1);
      lamp.setAttribute('aria-describedby', 'state ' + trouble.id);
      port2.postMessage('');
    };
    port2.postMessage('');`);
  await describedAs(lamp, /^Switched off The board is offline$/);
});

t.test('a tile that is gone is no tile that says nothing', async (t) => {
  await tile('lamp.remove()');
  await describedAs(lamp, /^(?!.*offline)/, 2000).then(
    () => t.fail('there is none'),
    ({ cause }: Error) => t.match(cause, { message: 'there are 0 of it' }));
});
