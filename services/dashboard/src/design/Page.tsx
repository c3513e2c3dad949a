import { ChevronLeft, CircleAlert, Info } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Icon, type IconNode } from './Icon.tsx';
import './page.css';

interface PageProps {
  title: string;
  lede?: string | undefined;
  /** A page below another says which, and leads back to it. */
  back?: { href: string; label: string };
  /** For reading and forms. */
  narrow?: boolean;
  children: ComponentChildren;
}

export function Page({ title, lede, back, narrow, children }: PageProps) {
  return (
    <div class="page" data-narrow={narrow}>
      <header class="page-head">
        {back && <a class="back" href={back.href}><Icon node={ChevronLeft} />{back.label}</a>}
        <h1 tabIndex={-1}>{title}</h1>
        {lede && <p>{lede}</p>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps { title: string; action?: ComponentChildren; children: ComponentChildren }

/** `action`: what can be done with the whole of it, beside its title. */
export function Section({ title, action, children }: SectionProps) {
  return (
    <section class="section">
      {action ? <header class="section-head"><h2>{title}</h2>{action}</header> : <h2>{title}</h2>}
      {children}
    </section>
  );
}

/** Pairs of "what it is called" and "what it is". */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

interface FactProps { term: string; note?: string | undefined; children: ComponentChildren }

export function Fact({ term, note, children }: FactProps) {
  return <div><dt>{term}</dt><dd>{children}{note && <small>{note}</small>}</dd></div>;
}

/** Something to know before going on; `alarm` is read out at once. */
export function Note({ kind = 'plain', children }: { kind?: 'plain' | 'alarm'; children: ComponentChildren }) {
  return (
    <div class="note" data-kind={kind} role={kind === 'alarm' ? 'alert' : undefined}>
      <Icon node={kind === 'alarm' ? CircleAlert : Info} />
      <div>{children}</div>
    </div>
  );
}

interface EmptyProps {
  icon: IconNode;
  title: string;
  /** It is all there is on the page, so its title is the page's heading. */
  whole?: boolean;
  children: ComponentChildren;
  action?: ComponentChildren;
}

/** Nothing here yet: why, and what to do next. */
export function Empty({ icon, title, whole, children, action }: EmptyProps) {
  return (
    <div class="empty" data-whole={whole}>
      <span class="empty-icon"><Icon node={icon} size={40} /></span>
      {whole ? <h1 tabIndex={-1}>{title}</h1> : <h2>{title}</h2>}
      <p>{children}</p>
      {action}
    </div>
  );
}
