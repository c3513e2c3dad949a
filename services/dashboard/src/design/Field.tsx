import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon, type IconNode } from './Icon.tsx';
import './field.css';

interface InputProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string | undefined;
  /** What is wrong with the value, in words; shown at the field and read out with it. */
  error?: string | undefined;
  /** `number` brings up the phone's digits; the value stays text, so that what was typed is what is shown. */
  kind?: 'text' | 'number' | 'date';
  /** For a date, the first that can be chosen: YYYY-MM-DD. */
  min?: string;
  /** Values to choose from while typing. */
  suggestions?: string[];
  /** Takes the keyboard when it appears: for forms that a person has just asked for. */
  autoFocus?: boolean;
}

export function TextField({ label, value, onInput, hint, error, kind = 'text', min, suggestions, autoFocus }:
  InputProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // The attribute of that name works for what was there when the page loaded.
  useEffect(() => { if (autoFocus) input.current?.focus(); }, []);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="field-label" for={id}>{label}</label>
      <input ref={input} id={id} value={value} autocomplete="off" type={kind === 'date' ? 'date' : 'text'} min={min}
        inputmode={kind === 'number' ? 'numeric' : 'text'}
        list={suggestions && `${id}-list`} aria-invalid={error !== undefined} aria-describedby={described || undefined}
        onInput={(event) => onInput(event.currentTarget.value)} />
      {suggestions && (
        <datalist id={`${id}-list`}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist>
      )}
      {hint && <p class="field-hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

interface TextAreaProps { label: string; value: string; onInput: (value: string) => void; rows?: number; hint?: string; error?: string | undefined }

/** Several lines. What is put in is code, not prose: nothing is corrected in it. */
export function TextArea({ label, value, onInput, rows = 8, hint, error }: TextAreaProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="field-label" for={id}>{label}</label>
      <textarea id={id} rows={rows} value={value} spellcheck={false} autocomplete="off" autocapitalize="off"
        aria-invalid={error !== undefined} aria-describedby={described || undefined}
        onInput={(event) => onInput(event.currentTarget.value)} />
      {hint && <p class="field-hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

interface Option<T extends string> { value: T; label: string; icon?: IconNode }
interface ChoiceProps<T extends string> {
  legend: string;
  options: Option<T>[];
  /** Icons alone: the labels are for screen readers and the pointer's tooltip. */
  iconsOnly?: boolean;
  hint?: string | undefined;
  error?: string | undefined;
}

/** One of a few. */
export function Choice<T extends string>(props: ChoiceProps<T> & { value: T; onChange: (value: T) => void }) {
  const name = useId();
  return (
    <Choices {...props}>
      {(option) => (
        <input type="radio" name={name} aria-label={props.iconsOnly ? option.label : undefined}
          checked={option.value === props.value} onChange={() => props.onChange(option.value)} />
      )}
    </Choices>
  );
}

/** Some of a few. */
export function MultiChoice<T extends string>(props: ChoiceProps<T> & { value: T[]; onChange: (value: T[]) => void }) {
  return (
    <Choices {...props}>
      {(option) => (
        <input type="checkbox" checked={props.value.includes(option.value)}
          onChange={(event) => props.onChange(event.currentTarget.checked
            ? [...props.value, option.value]
            : props.value.filter((one) => one !== option.value))} />
      )}
    </Choices>
  );
}

function Choices<T extends string>({ legend, options, iconsOnly, hint, error, children }:
  ChoiceProps<T> & { children: (option: Option<T>) => ComponentChildren }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <fieldset class="field" aria-describedby={described || undefined}>
      <legend class="field-label">{legend}</legend>
      <div class="choices" data-icons={iconsOnly}>
        {options.map((option) => (
          <label class="choice" key={option.value} title={iconsOnly ? option.label : undefined}>
            {children(option)}
            <span class="choice-face">
              {option.icon && <Icon node={option.icon} />}
              {!iconsOnly && option.label}
            </span>
          </label>
        ))}
      </div>
      {hint && <p class="field-hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </fieldset>
  );
}

/** A form that leaves checking to the words at its fields; the browser's own bubbles vanish before they are read. */
export function Form({ onSubmit, error, children }:
  { onSubmit: () => void; error?: string | undefined; children: ComponentChildren }) {
  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); onSubmit(); }}>
      {children}
      {error && <p class="field-error" role="alert">{error}</p>}
    </form>
  );
}
