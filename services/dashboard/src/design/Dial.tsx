import { useId } from 'preact/hooks';
import './dial.css';

interface DialProps<T extends string> {
  legend: string;
  /** In the order around the wheel, from the top. */
  positions: readonly T[];
  value: T;
  onChange: (value: T) => void;
}

/** A little wheel with an arrow, as it is turned with a screwdriver: tap where the arrow points to. */
export function Dial<T extends string>({ legend, positions, value, onChange }: DialProps<T>) {
  const name = useId();
  const turn = 360 / positions.length;
  const at = Math.max(0, positions.indexOf(value));
  return (
    <fieldset class="field dial-field">
      <legend class="field-label">{legend}</legend>
      <div class="dial" data-many={positions.length > 8}>
        <span class="dial-knob" aria-hidden="true" style={{ transform: `rotate(${at * turn}deg)` }} />
        {positions.map((position, one) => (
          <label key={position} class="dial-place" style={placeOf(one * turn)}>
            <input type="radio" name={name} checked={position === value} aria-label={position} onChange={() => onChange(position)} />
            <span>{position}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** On the rim; degrees clockwise from the top. */
function placeOf(degrees: number) {
  const angle = degrees / 180 * Math.PI;
  return { left: `${50 + 41 * Math.sin(angle)}%`, top: `${50 - 41 * Math.cos(angle)}%` };
}
