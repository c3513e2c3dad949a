import type { CertificateView, RefusalView } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { computed } from '@preact/signals';
import * as api from '../api/calls.ts';
import { devices } from './devices.ts';
import { fetched } from './fetched.ts';

/** For admins: kept from the start on, since the home page warns of what ends, and the boards' tab of who is turned away. */
export const certificates = fetched(api.certificates);
export const refusals = fetched(api.refusals);
/** What the doctor said last; asked only by whoever presses its button. */
export const doctor = fetched(api.doctor);

/** What somebody has to see to, the most urgent first. */
export const warnedOf = (all: readonly CertificateView[]) => all
  .filter((one) => one.warning !== null)
  .sort((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
export const warnings = computed(() => warnedOf(certificates.value.value?.certificates ?? []));

/** The certificate that a board goes by, as far as is known: of those that are valid the newest. */
export const certificateOf = (all: readonly CertificateView[], board: DeviceId): CertificateView | undefined => all
  .filter((one) => one.kind === 'board' && one.device === board && one.state === 'valid')
  .sort((a, b) => Date.parse(b.notBefore) - Date.parse(a.notBefore))[0];

/**
 * `ours`: a board of the household that needs somebody. `settled`: it has connected since. `kept_out`: it was revoked, so
 * that is as it should be. `stranger`: whoever tries the ports of the internet.
 */
export type Standing = 'ours' | 'settled' | 'kept_out' | 'stranger';

/** What strangers do who look for open doors; a board of this household shows its certificate. */
const knocks = new Set<RefusalView['reason']>(
  ['not_tls', 'no_certificate', 'silent', 'closed_early', 'tls_version', 'tls_ciphers', 'too_many']);

export function standingOf(refusal: RefusalView, boards: ReadonlyMap<DeviceId, Device> | undefined): Standing {
  const board = refusal.device && boards?.get(refusal.device.id);
  if (refusal.genuine && (board?.revokedAt || refusal.reason === 'revoked' || refusal.reason === 'cut')) return 'kept_out';
  if (board?.online && board.since !== null && Date.parse(board.since) > Date.parse(refusal.last)) return 'settled';
  if (!board && !refusal.genuine && knocks.has(refusal.reason)) return 'stranger';
  return 'ours';
}

export const turnedAway = computed(() => {
  const all: Record<Standing, RefusalView[]> = { ours: [], settled: [], kept_out: [], stranger: [] };
  for (const refusal of refusals.value.value ?? []) all[standingOf(refusal, devices.value)].push(refusal);
  return all;
});
