import type { Outlet } from '@sconce/protocol/http';
import { ArrowDown, ArrowUp, X } from 'lucide';
import { useId } from 'preact/hooks';
import { Button, IconButton } from '../../design/Button.tsx';
import { Pick } from '../../design/Pick.tsx';
import { announce } from '../../state/announce.ts';
import { isToggle } from '../../state/outlets.ts';
import type { SceneStep } from '../../state/scenes.ts';
import './scenes.css';

interface StepRowsProps {
  /** All that there are. */
  outlets: Outlet[];
  steps: SceneStep[];
  onChange: (steps: SceneStep[]) => void;
  error?: string | undefined;
}

const turns = [{ value: 'on', label: 'On' }, { value: 'off', label: 'Off' }] as const;

/** Which outlets a scene sets, how, and in which order. */
export function StepRows({ outlets, steps, onChange, error }: StepRowsProps) {
  const id = useId();
  const inIt = steps.flatMap((step) => {
    const outlet = outlets.find((one) => one.id === step.outletId);
    return outlet ? [{ step, outlet }] : [];
  });
  // What only toggles cannot be set: nobody knows where it stands.
  const rest = outlets.filter((outlet) => !isToggle(outlet) && !steps.some((step) => step.outletId === outlet.id));
  const set = (outlet: Outlet, on: boolean) =>
    onChange(inIt.map(({ step }) => (step.outletId === outlet.id ? { ...step, on } : step)));
  const move = (at: number, by: number) => {
    const next = inIt.map(({ step }) => step);
    const [one] = next.splice(at, 1);
    if (one) next.splice(at + by, 0, one);
    onChange(next);
    announce(`${inIt[at]?.outlet.name}: place ${at + by + 1} of ${next.length}.`);
  };
  return (
    <>
      <fieldset class="field" aria-describedby={error ? `${id}-error` : undefined}>
        <legend class="field-label">What it sets, in this order</legend>
        {inIt.length === 0 && <p class="quiet">Nothing yet. Add outlets from below.</p>}
        {inIt.length > 0 && (
          <ol class="card rows step-list">
            {inIt.map(({ step, outlet }, at) => (
              <li key={outlet.id} class="step-row">
                <Name outlet={outlet} />
                <Pick label={`${outlet.name} is switched`} value={step.on ? 'on' : 'off'} options={[...turns]}
                  onChange={(value) => set(outlet, value === 'on')} quiet={!step.on} />
                <span class="step-tools">
                  <IconButton icon={ArrowUp} label={`${outlet.name} earlier`} disabled={at === 0} onClick={() => move(at, -1)} />
                  <IconButton icon={ArrowDown} label={`${outlet.name} later`} disabled={at === inIt.length - 1}
                    onClick={() => move(at, 1)} />
                  <IconButton icon={X} label={`Take ${outlet.name} out`}
                    onClick={() => onChange(inIt.filter((one) => one.outlet !== outlet).map((one) => one.step))} />
                </span>
              </li>
            ))}
          </ol>
        )}
        {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
      </fieldset>
      {rest.length > 0 && (
        <fieldset class="field">
          <legend class="field-label">Not in it</legend>
          <ul class="card rows step-list">
            {rest.map((outlet) => (
              <li key={outlet.id} class="step-row">
                <Name outlet={outlet} />
                {turns.map(({ value, label }) => (
                  <Button key={value} label={`Add ${outlet.name}, ${value}`}
                    onClick={() => onChange([...inIt.map(({ step }) => step), { outletId: outlet.id, on: value === 'on' }])}>
                    {label}
                  </Button>
                ))}
              </li>
            ))}
          </ul>
        </fieldset>
      )}
    </>
  );
}

const Name = ({ outlet }: { outlet: Outlet }) => (
  <span class="step-name">{outlet.name}{outlet.room && <span class="quiet">{outlet.room}</span>}</span>
);
