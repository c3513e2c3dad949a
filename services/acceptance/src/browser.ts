import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { repository } from './pki.ts';
import { until } from './until.ts';

/** Where the system's package manager puts it; playwright's own download is not used. */
const programs = [
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/homebrew/bin/chromium',
];

/** A phone's screen, in CSS pixels: that of an iPhone 12 to 15. */
const phone = { width: 390, height: 844 };

/** Screens taken on the way, for people to look at; not committed. */
const screenshots = join(repository, 'services/acceptance/screenshots');

/**
 * Chromium without a window and without its own errands to the network. Root needs `--no-sandbox`.
 * @param names of servers that it is to find on this machine, `*` for parts of them
 */
export function startBrowser({ names }: { names?: string } = {}): Promise<Browser> {
  const executablePath = programs.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('Chromium is not installed. On Debian: apt-get install chromium');
  mkdirSync(screenshots, { recursive: true });
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...names === undefined ? [] : [`--host-resolver-rules=MAP ${names} 127.0.0.1`]],
  });
}

/** Somebody's phone: cookies of its own, and everything its pages complain about. */
export class Phone {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    // A refused request is for the page to show, which the tests look at; a policy's refusal is a mistake of ours.
    page.on('console', (message) => {
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
      this.complaints.push(message.text());
    });
  }

  /** @param strangers whether certificates of an authority that it does not know will do, such as a test server's */
  static async open(browser: Browser, colorScheme: 'light' | 'dark' = 'light', { strangers = false } = {}): Promise<Phone> {
    const context = await browser.newContext({ viewport: phone, deviceScaleFactor: 2, hasTouch: true, colorScheme, locale: 'en-GB',
      ignoreHTTPSErrors: strangers });
    return new Phone(context, await context.newPage());
  }

  /** Through the sign-in page and the issuer's, by tapping. */
  async signIn(url: string, name: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole('link', { name: 'Sign in' }).click();
    await this.page.getByRole('button', { name }).click();
    await this.page.waitForURL(`${url}/**`);
  }

  /** The big switch of an outlet. */
  outlet(name: string) {
    return this.page.getByRole('switch', { name });
  }

  async photograph(name: string): Promise<void> {
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
}

/**
 * Waits until an element's description (`aria-describedby`) is as wanted. It is read in one step: what describes a tile
 * comes and goes, and a text asked for by an id that was read before may be gone by then; a locator would wait for it.
 * @param ms as `until` takes it
 * @throws what `until` throws; its cause has the words that were read last
 */
export async function describedAs(locator: Locator, words: RegExp, ms?: number): Promise<void> {
  await until(`${String(locator)} to say ${String(words)}`, async () => {
    const said = await locator.evaluateAll((elements) => elements.map((element) =>
      (element.getAttribute('aria-describedby') ?? '').split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '').join(' ')));
    if (said.length !== 1) throw new Error(`there are ${said.length} of it`);
    if (!words.test(said.join())) throw new Error(`it says "${said.join()}"`);
    return true;
  }, ms);
}
