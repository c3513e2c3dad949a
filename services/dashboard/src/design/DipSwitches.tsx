import './dip-switches.css';

interface DipSwitchesProps {
  legend: string;
  /** What is printed under each. */
  names: readonly string[];
  value: readonly boolean[];
  onChange: (value: boolean[]) => void;
}

/** A block of tiny switches as they sit on a circuit board, large enough for a thumb. Up is on. */
export function DipSwitches({ legend, names, value, onChange }: DipSwitchesProps) {
  return (
    <fieldset class="field">
      <legend class="field-label">{legend}</legend>
      <div class="dips">
        <span class="dips-on" aria-hidden="true">ON ↑</span>
        {names.map((name, at) => (
          <button key={name} class="dip" type="button" role="switch" aria-checked={value[at] ?? false} aria-label={`Switch ${name}`}
            onClick={() => onChange(names.map((_, one) => (one === at ? !value[one] : value[one] ?? false)))}>
            <span class="dip-slot" />
            <span class="dip-name">{name}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}
