import type { ComponentChildren } from 'preact';
import { Icon, type IconNode } from './Icon.tsx';
import './button.css';

interface Looks {
  /** `main`: the one thing to do here. `alarm`: takes something away. `bare`: beside other things. */
  kind?: 'main' | 'plain' | 'bare' | 'alarm';
  icon?: IconNode;
  wide?: boolean;
  children: ComponentChildren;
}

interface ButtonProps extends Looks {
  onClick?: () => void;
  type?: 'button' | 'submit';
  /** Under way: the words say so, further taps do nothing, and the focus stays where it is. */
  busy?: boolean;
  /** What is said instead of the children, where these are too short out of their context ("Blink" of which board?). */
  label?: string;
}

export function Button(button: ButtonProps) {
  const { kind = 'plain', icon, wide, busy = false, label, type = 'button', onClick, children } = button;
  return (
    <button class="button" type={type} data-kind={kind} data-wide={wide} aria-label={label} aria-disabled={busy}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}>
      {icon && <Icon node={icon} />}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends Looks { href: string; label?: string }

/** Looks like a button, goes somewhere. */
export function ButtonLink({ kind = 'plain', icon, wide, href, label, children }: ButtonLinkProps) {
  return (
    <a class="button" href={href} data-kind={kind} data-wide={wide} aria-label={label}>
      {icon && <Icon node={icon} />}
      {children}
    </a>
  );
}

interface IconButtonProps {
  icon: IconNode;
  label: string;
  onClick: () => void;
  /** There is nothing for it to do now. It keeps its place, and the focus. */
  disabled?: boolean;
}

/** An icon alone; its name is for those who cannot see it. */
export function IconButton({ icon, label, onClick, disabled = false }: IconButtonProps) {
  return (
    <button class="button" type="button" data-kind="bare" data-square aria-label={label} aria-disabled={disabled}
      onClick={() => { if (!disabled) onClick(); }}>
      <Icon node={icon} />
    </button>
  );
}
