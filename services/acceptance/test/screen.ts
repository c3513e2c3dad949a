import { AxeBuilder } from '@axe-core/playwright';
import type t from 'tap';
import type { Locator, Page } from 'playwright-core';
import type { Phone } from '../src/browser.ts';
import { until } from '../src/until.ts';

/** Waits until it is to be seen. */
export const seen = (locator: Locator, timeout = 10_000) => locator.first().waitFor({ state: 'visible', timeout });
export const says = (page: Page, words: string | RegExp, timeout?: number) => seen(page.getByText(words), timeout);
/** The words that go with a control, as a screen reader says them. */
export const describedAs = (locator: Locator, words: RegExp, ms?: number) => until(`${String(locator)} to say ${String(words)}`, async () => {
  const ids = (await locator.getAttribute('aria-describedby') ?? '').split(' ');
  const texts = await Promise.all(ids.map((id) => locator.page().locator(`[id="${id}"]`).textContent()));
  return words.test(texts.join(' '));
}, ms);

/** WCAG 2.2 AA, as far as a program can tell. */
export async function accessible(test: Pick<typeof t, 'same'>, phone: Phone, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: phone.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  test.same(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), [], `${what} is accessible`);
}
