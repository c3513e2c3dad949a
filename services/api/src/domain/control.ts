import type { Control } from '@sconce/protocol/http';
import type { Action, RfCode } from '@sconce/protocol/messages';

/** Temporary, until the codec is there. */
const heardAs = (code: RfCode): RfCode => {
  if (code.protocol === 12) return { ...code, protocol: 11 };
  if (code.protocol === 9 && code.code % 2 === 1) return { ...code, protocol: 8, code: Math.floor(code.code / 2) };
  return code;
};

/** Equal for codes that a receiver cannot tell apart. Pulse lengths drift and do not count. */
export function codeKey(code: RfCode): string {
  const heard = heardAs(code);
  return `${heard.protocol} ${heard.bits} ${heard.code}`;
}

/** Whether it has one code for both: what it is after that nobody knows. */
export const toggles = (control: Control): boolean =>
  control.kind === 'rf' && codeKey(control.on) === codeKey(control.off);

/** What this code makes of the outlet; null: it toggles; undefined: it is not its code. */
export function madeBy(code: RfCode, control: Control): boolean | null | undefined {
  if (control.kind !== 'rf') return undefined;
  const key = codeKey(code);
  if (key === codeKey(control.on)) return toggles(control) ? null : true;
  return key === codeKey(control.off) ? false : undefined;
}

/** What a board is asked so that it sets the outlet. */
export function actionFor(control: Control, on: boolean): Action {
  switch (control.kind) {
    case 'rf': return { do: 'rf.send', ...(on ? control.on : control.off), repeat: control.repeat };
    case 'pin': return { do: 'pin.set', pin: control.pin, on };
  }
}
