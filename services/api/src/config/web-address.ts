import { z } from 'zod';

/** Browsers treat these as trustworthy without TLS (W3C Secure Contexts, 3.1), so that `Secure` cookies work there. */
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** As it is given. */
export const webAddress = z.url({ protocol: /^https?$/ })
  .refine((url) => URL.canParse(url) && (url.startsWith('https:') || loopback.has(new URL(url).hostname)),
    'must be an https:// address (http:// is possible on localhost only)');

/** Without a slash at its end. */
export const httpsUrl = webAddress.transform((url) => url.replace(/\/+$/, ''));
