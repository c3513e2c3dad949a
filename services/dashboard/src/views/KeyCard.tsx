import type { Session, Token } from '@sconce/protocol/http';
import type { ComponentChildren } from 'preact';
import { Button } from '../design/Button.tsx';
import { sessionStart, sessionUse } from './words/session.ts';
import { mayWords, tokenLife, tokenUse } from './words/token.ts';

interface Ending { words: string; label: string; busy?: boolean; onEnd: () => void }
interface KeyCardProps { title: string; mark?: string | undefined; ending?: Ending | undefined; children: ComponentChildren }

/** Something that opens this household in a person's name, a browser or a token: what it is, its life, its end. */
export function KeyCard({ title, mark, ending, children }: KeyCardProps) {
  return (
    <li class="card">
      <div>
        <h3>{title}{mark && <span class="mark">{mark}</span>}</h3>
        {children}
      </div>
      {ending && (
        <div class="actions">
          <Button label={ending.label} busy={ending.busy ?? false} onClick={ending.onEnd}>{ending.words}</Button>
        </div>
      )}
    </li>
  );
}

export function SessionCard({ session, now, busy = false, onEnd }: {
  session: Session; now: number; busy?: boolean; onEnd?: () => void;
}) {
  const ending = !onEnd || session.current ? undefined
    : { words: busy ? 'Signing out…' : 'Sign out', label: `Sign out ${session.browser}`, busy, onEnd };
  return (
    <KeyCard title={session.browser} mark={session.current ? 'This device' : undefined} ending={ending}>
      <p>{sessionUse(session, now)}</p>
      <p class="quiet">{sessionStart(session, now)}</p>
    </KeyCard>
  );
}

export function TokenCard({ token, now, onEnd }: { token: Token; now: number; onEnd?: (() => void) | undefined }) {
  const ending = onEnd && { words: 'Revoke', label: `Revoke ${token.name}`, onEnd };
  return (
    <KeyCard title={token.name} ending={ending}>
      <p>{tokenUse(token, now)} {tokenLife(token, now)}</p>
      <p class="quiet">{mayWords(token)}. <code>{token.prefix}…</code></p>
    </KeyCard>
  );
}
