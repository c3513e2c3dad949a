import type { Device } from '@sconce/protocol/http';
import { count, daysLeft, duration, when } from './times.ts';

/** "Online since 09:12", "Offline since yesterday, 14:02". */
export function presence(device: Device, now: number): string {
  if (!device.since) return device.online ? 'Online' : 'Not connected';
  return `${device.online ? 'Online' : 'Offline'} since ${when(device.since, now)}`;
}

export type Strength = 'strong' | 'good' | 'weak' | 'poor';

/** Wi-Fi as installers judge it: -67 dBm is the usual line for a steady link, under -80 frames are lost. */
export function strength(rssi: number): Strength {
  if (rssi >= -60) return 'strong';
  if (rssi >= -67) return 'good';
  return rssi >= -80 ? 'weak' : 'poor';
}

const strengths: Record<Strength, string> = { strong: 'Strong', good: 'Good', weak: 'Weak', poor: 'Poor' };

/** "Strong, −58 dBm". */
export const signalWords = (rssi: number) =>
  `${strengths[strength(rssi)]}, ${rssi < 0 ? '−' : ''}${Math.abs(rssi)} dBm`;

/** When to speak up about a certificate, in days left. `due`: soon. `urgent`: within the week, or over. */
export function certificate(notAfter: string, now: number): { words: string; urgency: 'fine' | 'due' | 'urgent' } {
  const days = daysLeft(notAfter, now);
  if (days < 0) return { words: 'Ended: the broker refuses this board. Renew its certificate.', urgency: 'urgent' };
  return {
    words: days === 0 ? 'Ends today' : `${count(days, 'day')} left`,
    urgency: days <= 7 ? 'urgent' : days <= 60 ? 'due' : 'fine',
  };
}

/** "NodeMCU v2, firmware 1.4.0". */
export function make({ hardware, firmware }: Device): string {
  return [hardware, firmware && `firmware ${firmware}`].filter(Boolean).join(', ') || 'Nothing known of it yet';
}

/** "3 days (power on)". */
export function running({ uptime, resetReason }: Device): string | undefined {
  if (uptime === null) return resetReason ?? undefined;
  return resetReason ? `${duration(uptime)}, since: ${resetReason}` : duration(uptime);
}

/** 32 digits in fours, to be compared with what `make` printed. */
export const spaced = (id: string) => id.match(/.{1,4}/g)?.join(' ') ?? id;
