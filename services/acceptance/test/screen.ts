import { AxeBuilder } from '@axe-core/playwright';
import type t from 'tap';
import type { Locator, Page } from 'playwright-core';
import type { Phone } from '../src/browser.ts';

/** Waits until it is to be seen. */
export const seen = (locator: Locator, timeout = 10_000) => locator.first().waitFor({ state: 'visible', timeout });
export const says = (page: Page, words: string | RegExp, timeout?: number) => seen(page.getByText(words), timeout);

/** WCAG 2.2 AA, as far as a program can tell. */
export async function accessible(test: Pick<typeof t, 'same'>, phone: Phone, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: phone.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  test.same(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), [], `${what} is accessible`);
}
