import { ChevronDown } from 'lucide';
import { Icon } from './Icon.tsx';
import './pick.css';

interface PickProps<T extends string> {
  /** What is chosen, for whom: the row beside it says so to the eye alone. */
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
  /** Nothing is chosen: quieter than the others in the list. */
  quiet?: boolean;
}

/** One of a few, small enough to stand at the end of a row; the phone's own list opens over it. */
export function Pick<T extends string>({ label, value, options, onChange, quiet }: PickProps<T>) {
  return (
    <span class="pick" data-quiet={quiet}>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
      <Icon node={ChevronDown} size={16} />
    </span>
  );
}
