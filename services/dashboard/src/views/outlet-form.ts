import type { Control, Device, Icon, Outlet } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { sameCode } from '@sconce/protocol/radio';
import type { FieldError } from '../api/client.ts';
import { isToggle } from '../state/outlets.ts';

/** One radio code as it is typed. */
export interface CodeDraft { code: string; bits: string; protocol: string; pulse: string }

/** The outlet form as it is typed; numbers stay text until they are sent. */
export interface Draft {
  name: string;
  room: string;
  icon: Icon;
  kind: Control['kind'];
  on: CodeDraft;
  off: CodeDraft;
  /** The remote has one button for both; `off` is then not looked at. */
  toggles: boolean;
  repeat: string;
  /** Boards that send it again. */
  also: DeviceId[];
  pin: string;
}

/** What nearly every cheap socket with a 24-bit remote uses (PT2262 and its like; rc-switch's protocol 1). */
const usual: CodeDraft = { code: '', bits: '24', protocol: '1', pulse: '350' };

export function emptyDraft(device: Device): Draft {
  const [pin] = device.pins;
  return {
    name: '', room: '', icon: 'lamp', kind: device.capabilities.includes('rf.send') || pin === undefined ? 'rf' : 'pin',
    on: usual, off: usual, toggles: false, repeat: '10', also: [], pin: pin === undefined ? '' : String(pin),
  };
}

export function draftOf(outlet: Outlet): Draft {
  const { control } = outlet;
  const code = (rf: { code: number; bits: number; protocol: number; pulse: number }): CodeDraft => ({
    code: String(rf.code), bits: String(rf.bits), protocol: String(rf.protocol), pulse: String(rf.pulse),
  });
  const rf = control?.kind === 'rf' ? control : undefined;
  return {
    name: outlet.name, room: outlet.room ?? '', icon: outlet.icon, kind: control?.kind ?? 'rf',
    on: rf ? code(rf.on) : usual, off: rf ? code(rf.off) : usual, toggles: isToggle(outlet),
    repeat: String(rf?.repeat ?? 10), also: rf?.also ?? [],
    pin: control?.kind === 'pin' ? String(control.pin) : '',
  };
}

interface Sent { name: string; room: string | null; icon: Icon; control: Control }

/** Reads the form: what to send, or what is wrong where, in the same shape as the server's own complaints. */
export function read(draft: Draft): { ok: true; value: Sent } | { ok: false; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const whole = (path: string, text: string, { min, max }: { min: number; max: number }) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text.trim()) : NaN;
    if (!(value >= min && value <= max)) errors.push({ path, message: `A whole number from ${min} to ${max}.` });
    return value;
  };
  const code = (which: 'on' | 'off') => {
    const at = `control.${which}`;
    const { code, bits, protocol, pulse } = draft[which];
    const width = whole(`${at}.bits`, bits, limits.rfBits);
    return {
      code: whole(`${at}.code`, code, { min: 0, max: 2 ** (Number.isNaN(width) ? limits.rfBits.max : width) - 1 }),
      bits: width,
      protocol: whole(`${at}.protocol`, protocol, limits.rfProtocol),
      pulse: whole(`${at}.pulse`, pulse, limits.rfPulse),
    };
  };
  const radio = (): Control => {
    const on = code('on');
    return {
      kind: 'rf', on, off: draft.toggles ? on : code('off'),
      repeat: whole('control.repeat', draft.repeat, limits.rfRepeat),
      // Sent twice, a toggle would be where it was.
      ...draft.also.length > 0 && !draft.toggles && { also: draft.also },
    };
  };
  const name = draft.name.trim();
  if (!name) errors.push({ path: 'name', message: 'It needs a name.' });
  const control: Control = draft.kind === 'rf'
    ? radio()
    : { kind: 'pin', pin: whole('control.pin', draft.pin, limits.pin) };
  if (control.kind === 'rf' && !draft.toggles && sameCode(control.on, control.off)) {
    errors.push({ path: 'control.off.code', message: 'The same as for on. If the remote has one button for both, say so above.' });
  }
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, value: { name, room: draft.room.trim() || null, icon: draft.icon, control } };
}
