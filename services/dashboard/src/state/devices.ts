import type { Device } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { computed, signal } from '@preact/signals';

/** undefined: not fetched yet, or not ours to see. */
export const devices = signal<ReadonlyMap<DeviceId, Device> | undefined>(undefined);

const all = computed(() => [...devices.value?.values() ?? []]);
const byName = (a: Device, b: Device) => (a.name ?? '').localeCompare(b.name ?? '', 'en-GB', { numeric: true });
const inUse = computed(() => all.value.filter((device) => device.revokedAt === null));
export const newDevices = computed(() => inUse.value.filter((device) => !device.adopted));
export const adoptedDevices = computed(() => inUse.value.filter((device) => device.adopted).sort(byName));
/** Kept out for good. */
export const revokedDevices = computed(() => all.value.filter((device) => device.revokedAt !== null).sort(byName));

export function setDevices(list: Device[] | undefined) {
  devices.value = list && new Map(list.map((device) => [device.id, device]));
}

export function putDevice(device: Device) {
  devices.value = new Map(devices.peek()).set(device.id, device);
}

export function dropDevice(id: DeviceId) {
  const rest = new Map(devices.peek());
  rest.delete(id);
  devices.value = rest;
}
