import type { Outlet } from '@sconce/protocol/http';
import t, { type Test } from 'tap';
import { describedAs, Phone, startBrowser } from '../src/browser.ts';
import { demoEnvironment, startDemo } from '../src/demo-process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { accessible, legible, says, seen } from './screen.ts';

const { env, dir, remove } = await demoEnvironment();
t.teardown(remove);
const demo = await startDemo(env, dir);
t.teardown(() => demo.stop());
const browser = await startBrowser();
t.teardown(() => browser.close());
const { url, room: roomUrl, devices } = demo.facts();
const board = devices[0]!;

const olive = await Phone.open(browser);
const { page } = olive;
// Its half a minute of listening passes when the test says so.
await page.clock.install();
await olive.signIn(url, 'Olive');
const room = await Phone.open(browser, 'dark');
await room.page.goto(roomUrl);
await seen(room.page.getByRole('button', { name: 'On: The fan’s remote', exact: true }), 30_000);

/** Somebody in the virtual room touches a button of a socket, or makes noise. */
const touch = (what: string) => room.page.getByRole('button', { name: what, exact: true }).click();
/**
 * Somebody presses a remote's button once, and lets go of it: two remotes at the same time would drown each other, in a
 * real room as in this one.
 */
async function press(what: string): Promise<void> {
  const latest = () => room.page.locator('#air li').first().evaluate((line: HTMLElement) =>
    ({ at: line.dataset.at, words: line.textContent }), undefined, { timeout: 500 }).catch(() => undefined);
  const before = await latest();
  await touch(what);
  const remote = what.slice(what.indexOf(': ') + 2);
  await until(`${what} to be let go of`, async () => {
    const now = await latest();
    return now?.at !== before?.at && now?.words?.startsWith(remote);
  });
}
/** What a virtual socket itself says; it knows nothing of Sconce but what is on the air. */
const socketSays = (name: string, words: RegExp) => seen(room.page.locator('.room-socket')
  .filter({ hasText: name }).locator('.tile-state').filter({ hasText: words }));
