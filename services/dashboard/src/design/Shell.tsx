import type { ComponentChildren } from 'preact';
import { Icon, type IconNode } from './Icon.tsx';
import './shell.css';

export interface Tab {
  href: string;
  label: string;
  icon: IconNode;
  current: boolean;
  /** What waits there: a dot to the eye, or how many; these words to a screen reader. */
  news?: string | undefined;
  count?: number | undefined;
}

interface ShellProps { tabs: Tab[]; banner?: string | undefined; children: ComponentChildren }

/** The frame of every page: the main places to go, and what is to be said at once above everything. */
export function Shell({ tabs, banner, children }: ShellProps) {
  return (
    <div class="shell">
      <a class="skip button" href="#main" data-native>Skip to the page</a>
      <div class="banner-place" role="status">{banner && <p class="banner">{banner}</p>}</div>
      <nav class="tabs" aria-label="Main">
        <a class="brand" href="/"><img src="/icon.svg" alt="" />Sconce</a>
        <ul>
          {tabs.map((tab) => (
            <li key={tab.href}>
              <a href={tab.href} aria-current={tab.current ? 'page' : undefined}>
                <span class="tab-icon" data-news={tab.news !== undefined && tab.count === undefined}>
                  <Icon node={tab.icon} size={22} />
                  {tab.count !== undefined && <span class="tab-count" aria-hidden="true">{tab.count}</span>}
                </span>
                {tab.label}
                {tab.news && <span class="visually-hidden">, {tab.news}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main class="shell-main" id="main" tabIndex={-1}>{children}</main>
    </div>
  );
}

/** A page without the frame, in the middle of the screen. */
export function Alone({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="alone">
      <img src="/icon.svg" alt="" />
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </main>
  );
}
