import type { Outlet } from '@sconce/protocol/http';
import t from 'tap';
import { describedAs, Phone, startBrowser } from '../src/browser.ts';
import { demoEnvironment, startDemo } from '../src/demo-process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { accessible, says, seen } from './screen.ts';

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
await olive.signIn(url, 'Olive');
const room = await Phone.open(browser, 'dark');
await room.page.goto(roomUrl);

/** Somebody in the virtual room presses a button: of a remote, or of a socket. */
const touch = (what: string) => room.page.getByRole('button', { name: what, exact: true }).click();
/** What a virtual socket itself says; it knows nothing of Sconce but what is on the air. */
const socketSays = (name: string, words: RegExp) => seen(room.page.locator('.room-socket')
  .filter({ hasText: name }).locator('.tile-state').filter({ hasText: words }));
const tap = (name: string | RegExp) => page.getByRole('button', { name }).click();
const heading = (name: string) => seen(page.getByRole('heading', { name }));
const listening = () => says(page, /Listening for \d+ s more/);
/** Presses as a person does: again, if it was not heard. What is on the air at the same time drowns it. */
const pressUntil = (button: string, words: string | RegExp) => until(`${button} to be heard`, async () => {
  await touch(button);
  return page.getByText(words).first().waitFor({ timeout: 1500 }).then(() => true, () => false);
}, 15_000);
const newOutlet = async (way: string) => {
  await page.goto(`${url}/boards`);
  await page.getByRole('link', { name: 'Add an outlet to Hall board' }).click();
  await page.getByRole('link', { name: way }).click();
};

t.test('a remote that is not heard: it says what to try, and tells remotes apart', async (t) => {
  await page.goto(`${url}/boards`);
  await page.getByRole('link', { name: 'Add an outlet to Hall board' }).click();
  await heading('Add an outlet');
  await olive.photograph('radio-ways-light');
  await accessible(t, olive, 'the ways to add an outlet');
  await page.getByRole('link', { name: 'It has a remote' }).click();
  await heading('Press ON on your remote');
  await listening();
  await olive.photograph('radio-listening-light');
  await accessible(t, olive, 'listening');
  await says(page, 'Nothing was heard', 40_000);
  await says(page, /receiver, and is it wired/);
  await olive.photograph('radio-nothing-heard-light');
  await accessible(t, olive, 'nothing heard');

  await tap('Try again');
  await listening();
  await touch('Make noise');
  await says(page, /^Something is coming/, 20_000);
  await touch('Stop the noise');
  await touch('Hall lamp On: The lamps’ remote');
  await says(page, /switches an outlet that is here already/);
  await pressUntil('On: The fan’s remote', 'The code for on');
  await pressUntil('On: A neighbour’s remote', 'Heard too (2)');
  await page.getByText(/^Heard too \(\d\)/).click();
  await says(page, 'Hall lamp, on');
  await says(page, /Perhaps a neighbour’s remote/);
  await olive.photograph('radio-others-light');
  await accessible(t, olive, 'other remotes');
});

t.test('a remote is learned, and its socket switches', async (t) => {
  await newOutlet('It has a remote');
  await listening();
  await touch('On: The fan’s remote');
  await says(page, 'The code for on');
  await olive.photograph('radio-found-light');
  await tap('Next: OFF');
  await heading('Now press OFF');
  await listening();
  await touch('On: The fan’s remote');
  await says(page, 'The same as for on');
  await olive.photograph('radio-same-light');
  await accessible(t, olive, 'the same code again');
  await tap('Press OFF once more');
  await listening();
  await touch('Off: The fan’s remote');
  await says(page, 'The code for off');
  await tap('Next: its name');
  await page.getByLabel('Name').fill('Ceiling fan');
  await page.getByLabel('Room').fill('Bedroom');
  await page.getByLabel('Fan', { exact: true }).check();
  await olive.photograph('radio-name-light');
  await tap('Add it');
  await heading('Does it switch?');
  await socketSays('Fan', /^On|^Off/);
  await tap('Switch off');
  await says(page, /^Sent off in \d+ ms/);
  await socketSays('Fan', /^Off/);
  await tap('Switch on');
  await says(page, /^Sent on in \d+ ms/);
  await socketSays('Fan', /^On/);
  await olive.photograph('radio-test-light');
  await accessible(t, olive, 'the test');
  await tap('Yes, done');
  await describedAs(olive.outlet('Ceiling fan'), /Sent|Switched on/);
  await olive.outlet('Ceiling fan').click();
  await socketSays('Fan', /^Off/);
  await describedAs(olive.outlet('Ceiling fan'), /Sent in|Switched off,/);
  await touch('On: The fan’s remote');
  await describedAs(olive.outlet('Ceiling fan'), /Switched on by the remote/, 15_000);
});

t.test('a socket is taught a new code, and forgets it again', async (t) => {
  await newOutlet('Teach it a new code');
  await heading('Teach it a new code');
  await socketSays('Box-fresh socket', /has learned nothing yet/);
  await olive.photograph('radio-pair-light');
  await accessible(t, olive, 'teaching a code');
  await touch('Hold to learn: Box-fresh socket');
  await socketSays('Box-fresh socket', /^Blinks/);
  await tap('Send');
  await heading('Did it click, or stop blinking?');
  await socketSays('Box-fresh socket', /knows one remote/);
  await accessible(t, olive, 'whether it clicked');
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
  await touch('Hold to learn: Box-fresh socket');
  await socketSays('Box-fresh socket', /^Blinks/);
  await olive.photograph('radio-unpair-light');
  await accessible(t, olive, 'un-pairing');
  await tap('Send OFF');
  await socketSays('Box-fresh socket', /has learned nothing yet/);
  await says(page, /^Sent\. If the socket/);
});

t.test('what is on the air is shown as it comes, with whose it is', async (t) => {
  await page.goto(`${url}/boards`);
  await page.getByRole('link', { name: 'What Hall board hears' }).click();
  await says(page, 'Nothing heard yet');
  await touch('Hall lamp Off: The lamps’ remote');
  await says(page, 'Hall lamp, off');
  await pressUntil('Off: A neighbour’s remote', 'No outlet of yours');
  await olive.photograph('radio-air-light');
  await accessible(t, olive, 'what is on the air');
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
  await olive.photograph('radio-scene-light');
  await accessible(t, olive, 'making a scene');
  await tap('Save');
  await seen(page.getByRole('button', { name: 'Evening' }));
  const [{ steps }] = await admin.json<[{ steps: { outletId: string }[] }]>('/api/v1/scenes');
  t.equal(steps.length, 10);

  await tap('Evening');
  await says(page, /^[1-9] of 10$/);
  await seen(page.getByText('Waiting its turn…'));
  await olive.photograph('radio-scene-going-light');
  await says(page, 'All 10 switched', 20_000);
  await olive.photograph('radio-scene-over-light');
  await accessible(t, olive, 'the end of a scene');
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
  await olive.photograph('radio-import-light');
  await accessible(t, olive, 'an import with a line refused');
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
