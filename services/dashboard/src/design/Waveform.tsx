import './waveform.css';

interface WaveformProps {
  /** How long the line stays at each level, in µs; levels alternate. */
  micros: readonly number[];
  firstHigh: boolean;
  /** What is drawn, for those who cannot see it. */
  label: string;
}

const width = 1000;
const [top, bottom] = [2, 18];

/** A signal with two levels over time. */
export function Waveform({ micros, firstHigh, label }: WaveformProps) {
  const whole = micros.reduce((sum, one) => sum + one, 0);
  let x = 0;
  const path = micros.map((duration, at) => {
    x += duration / whole * width;
    return `V${(at % 2 === 0) === firstHigh ? top : bottom}H${x.toFixed(1)}`;
  }).join('');
  return (
    <svg class="waveform" viewBox={`0 0 ${width} 20`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={`M0 ${firstHigh ? bottom : top}${path}`} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