const tap = (name: string | RegExp) => page.getByRole('button', { name }).click();
const heading = (name: string) => seen(page.getByRole('heading', { name }));
const listening = () => says(page, /Listening for \d+ s more/);
/** As it is in both themes, for people to look at and for axe. */
async function look(t: Test, name: string, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await olive.photograph(`radio-${name}-dark`);
  await legible(t, olive, `${what}, in the dark,`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await olive.photograph(`radio-${name}-light`);
  await accessible(t, olive, what);
}
const newOutlet = async (way: string) => {
  await page.goto(`${url}/boards`);
  await page.getByRole('link', { name: 'Add an outlet to Hall board' }).click();
  await page.getByRole('link', { name: way }).click();
};

t.test('a remote that is not heard: it says what to try, and tells remotes apart', async (t) => {
  await page.goto(`${url}/boards`);
  await page.getByRole('link', { name: 'Add an outlet to Hall board' }).click();
  await heading('Add an outlet');
  await look(t, 'ways', 'the ways to add an outlet');
  await page.getByRole('link', { name: 'It has a remote' }).click();
  await heading('Press ON on your remote');
  await listening();
  await look(t, 'listening', 'listening');
  await page.clock.fastForward(30_000);
  await says(page, 'Nothing was heard');
  await heading('Not listening any more');
  await says(page, /receiver, and is it wired/);
  await look(t, 'nothing-heard', 'nothing heard');

  await tap('Try again');
  await listening();
  await touch('Make noise');
  await says(page, /^Something is coming/, 20_000);
  await touch('Stop the noise');
  await seen(room.page.getByText('No noise.'));
  await press('Hall lamp On: The lamps’ remote');
  await says(page, /switches an outlet that is here already/);
  await press('On: The fan’s remote');
  await says(page, 'The code for on');
  await press('On: A neighbour’s remote');
  await page.getByText('Heard too (2)').click();
  await says(page, 'Hall lamp, on');
  await says(page, /Perhaps a neighbour’s remote/);
  await look(t, 'others', 'other remotes');
});

t.test('a remote is learned, and its socket switches', async (t) => {
  await newOutlet('It has a remote');
  await listening();
  await press('On: The fan’s remote');
  await says(page, 'The code for on');
  await look(t, 'found', 'a code that was found');
  await tap('Next: OFF');
  await heading('Now press OFF');
  await listening();
  await press('On: The fan’s remote');
  await says(page, 'The same as for on');
  await look(t, 'same', 'the same code again');
  await tap('Press OFF once more');
  await listening();
  await press('Off: The fan’s remote');
  await says(page, 'The code for off');
  await tap('Next: its name');
  await page.getByLabel('Name').fill('Ceiling fan');
  await page.getByLabel('Room').fill('Bedroom');
  await page.getByLabel('Fan', { exact: true }).check();
  await look(t, 'name', 'a name for it');
  await tap('Add it');
  await heading('Does it switch?');
  await socketSays('Fan', /^On|^Off/);
  await tap('Switch off');
  await says(page, /^Sent off in \d+ ms/);
  await socketSays('Fan', /^Off/);
  await tap('Switch on');
  await says(page, /^Sent on in \d+ ms/);
  await socketSays('Fan', /^On/);
  await look(t, 'test', 'the test');
  await tap('Yes, done');
  await describedAs(olive.outlet('Ceiling fan'), /Sent|Switched on/);
  await olive.outlet('Ceiling fan').click();
  await socketSays('Fan', /^Off/);
  await describedAs(olive.outlet('Ceiling fan'), /Sent in|Switched off,/);
  await press('On: The fan’s remote');
  await describedAs(olive.outlet('Ceiling fan'), /Switched on by the remote/, 15_000);
});

t.test('a socket is taught a new code, and forgets it again', async (t) => {
  await newOutlet('Teach it a new code');
  await heading('Teach it a new code');
  await socketSays('Box-fresh socket', /has learned nothing yet/);
  await look(t, 'pair', 'teaching a code');
  await touch('Hold to learn: Box-fresh socket');
  await socketSays('Box-fresh socket', /^Blinks/);
  await tap('Send');
  await heading('Did it click, or stop blinking?');
  await socketSays('Box-fresh socket', /knows one remote/);
  await look(t, 'clicked', 'whether it clicked');
  await tap('Yes');
  await tap('Switch on');
  await socketSays('Box-fresh socket', /^On/);
  await says(page, /^Sent on in/);
  await tap('Switch off');
  await socketSays('Box-fresh socket', /^Off/);
  await says(page, /^Sent off in/);
  await tap('Yes, give it a name');
  await page.getByLabel('Name').fill('Fairy lights');
  await tap('Add it');
  await olive.outlet('Fairy lights').click();
  await socketSays('Box-fresh socket', /^On/);
  await describedAs(olive.outlet('Fairy lights'), /Sent in|Switched on,/);

  await page.getByRole('button', { name: 'Details of Fairy lights' }).click();
  await page.getByRole('link', { name: 'Change Fairy lights' }).click();
  await tap(/^Un-pair/);
  await heading('Un-pair Fairy lights');
  await look(t, 'unpair', 'un-pairing');
  await touch('Hold to learn: Box-fresh socket');
  await socketSays('Box-fresh socket', /^Blinks/);
  await tap('Send OFF');
  await socketSays('Box-fresh socket', /has learned nothing yet/);
  await says(page, /^Sent\. If the socket/);
});

t.test('a socket with little switches: they are set as they are on it, and its code is tried', async (t) => {
  await newOutlet('It has little switches');
  await heading('Set them as on the socket');
  await look(t, 'switches', 'ten little switches');
  await page.getByLabel('Two wheels of four').check();
  await look(t, 'wheels', 'two wheels');
  await page.getByLabel('A wheel A to P').check();
  await look(t, 'wheel-a-to-p', 'a wheel of sixteen');
  await page.getByLabel('None, but a word').check();
  await page.getByLabel('Word for on').fill('0FFF0FFFFF0F');
  await page.getByLabel('Word for off').fill('0FFF0FFFFFF0');
  await tap('Next: try it');
  await heading('Does it switch?');
  await tap('Switch on');
  await says(page, /^Sent on in/);
});

t.test('what is on the air is shown as it comes, with whose it is', async (t) => {
  await page.goto(`${url}/boards`);
  await page.getByRole('link', { name: 'What Hall board hears' }).click();
  await says(page, 'Nothing heard yet');
  await press('Hall lamp Off: The lamps’ remote');
  await says(page, 'Hall lamp, off');
  await press('Off: A neighbour’s remote');
  await says(page, 'No outlet of yours');
  await look(t, 'air', 'what is on the air');
  await tap('Pause');
  await tap('Go on');
  await page.getByRole('link', { name: /^Make code \d+ an outlet/ }).click();
  await heading('Now press OFF');
  await page.goBack();
  await tap('Clear');
  await says(page, 'Nothing heard yet');
});

t.test('a scene of ten outlets shows how far it is, and how it ended', async (t) => {
  const admin = new Visitor(url);
  await admin.signIn('olive');
  const there = await admin.json<Outlet[]>('/api/v1/outlets');
  for (let at = there.length; at < 10; at += 1) {
    const code = { bits: 24, protocol: 1, pulse: 350 };
    await admin.json('/api/v1/outlets', { method: 'POST', body: { deviceId: board.id, name: `Spot ${at}`, room: 'Gallery',
      control: { kind: 'rf', on: { code: at * 16 + 1, ...code }, off: { code: at * 16 + 4, ...code }, repeat: 10 } } });
  }
  await page.goto(url);
  await page.getByRole('link', { name: 'Make a scene' }).click();
  await page.getByLabel('Name').fill('Evening');
  for (let left = 10; left > 0; left -= 1) await page.getByRole('button', { name: /^Add .*, on$/ }).first().click();
  await tap('Hall lamp later');
  await look(t, 'scene', 'making a scene');
  await tap('Save');
  await seen(page.getByRole('button', { name: 'Evening' }));
  const [{ steps }] = await admin.json<[{ steps: { outletId: string }[] }]>('/api/v1/scenes');
  t.equal(steps.length, 10);

  await tap('Evening');
  await says(page, /^[1-9] of 10$/);
  await seen(page.getByText('Waiting its turn…'));
  await olive.photograph('radio-scene-going-light');
  await says(page, 'All 10 switched', 20_000);
  await look(t, 'scene-over', 'the end of a scene');
  const after = await admin.json<Outlet[]>('/api/v1/outlets');
  t.same(after.filter(({ state }) => !state.on).map(({ name }) => name), [], 'every outlet was set');
  await tap('All off: Gallery');
  await says(page, /^All \d switched$/, 20_000);
  await until('the gallery to be off', async () => (await admin.json<Outlet[]>('/api/v1/outlets'))
    .every((outlet) => outlet.room !== 'Gallery' || outlet.state.on === false));
});

t.test('a list of codes is looked through before it is taken in, as a whole', async (t) => {
  await newOutlet('I have its codes');
  await page.getByRole('link', { name: 'Import many from another system' }).click();
  const text = page.getByLabel('One outlet per line');
  await text.fill('Aquarium; 70001; 70004\nCellar; 70017');
  await tap('Look through it');
  await says(page, '1 of 2 lines is refused');
  await seen(page.getByText(/^Line 2:/));
  t.equal(await page.getByRole('button', { name: /^Import/ }).count(), 0, 'there is nothing to take in yet');
  await look(t, 'import', 'an import with a line refused');
  await text.fill('Aquarium; 70001; 70004\nCellar; 70017; 70020');
  await tap('Look through it');
  await says(page, '2 outlets, all good');
  await tap('Import all 2');
  await says(page, '2 outlets are in');
  await page.getByRole('link', { name: 'Go to the lamps' }).click();
  await seen(olive.outlet('Aquarium'));
  await seen(olive.outlet('Cellar'));
});

t.test('nothing on any page was refused or thrown', async (t) => {
  t.same([...olive.complaints, ...room.complaints], []);
});
