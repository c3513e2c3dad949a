import type { Person } from '@sconce/protocol/http';
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
const { url } = demo.facts();

const olive = await Phone.open(browser);
await olive.signIn(url, 'Olive');
const gwen = await Phone.open(browser, 'dark');
const openedOnce = "document.documentElement.dataset.openedOnce = 'yes'";
const stillOpen = (phone: Phone) => phone.page.evaluate('document.documentElement.dataset.openedOnce');

t.test('an invitation’s link opened twice: the second is told that it was used', async (t) => {
  const { page } = olive;
  await page.goto(`${url}/people`);
  await page.getByRole('link', { name: 'Invite somebody' }).click();
  await page.getByLabel('Name').fill('Gwen');
  await page.getByRole('radio', { name: 'Guest' }).check();
  await page.getByRole('combobox', { name: 'Hall lamp' }).selectOption('May switch');
  await olive.photograph('invite-light');
  await accessible(t, olive, 'inviting somebody');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await says(page, 'It lets in whoever opens it first', 5000);
  await accessible(t, olive, 'the link that was made');
  const link = await page.getByRole('group', { name: 'The link' }).locator('code').innerText();
  await page.getByRole('button', { name: 'I have it' }).click();
  await says(page, /^The link works until/);
  await olive.photograph('invited-light');
  await accessible(t, olive, 'people with an invitation');
  t.notMatch(await page.content(), link.split('#')[1]!, 'the link is gone with its page');
  await page.goto(link);
  await says(page, 'You are in already');
  await page.getByRole('link', { name: 'People' }).click();

  await gwen.page.goto(link);
  await says(gwen.page, 'Welcome, Gwen');
  await says(gwen.page, /Olive Owner invites you.*as a guest, until/);
  await gwen.photograph('invitation-dark');
  await accessible(t, gwen, 'an invitation');
  t.equal(gwen.page.url(), `${url}/invitation`, 'the secret is out of the address');
  await gwen.page.goBack();
  await gwen.page.goForward();
  t.equal(gwen.page.url(), `${url}/invitation`, 'and not in the history either');
  await gwen.page.goto(link);
  await gwen.page.getByRole('link', { name: 'Sign in' }).click();
  await gwen.page.getByRole('button', { name: 'Gwen' }).click();
  await seen(gwen.outlet('Hall lamp'));
  t.equal(await gwen.page.getByRole('switch').count(), 1, 'what was shared, and nothing else');
  await gwen.outlet('Hall lamp').click();
  await describedAs(gwen.outlet('Hall lamp'), /Sent in \d+ ms/);
  await seen(page.getByRole('button', { name: /Gwen Guest/ }));
  await page.getByText('1 earlier invitation').click();
  await says(page, /^Used by Gwen Guest/);

  const late = await Phone.open(browser);
  await late.page.goto(link);
  await says(late.page, 'This invitation has been used');
  await late.photograph('invitation-used-light');
  await accessible(t, late, 'an invitation that was used');
  t.same(late.complaints, []);
  await late.context.close();
});

t.test('sharing an outlet makes it appear on the other’s page without a reload, with what they may do', async (t) => {
  await gwen.page.evaluate(openedOnce);
  const { page } = olive;
  await page.goto(url);
  await page.getByRole('button', { name: 'Details of Reading lamp' }).click();
  await page.getByRole('link', { name: 'Share Reading lamp' }).click();
  const right = page.getByRole('combobox', { name: 'Reading lamp for Gwen Guest' });
  await seen(right);
  await olive.photograph('share-light');
  await accessible(t, olive, 'sharing an outlet');
  await right.selectOption('May switch');
  await seen(gwen.outlet('Reading lamp'));
  const change = gwen.page.getByRole('link', { name: 'Change Reading lamp' });
  await gwen.page.getByRole('button', { name: 'Details of Reading lamp' }).click();
  await seen(gwen.page.getByRole('dialog'));
  t.equal(await change.count(), 0, 'to switch it is not to change it');
  await right.selectOption('May change too');
  await change.click();
  await gwen.page.getByLabel('Name').fill('Story lamp');
  await gwen.page.getByRole('button', { name: 'Save' }).click();
  await seen(gwen.outlet('Story lamp'));
  t.equal(await gwen.page.getByRole('link', { name: 'Boards' }).count(), 0, 'the board itself is none of hers');
  await seen(page.getByRole('heading', { name: 'Share Story lamp' }));
  await page.getByRole('combobox', { name: 'Story lamp for Gwen Guest' }).selectOption('Not shared');
  await gwen.outlet('Story lamp').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Share the whole Hall board' }).click();
  await page.getByRole('combobox', { name: 'Hall board for Gwen Guest' }).selectOption('May change too');
  await seen(gwen.outlet('Porch light'));
  await gwen.page.getByRole('link', { name: 'Boards' }).click();
  await seen(gwen.page.getByRole('button', { name: 'Rename Hall board' }));
  t.equal(await gwen.page.getByRole('button', { name: 'Forget Hall board' }).count(), 0, 'that is for admins');
  await gwen.photograph('managed-board-dark');
  await accessible(t, gwen, 'a board that a guest manages');
  await page.getByRole('combobox', { name: 'Hall board for Gwen Guest' }).selectOption('Not shared');
  await says(gwen.page, 'There is nothing here');
  await gwen.page.getByRole('link', { name: 'Go to the lamps' }).click();
  await until('the one lamp that is left', async () => await gwen.page.getByRole('switch').count() === 1);
  t.equal(await stillOpen(gwen), 'yes');
});

t.test('a newcomer who is let in gets what they may use in one go', async (t) => {
  const ned = await Phone.open(browser);
  await ned.signIn(url, 'Ned');
  await says(ned.page, /has to let you in/);
  await ned.page.evaluate(openedOnce);
  const { page } = olive;
  await page.goto(`${url}/people`);
  await page.getByRole('button', { name: 'Let Ned Newcomer in' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Let in' }).click();
  await says(page, /Nothing is shared with them yet/);
  await says(ned.page, 'No lamps for you yet');
  await ned.photograph('nothing-shared-light');
  await olive.photograph('may-use-light');
  await accessible(t, olive, 'what somebody may use');
  await page.getByRole('combobox', { name: 'Hall board for Ned Newcomer' }).selectOption('May switch');
  await seen(ned.outlet('Porch light'));
  t.equal(await ned.page.getByRole('switch').count(), 3);
  t.equal(await stillOpen(ned), 'yes');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: /Ned Newcomer/ }).click();
  await says(page, 'The whole Hall board');
  await olive.photograph('person-with-shares-light');

  const admin = new Visitor(url);
  await admin.signIn('olive');
  const { id } = (await admin.json<Person[]>('/api/v1/people')).find(({ email }) => email === 'ned@example.org')!;
  t.match(await admin.json(`/api/v1/shares?person=${id}`), [{ thing: { kind: 'device' }, right: 'use' }]);
  t.same(ned.complaints, []);
  await ned.context.close();
});

t.test('nothing on any page was refused or thrown', async (t) => {
  t.same([...olive.complaints, ...gwen.complaints], []);
});
