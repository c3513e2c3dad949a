import { z } from 'zod';
import type { Config } from '../config.ts';
import { findingsOf, type Finding, type Words } from '../finding.ts';
import { ask, codeOf } from '../probe/http.ts';

const make = findingsOf('sign-in');

/** OpenID Connect Discovery 1.0, 3: what signing in needs of it. */
const Document = z.object({ issuer: z.string(), authorization_endpoint: z.url(), token_endpoint: z.url(),
  jwks_uri: z.url() });
const Keys = z.object({ keys: z.array(z.unknown()).min(1) });

export async function signIn({ issuers }: Config): Promise<Finding[]> {
  if (issuers.length === 0) return [make.skipped('not_told', 'issuer', 'The sign-in service was not asked.',
    'OIDC_ISSUER is not set here.')];
  return Promise.all(issuers.map(one));
}

async function one(issuer: string): Promise<Finding> {
  const { host } = new URL(issuer);
  const address = `${issuer}/.well-known/openid-configuration`;
  const elsewhere = (code: string, what: string): Finding => make.problem(code, host, { what,
    why: 'OIDC_ISSUER is not the address of an issuer of OpenID Connect, or something in between answers for it.',
    do: `curl ${address}, and correct OIDC_ISSUER in .env` });
  try {
    const { status, body } = await ask(address);
    if (status >= 500) return make.problem('issuer_broken', host, {
      what: `The sign-in service ${host} answers ${status}.`,
      why: 'It has trouble of its own. Whoever is signed in stays so.',
      do: `wait, and look at ${address}` });
    if (status !== 200) return elsewhere('issuer_not_openid', `${address} answers ${status}.`);
    const document = Document.safeParse(parsed(body));
    if (!document.success) return elsewhere('issuer_not_openid',
      `${host} does not describe itself as a sign-in service does.`);
    if (document.data.issuer.replace(/\/+$/, '') !== issuer) {
      return make.problem('issuer_other_name', host, {
        what: `The sign-in service calls itself ${document.data.issuer}, and not ${issuer}.`,
        why: 'What it signs is refused: it is from another issuer than the one that is trusted.',
        do: `set OIDC_ISSUER=${document.data.issuer} in .env && docker compose up -d api` });
    }
    const keys = Keys.safeParse(parsed((await ask(document.data.jwks_uri)).body));
    if (!keys.success) return elsewhere('issuer_without_keys', `${host} does not give its keys.`);
    return make.ok('issuer_good', host,
      `${host} answers as a sign-in service does. Whether it knows the client id and the secret shows at a sign-in `
        + 'only.');
  } catch (error) {
    return make.problem(...faultOf(codeOf(error), host, address));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function faultOf(code: string, host: string, address: string): [string, string, Words] {
  const stays = 'Nobody can sign in; whoever is signed in stays so.';
  if (code === 'ECONNREFUSED') return ['issuer_down', host, { what: `Nothing listens at ${host}, the sign-in service.`,
    why: stays,
    do: `start it, if it is yours; then curl ${address}` }];
  if (code === 'ENOTFOUND') return ['issuer_name_unknown', host, {
    what: `No name server knows ${host}, the sign-in service.`,
    why: `OIDC_ISSUER is misspelt, or its DNS record is gone. ${stays}`,
    do: 'correct OIDC_ISSUER in .env && docker compose up -d api' }];
  if (/CERT|TLS|SSL|SIGNED|ISSUER/.test(code)) {
    return ['issuer_certificate', host, { what: `The sign-in service ${host} does not prove who it is (${code}).`,
      why: "Its certificate has ended, is for another name or from an unknown authority, or this machine's clock is "
        + `wrong. ${stays}`,
      do: `openssl s_client -connect ${host}:443 -servername ${host} </dev/null; timedatectl` }];
  }
  return ['issuer_silent', host, { what: `The sign-in service ${host} cannot be reached (${code}).`,
    why: `This machine has no way to it, or a firewall is between. ${stays}`,
    do: `curl ${address}` }];
}
