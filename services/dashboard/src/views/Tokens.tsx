import type { MadeToken, Token } from '@sconce/protocol/http';
import type { TokenId } from '@sconce/protocol/ids';
import { Plus } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { revokeToken, tokens as fetchTokens } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Note, Page, Section } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { paths } from '../state/router.ts';
import { useAction } from './action.ts';
import { TokenCard } from './KeyCard.tsx';
import { MakeToken } from './MakeToken.tsx';
import { ShownOnce } from './ShownOnce.tsx';
import { ended } from './words/token.ts';

/** The list lives with its page: nothing else shows it, and no events speak of it. */
export function Tokens() {
  const [list, setList] = useState<Token[]>();
  const [making, setMaking] = useState<'idle' | 'form' | MadeToken>('idle');
  const [revoking, setRevoking] = useState<Token>();
  const loading = useAction();
  const load = () => void loading.run(async () => setList(await fetchTokens()));
  useEffect(load, []);

  const add = (token: MadeToken) => {
    setMaking(token);
    setList((before) => [token, ...before ?? []]);
  };
  const revoked = (id: TokenId) => {
    setList((before) => before?.map((one) => (one.id === id ? { ...one, revokedAt: new Date().toISOString() } : one)));
    setRevoking(undefined);
  };
  const [live, over] = split(list ?? [], now.value);
  return (
    <Page title="Access tokens" lede="Keys for scripts that speak to Sconce in your name." narrow
      back={{ href: paths.settings, label: 'Settings' }}>
      {making === 'idle' && (
        <div class="actions">
          <Button kind="main" icon={Plus} onClick={() => setMaking('form')}>Make a token</Button>
        </div>
      )}
      {making === 'form' && <MakeToken onMade={add} onCancel={() => setMaking('idle')} />}
      {typeof making === 'object' && (
        <ShownOnce what="The new token" title={making.name} secret={making.token} onDone={() => setMaking('idle')}>
          Copy it now. It is shown this once and cannot be shown again.
        </ShownOnce>
      )}
      {loading.failure && <Note kind="alarm">{loading.failure.detail} <Button onClick={load}>Try again</Button></Note>}
      {live.length > 0 && (
        <Section title="In use">
          <ul class="stack">
            {live.map((token) => <TokenCard key={token.id} token={token} now={now.value} onEnd={() => setRevoking(token)} />)}
          </ul>
        </Section>
      )}
      {over.length > 0 && (
        <Section title="Ended">
          <ul class="stack">{over.map((token) => <TokenCard key={token.id} token={token} now={now.value} />)}</ul>
        </Section>
      )}
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(undefined)} onDone={revoked} />}
    </Page>
  );
}

function split(all: Token[], now: number): [live: Token[], over: Token[]] {
  return [all.filter((token) => !ended(token, now)), all.filter((token) => ended(token, now))];
}

function Revoke({ token, onClose, onDone }: { token: Token; onClose: () => void; onDone: (id: TokenId) => void }) {
  const revoking = useAction();
  const revoke = () => void revoking.run(() => revokeToken(token.id)).then((ok) => {
    if (!ok) return;
    announce(`${token.name} is revoked.`);
    onDone(token.id);
  });
  return (
    <Sheet title={`Revoke ${token.name}?`} onClose={onClose}>
      <p>Whatever uses it stops working at once. It can’t be brought back; you can make a new one.</p>
      {revoking.failure && <Note kind="alarm">{revoking.failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="alarm" busy={revoking.busy} onClick={revoke}>{revoking.busy ? 'Revoking…' : 'Revoke it'}</Button>
      </div>
    </Sheet>
  );
}
