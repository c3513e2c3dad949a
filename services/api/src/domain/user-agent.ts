/**
 * Rules of our own instead of a library's thousand: browsers have frozen what they say of themselves (User-Agent
 * reduction, https://www.chromium.org/updates/ua-reduction/), so that a family and a system are all that can be known,
 * and a text from outside meets only patterns that read it once. In this order: each calls itself by the later ones, too.
 */
const browsers: readonly [pattern: RegExp, name: string][] = [
  [/Edg(A|iOS)?\//, 'Edge'],
  [/(OPR|OPT|OPiOS)\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/(DuckDuckGo|Ddg)\//, 'DuckDuckGo'],
  [/(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/Version\/\S+ (Mobile\/\S+ )?Safari\//, 'Safari'],
];

const systems: readonly [pattern: RegExp, name: string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  // An iPad says that it is a Mac; only browsers that are not Apple's give it away.
  [/Macintosh.*(CriOS|FxiOS|EdgiOS|OPT)\//, 'iPad'],
  [/Macintosh.*Version\/\S+ Safari\//, 'Mac or iPad'],
  [/Macintosh/, 'Mac'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** "Chrome on Android", as far as a browser says what it is (RFC 9110, 10.1.5); anybody can say anything. */
export function browserWords(userAgent: string): string {
  const first = (rules: typeof browsers) => rules.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = first(browsers);
  const system = first(systems);
  if (system === undefined) return browser ?? 'Unknown browser';
  return `${browser ?? 'Unknown browser'} on ${system}`;
}
