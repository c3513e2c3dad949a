import { RfCode } from '@sconce/protocol/messages';
import { z } from 'zod';
import type { Antenna } from '../device/radio.ts';

const Button = RfCode.safeExtend({ name: z.string().min(1) });

export const RemoteSettings = z.strictObject({
  name: z.string().min(1),
  buttons: z.array(Button).min(1),
  /** Frames of one press, at least and at most: people press longer and shorter. */
  frames: z.tuple([z.int().min(1), z.int().min(1)]).default([4, 10]),
});
export type RemoteSettings = z.infer<typeof RemoteSettings>;

/** Somebody has pressed a button: so many frames of its code go out. */
export type PressHappening = { event: 'pressed'; remote: string; button: string; frames: number };

/** A hand remote. It knows nothing of what has become of what it sent. */
export class Remote {
  readonly #settings: RemoteSettings;
  readonly #antenna: Antenna;
  readonly #random: () => number;
  readonly #tell: (happening: PressHappening) => void;
  #release: () => void = () => {};

  constructor(settings: RemoteSettings, antenna: Antenna, random: () => number, tell: (happening: PressHappening) => void) {
    this.#settings = settings;
    this.#antenna = antenna;
    this.#random = random;
    this.#tell = tell;
  }

  get state() {
    return { remote: this.#settings.name, buttons: this.#settings.buttons.map(({ name }) => name) };
  }

  /** Another button than before lets go of that one. `frames`: by chance, unless told. `false`: it has no such button. */
  press(button: string, frames = this.#asLongAsPeopleDo()): boolean {
    const pressed = this.#settings.buttons.find(({ name }) => name === button);
    if (!pressed) return false;
    const { name: _, ...code } = pressed;
    this.#release();
    this.#tell({ event: 'pressed', remote: this.#settings.name, button, frames });
    this.#release = this.#antenna.send(code, frames, () => {});
    return true;
  }

  #asLongAsPeopleDo(): number {
    const [least, most] = this.#settings.frames;
    return least + Math.floor(this.#random() * (most - least + 1));
  }
}
