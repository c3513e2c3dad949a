import type { DeviceId } from '@sconce/protocol/ids';

/**
 * Which devices are connected, as the broker last said. Kept in memory only: it is true no longer than the connection
 * to the broker lasts, and a value from a database could be a board that died while nobody listened.
 */
export class Presence {
  readonly #online = new Set<DeviceId>();

  isOnline(device: DeviceId): boolean {
    return this.#online.has(device);
  }

  /** @returns whether that is news */
  set(device: DeviceId, online: boolean): boolean {
    if (online === this.#online.has(device)) return false;
    if (online) this.#online.add(device);
    else this.#online.delete(device);
    return true;
  }

  /** The broker is out of reach: nobody is known to be there. @returns who was */
  clear(): DeviceId[] {
    const were = [...this.#online];
    this.#online.clear();
    return were;
  }
}
