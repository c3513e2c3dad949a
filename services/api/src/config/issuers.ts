import { z } from 'zod';
import type { Variables } from './variables.ts';
import { httpsUrl } from './web-address.ts';

/** As Google's discovery document names it: https://accounts.google.com/.well-known/openid-configuration */
const googleIssuer = 'https://accounts.google.com';

/** The id of the issuer in OIDC_ISSUER. Only its word makes the owner; further ones are told apart by OIDC_MORE's. */
export const firstIssuer = 'first';

/** An OpenID Connect issuer at which people sign in. */
export type Issuer = {
  /** Stands in addresses: lowercase letters and digits. */
  id: string;
  /** "Sign in with …" */
  name: string;
  /** Its address, without a slash at the end. */
  url: string;
  clientId: string;
  clientSecret: string;
  /** What its variables begin with, to name them to the owner: `OIDC_`, `OIDC_FAMILY_`. */
  prefix: string;
};

const Entry = z.object({
  ISSUER: httpsUrl,
  NAME: z.string().trim().min(1).max(40, 'has to fit on a button: 40 characters at most').optional(),
  CLIENT_ID: z.string().min(1),
  CLIENT_SECRET: z.string().min(1),
});
const FirstEntry = Entry.extend({ ISSUER: httpsUrl.default(googleIssuer) });
const secrets = ['CLIENT_ID', 'CLIENT_SECRET'];

const More = z.object({
  OIDC_MORE: z.string().toLowerCase().default('')
    .transform((all) => all.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(z.string()
      .regex(/^[a-z][a-z0-9]{0,19}$/, 'each is a short word of letters and digits, such as family')
      .refine((id) => id !== firstIssuer, 'the first issuer is the one in OIDC_ISSUER: choose another word')))
    .refine((ids) => new Set(ids).size === ids.length, 'names one of them twice'),
});

/**
 * The issuers, in the order of their buttons: OIDC_ISSUER, then each that OIDC_MORE names, from `OIDC_<NAME>_ISSUER` and
 * so on. A variable that is none of these is a problem: a misspelt one would be missed at the first sign-in only.
 */
export function readIssuers(variables: Variables): Issuer[] {
  const ids = variables.parse(More)?.OIDC_MORE;
  const entries = [
    { id: firstIssuer, prefix: 'OIDC_', schema: FirstEntry },
    ...(ids ?? []).map((id) => ({ id, prefix: `OIDC_${id.toUpperCase()}_`, schema: Entry })),
  ];
  const issuers = entries.flatMap(({ id, prefix, schema }): Issuer[] => {
    variables.readFiles(secrets.map((name) => prefix + name));
    const entry = variables.parse(schema, prefix);
    if (!entry) return [];
    const { ISSUER: url, NAME: name = nameOf(url), CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = entry;
    return [{ id, name, url, clientId, clientSecret, prefix }];
  });
  refuseTwins(issuers, variables.problems);
  // What belongs to an issuer is not known while their list cannot be read.
  if (ids) variables.problems.push(...strays(variables.names, entries.map(({ prefix }) => prefix)));
  return issuers;
}

const nameOf = (url: string) => (url === googleIssuer ? 'Google' : new URL(url).host);

/** People are keyed by the issuer's address, and choose it by its name. */
function refuseTwins(issuers: readonly Issuer[], problems: string[]): void {
  for (const [at, { url, name, prefix }] of issuers.entries()) {
    const before = issuers.slice(0, at);
    const same = before.find((other) => new URL(other.url).href === new URL(url).href);
    if (same) problems.push(`${prefix}ISSUER: is the issuer that ${same.prefix}ISSUER names already`);
    else if (before.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      problems.push(`${prefix}NAME: another issuer has the same name, and people could not tell their buttons apart`);
    }
  }
}

function strays(names: readonly string[], prefixes: readonly string[]): string[] {
  const known = new Set(['OIDC_MORE', ...prefixes.flatMap((prefix) => [
    ...Object.keys(Entry.shape), ...secrets.map((name) => `${name}_FILE`)].map((name) => prefix + name))]);
  return names.filter((name) => name.startsWith('OIDC_') && !known.has(name))
    .map((name) => `${name} is not known: it is misspelt, or of an issuer that OIDC_MORE does not name`);
}
