import { AxeBuilder } from '@axe-core/playwright';
import type t from 'tap';
import type { Locator, Page } from 'playwright-core';
import type { Phone } from '../src/browser.ts';

/** Waits until it is to be seen. */
export const seen = (locator: Locator, timeout = 10_000) => locator.first().waitFor({ state: 'visible', timeout });
export const says = (page: Page, words: string | RegExp, timeout?: number) => seen(page.getByText(words), timeout);

/** Only how well colours stand out from one another, for the same page in another theme. */
export async function legible(test: Pick<typeof t, 'same'>, phone: Phone, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: phone.page }).withRules('color-contrast').analyze();
  test.same(violations.map(({ nodes }) => nodes.map(({ html }) => html).join(' ')), [], `${what} is legible`);
}

/** WCAG 2.2 AA, as far as a program can tell. */
export async function accessible(test: Pick<typeof t, 'same'>, phone: Phone, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: phone.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  test.same(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), [], `${what} is accessible`);
}
