import { readFileSync } from 'node:fs';
import type { Person } from '@sconce/protocol/http';
import t from 'tap';
import { describedAs, Phone, startBrowser } from '../src/browser.ts';
import { demoEnvironment, startDemo, type Demo } from '../src/demo-process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { accessible, legible, says, seen } from './screen.ts';

const { env, dir, remove } = await demoEnvironment();
t.teardown(remove);
const demo = await startDemo(env, dir);
t.teardown(() => demo.stop());
const browser = await startBrowser();
t.teardown(() => browser.close());
const { url } = demo.facts();

const olive = await Phone.open(browser);
const wall = await Phone.open(browser, 'dark');

/** Taps the hall lamp, which is off: "Sent", and the board has sent the code. */
async function switchOn(test: Pick<typeof t, 'equal' | 'ok'>, phone: Phone, demo: Demo): Promise<void> {
  const lines = () => readFileSync(demo.facts().record, 'utf8').trim().split('\n')
    .map((line) => JSON.parse(line) as { event: string; code?: number });
  const before = lines().length;
  const hall = phone.outlet('Hall lamp');
  await hall.click();
  await describedAs(hall, /Sent in \d+ ms/);
  test.equal(await hall.getAttribute('aria-checked'), 'true');
  const control = demo.facts().outlets.find(({ name }) => name === 'Hall lamp')?.control;
  test.ok(lines().slice(before).some(({ event, code }) =>
    event === 'transmitted' && control?.kind === 'rf' && code === control.on.code), 'the board’s record has the code');
}

/** Leaves the hall lamp switched off just now. */
async function switchOff(phone: Phone): Promise<void> {
  const hall = phone.outlet('Hall lamp');
  await seen(hall);
  if (await hall.getAttribute('aria-checked') === 'false') {
    await hall.click();
    await until('on', async () => await hall.getAttribute('aria-checked') === 'true');
  }
  await hall.click();
  await until('off', async () => await hall.getAttribute('aria-checked') === 'false');
}

t.test('sign in, tap, "Sent", and the board has sent the code; the other screen follows', async (t) => {
  await olive.page.goto(url);
  await seen(olive.page.getByRole('link', { name: 'Sign in' }));
  await olive.photograph('sign-in-light');
  await accessible(t, olive, 'the sign-in page');
  await olive.signIn(url, 'Olive');
  await wall.signIn(url, 'Olive');
  const hall = olive.outlet('Hall lamp');
  await seen(hall);
  await seen(wall.outlet('Hall lamp'));
  await describedAs(hall, /Not switched yet/);

  await switchOn(t, olive, demo);
  await describedAs(wall.outlet('Hall lamp'), /Switched on/);
  t.equal(await wall.outlet('Hall lamp').getAttribute('aria-checked'), 'true', 'without a reload');
  await describedAs(hall, /Switched on.*assumed/, 15_000);

  await olive.photograph('home-light');
  await wall.photograph('home-dark');
  await accessible(t, olive, 'home');
  await legible(t, wall, 'home in the dark');
});

