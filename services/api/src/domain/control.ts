import type { Control } from '@sconce/protocol/http';
import type { Action, RfCode } from '@sconce/protocol/messages';
import { airMicros, heardAs, sameCode } from '@sconce/protocol/radio';

/** A key of a map, one for all codes that are the same to whoever hears them. */
export function codeKey(code: RfCode): string {
  const heard = heardAs(code);
  return `${heard.protocol} ${heard.bits} ${heard.code}`;
}

/** Whether it has one code for both: what it is after that nobody knows. */
export const toggles = (control: Control): boolean =>
  control.kind === 'rf' && sameCode(control.on, control.off);

/** What this code makes of the outlet; null: it toggles; undefined: it is not its code. */
export function madeBy(code: RfCode, control: Control): boolean | null | undefined {
  if (control.kind !== 'rf') return undefined;
  if (sameCode(code, control.on)) return toggles(control) ? null : true;
  return sameCode(code, control.off) ? false : undefined;
}

/** What a board is asked so that it sets the outlet. */
export function actionFor(control: Control, on: boolean): Action {
  switch (control.kind) {
    case 'rf': return { do: 'rf.send', ...(on ? control.on : control.off), repeat: control.repeat };
    case 'pin': return { do: 'pin.set', pin: control.pin, on };
  }
}

/** Milliseconds that it takes on the air; 0 for what is not sent there. */
export const onAirMs = (action: Action): number => action.do === 'rf.send' ? action.repeat * airMicros(action) / 1000 : 0;
