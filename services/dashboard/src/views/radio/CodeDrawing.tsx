import type { RfCode } from '@sconce/protocol/messages';
import { frameOf } from '@sconce/protocol/radio';
import { Waveform } from '../../design/Waveform.tsx';
import { codeDetails } from '../words/radio.ts';

/** One frame of a code, as a sender of ours would put it on the air. */
export function CodeDrawing({ code }: { code: RfCode }) {
  const { firstHigh, micros } = frameOf(code);
  return <Waveform firstHigh={firstHigh} micros={micros} label={`A frame on the air: ${codeDetails(code)}`} />;
}