t.test('a script’s tap and the hand remote show on the open page', async () => {
  const { token, outlets } = demo.facts();
  const hall = outlets.find(({ name }) => name === 'Hall lamp');
  await fetch(`${url}/api/v1/outlets/${hall?.id}/switch`, {
    method: 'POST', body: '{"on":false}', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
  await describedAs(olive.outlet('Hall lamp'), /Switched off/);
  demo.write('press on');
  await describedAs(olive.outlet('Hall lamp'), /Switched on by the remote/);
});

t.test('a newcomer sees that they have to wait', async (t) => {
  const ned = await Phone.open(browser);
  await ned.signIn(url, 'Ned');
  await says(ned.page, /has to let you in/);
  await ned.photograph('pending-light');
  await accessible(t, ned, 'the pending page');
  await ned.context.close();
});

t.test('a newcomer is let in on another screen, stays for the weekend, and is shown out: no page is loaded anew', async (t) => {
  const gwen = await Phone.open(browser, 'dark');
  await gwen.signIn(url, 'Gwen');
  await says(gwen.page, /Tell whoever gave you this address/);
  await gwen.photograph('pending-dark');
  const open = "document.documentElement.dataset.openedOnce = 'yes'";
  await gwen.page.evaluate(open);

  const { page } = olive;
  await page.evaluate(open);
  await seen(page.getByRole('link', { name: /People.*2 waiting/ }));
  await page.getByRole('link', { name: /People/ }).click();
  await olive.photograph('people-light');
  await accessible(t, olive, 'people');
  await page.getByRole('button', { name: 'Let Gwen Guest in' }).click();
  await page.getByRole('radio', { name: 'Guest' }).check();
  await page.getByRole('radio', { name: 'The weekend' }).check();
  await says(page, /Their access ends .* at 04:00/);
  await olive.photograph('let-in-light');
  await accessible(t, olive, 'letting somebody in');
  await page.getByRole('dialog').getByRole('button', { name: 'Let in' }).click();

  await says(gwen.page, 'No lamps for you yet');
  t.equal(await gwen.page.evaluate('document.documentElement.dataset.openedOnce'), 'yes', 'the newcomer’s page goes on by itself');
  await page.getByRole('button', { name: 'Done' }).click();
  await seen(page.getByText(/^Guest until/));
  await seen(page.getByRole('link', { name: /People.*1 waiting/ }));

  await page.getByRole('button', { name: /Gwen Guest/ }).click();
  await olive.photograph('person-light');
  await accessible(t, olive, 'a person');
  await page.getByRole('button', { name: 'End the access of Gwen Guest' }).click();
  await olive.photograph('end-access-light');
  await page.getByRole('button', { name: 'End it' }).click();
  await says(gwen.page, 'This account is switched off');
  await seen(page.getByRole('heading', { name: 'Switched off' }));
  await gwen.photograph('switched-off-dark');
  t.equal(await gwen.page.evaluate('document.documentElement.dataset.openedOnce'), 'yes', 'and so does her end');
  t.equal(await page.evaluate('document.documentElement.dataset.openedOnce'), 'yes');
  await wall.page.getByRole('link', { name: /People/ }).click();
  await wall.photograph('people-dark');
  await legible(t, wall, 'people in the dark');
  await wall.page.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('link', { name: 'Home' }).click();
  t.same(gwen.complaints, []);
  await gwen.context.close();
});

t.test('a guest whose time is over sees it, and comes back by herself with more', async (t) => {
  const gwen = await Phone.open(browser);
  const admin = new Visitor(url);
  await admin.signIn('olive');
  const { id } = (await admin.json<Person[]>('/api/v1/people')).find(({ email }) => email === 'gwen@example.org')!;
  const stay = (guestUntil: string) =>
    admin.json(`/api/v1/people/${id}`, { method: 'PATCH', body: { state: 'active', role: 'guest', guestUntil } });
  const hour = new Date(Date.now() + 3_600_000).toISOString();
  await stay(hour);
  await gwen.signIn(url, 'Gwen');
  await says(gwen.page, 'No lamps for you yet');
  // Nobody may set an end this near, and a test does not wait for ten minutes: the server's answers are those of then.
  const until = new Date(Date.now() - 1000).toISOString();
  const ended = JSON.stringify({ code: 'guest_ended', detail: 'Your access ended.' });
  await gwen.page.route('**/api/v1/**', async (route) => {
    if (!route.request().url().endsWith('/me')) return route.fulfill({ status: 403, body: ended });
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...await answer.json() as object, guestUntil: until } });
  });
  await gwen.page.reload();
  await says(gwen.page, 'Your visit is over');
  await says(gwen.page, /Your access ended today at/);
  await gwen.photograph('guest-ended-light');
  await accessible(t, gwen, 'the page of a guest whose time is over');
  await gwen.page.unroute('**/api/v1/**');
  // It asks again in 20 s, or when the phone is back on the network.
  await gwen.page.evaluate("dispatchEvent(new Event('online'))");
  await says(gwen.page, 'No lamps for you yet', 30_000);
  t.same(gwen.complaints, []);
  await gwen.context.close();
});

t.test('a sign-in that was called off is said in words', async () => {
  const shy = await Phone.open(browser);
  await shy.page.goto(url);
  await shy.page.getByRole('link', { name: 'Sign in' }).click();
  await shy.page.getByRole('button', { name: 'Cancel' }).click();
  await says(shy.page, /You called the sign-in off/);
  await shy.context.close();
});

t.test('an unplugged board is shown, and a tap on it says what to do', async (t) => {
  demo.write('unplug');
  const hall = olive.outlet('Hall lamp');
  await describedAs(hall, /Hall board has been offline since/);
  await hall.click();
  await describedAs(hall, /Check its power/);
  await olive.photograph('offline-light');
  await wall.photograph('offline-dark');
  await accessible(t, wall, 'home with a board offline');
  demo.write('plug');
  await describedAs(hall, /^(?!.*offline)/);
  await hall.click();
  await describedAs(hall, /Sent in \d+ ms/);
});

t.test('a hung board: sending, then in words that nothing was heard', async () => {
  const board = await until('the board', () => demo.facts().processes.board);
  process.kill(board, 'SIGSTOP');
  const hall = olive.outlet('Hall lamp');
  await hall.click();
  await describedAs(hall, /Sending…/);
  await olive.photograph('busy-light');
  await describedAs(hall, /No answer from Hall board within 4 s/);
  await olive.photograph('failed-light');
  process.kill(board, 'SIGCONT');
  await olive.page.getByRole('button', { name: /again/i }).first().click();
  await describedAs(hall, /Sent in \d+ ms/);
});

t.test('the broker is killed: a banner, and it goes away by itself', async () => {
  process.kill(demo.facts().processes.mosquitto, 'SIGKILL');
  await says(olive.page, /has lost touch with its boards/);
  await olive.photograph('no-broker-light');
  await olive.page.getByText(/has lost touch with its boards/).first().waitFor({ state: 'hidden', timeout: 20_000 });
  await until('the next tap', async () => {
    await olive.outlet('Hall lamp').click();
    await describedAs(olive.outlet('Hall lamp'), /Sent in \d+ ms/, 2000);
    return true;
  }, 20_000);
});

t.test('the API is killed: the page says so and recovers', async () => {
  process.kill(demo.facts().processes.api, 'SIGKILL');
  await says(olive.page, /Can’t reach your Sconce server/);
  await wall.photograph('no-server-dark');
  await olive.page.getByText(/Can’t reach your Sconce server/).first().waitFor({ state: 'hidden', timeout: 30_000 });
  await until('the next tap', async () => {
    await olive.outlet('Hall lamp').click();
    await describedAs(olive.outlet('Hall lamp'), /Sent in \d+ ms/, 2000);
    return true;
  }, 20_000);
});

t.test('signed out from another browser: its page goes to the sign-in by itself', async (t) => {
  await olive.page.goto(`${url}/settings`);
  await says(olive.page, 'This device');
  await olive.page.getByText('Where you are signed in').scrollIntoViewIfNeeded();
  await olive.photograph('signed-in-light');
  await accessible(t, olive, 'where you are signed in');
  await seen(wall.outlet('Hall lamp'));
  await olive.page.getByRole('button', { name: 'Sign out Chrome on Linux' }).click();
  await says(wall.page, 'You have been signed out here');
  await wall.photograph('signed-out-dark');
  await olive.page.getByRole('button', { name: 'Sign out Chrome on Linux' }).waitFor({ state: 'hidden' });
  // The issuer remembers who that is: it asks nothing.
  const again = () => wall.page.getByRole('link', { name: 'Sign in' }).click();
  await again();
  await seen(wall.outlet('Hall lamp'));

  await olive.page.reload();
  await olive.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await seen(olive.page.getByRole('dialog'));
  await olive.photograph('sign-out-everywhere-light');
  await olive.page.getByRole('button', { name: 'Sign them out' }).click();
  await says(wall.page, 'You have been signed out here', 2000);
  await says(olive.page, 'This device');
  t.equal(await olive.page.getByRole('button', { name: /^Sign out / }).count(), 0, 'this one is left');
  await again();
  await seen(wall.outlet('Hall lamp'));
});

t.test('boards, settings and the page of all components', async (t) => {
  for (const [phone, theme] of [[olive, 'light'], [wall, 'dark']] as const) {
    for (const [page, content] of [['boards', 'Hall board'], ['settings', 'Appearance'], ['settings/what-happened', 'Today'], ['design', 'Tiles']] as const) {
      await phone.page.goto(`${url}/${page}`);
      // Not the page's own heading: it stands over what is still being fetched as well.
      await seen(phone.page.getByText(content, { exact: true }));
      await phone.photograph(`${page.replace('/', '-')}-${theme}`);
      // What axe says of all but colours is the same in both; it takes long, of the page of all components above all.
      await (theme === 'light' ? accessible : legible)(t, phone, `${page} (${theme})`);
    }
  }
});

t.test('what happened: sentences, live, narrowed to one lamp', async (t) => {
  await olive.page.goto(`${url}/settings/what-happened`);
  await seen(olive.page.getByRole('button', { name: /hand remote switched Hall lamp on/ }));
  await wall.page.goto(url);
  await switchOff(wall);
  const news = olive.page.getByRole('button', { name: /Olive.* switched Hall lamp off.*sent in \d+ ms/ });
  await seen(news);
  await news.first().click();
  await seen(olive.page.getByRole('dialog'));
  await olive.photograph('what-happened-one-light');
  await accessible(t, olive, 'an entry of what happened');
  await olive.page.getByRole('button', { name: 'Only Hall lamp' }).click();
  await olive.page.getByRole('button', { name: /signed in/ }).first().waitFor({ state: 'detached' });
  await seen(news);
});

t.test('the firmware’s own board in its place: sign in, tap, the hand remote, no power', async (t) => {
  await demo.stop();
  const other = await startDemo({ ...env, BOARD: 'cpp' }, dir);
  t.teardown(() => other.stop());
  const phone = await Phone.open(browser);
  await phone.signIn(url, 'Olive');
  const hall = phone.outlet('Hall lamp');
  await seen(hall);
  other.write('press off');
  await describedAs(hall, /Switched off by the remote/);
  await switchOn(t, phone, other);
  other.write('unplug');
  await describedAs(hall, /Hall board has been offline since/);
  await hall.click();
  await describedAs(hall, /Check its power/);
  t.same(phone.complaints, []);
});

t.test('nothing on any page was refused or thrown', async (t) => {
  t.same([...olive.complaints, ...wall.complaints], []);
});
