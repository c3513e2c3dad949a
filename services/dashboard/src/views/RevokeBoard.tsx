import type { RevokeResult } from '@sconce/protocol/certificates-api';
import type { Device, Outlet } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { revokeDevice } from '../api/calls.ts';
import type { Failure } from '../api/client.ts';
import { Button } from '../design/Button.tsx';
import { Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { outlets } from '../state/outlets.ts';
import { useAction } from './action.ts';
import { Command } from './Command.tsx';
import { cutWords } from './words/certificate.ts';
import { spaced } from './words/device.ts';
import { count } from './words/times.ts';

/** Keeps a board out for good. It stands above the list, since the board moves in it as soon as it is done. */
export function RevokeBoard({ device, onClose }: { device: Device; onClose: () => void }) {
  const [result, setResult] = useState<RevokeResult>();
  const revoking = useAction();
  const own = [...outlets.value?.values() ?? []].filter((outlet) => outlet.device.id === device.id);
  const revoke = () => void revoking.run(async () => {
    const done = await revokeDevice(device.id);
    setResult(done);
    announce(done.ms === null ? `${called(device)} is revoked, but perhaps not cut off yet.` : cutWords(done.ms));
  });
  return (
    <Sheet title={result ? `${called(device)} is revoked` : `Revoke ${called(device)}?`} onClose={onClose}>
      {result ? <RevokedFace device={device} result={result} onClose={onClose} />
        : <RevokeFace device={device} outlets={own} busy={revoking.busy} failure={revoking.failure} onRevoke={revoke} onClose={onClose} />}
    </Sheet>
  );
}

const called = ({ name, id }: Device) => name ?? `board ${spaced(id).slice(0, 9)}…`;
/** What the scripts know it by: its id, since its name there is that of its minting. */
const byHand = ({ id }: Device) => `make pki-revoke DEVICE=${id}`;

interface AskProps {
  device: Device; outlets: Outlet[]; busy: boolean; failure: Failure | undefined; onRevoke: () => void; onClose: () => void;
}

/** What comes of it, before it is too late. */
export function RevokeFace({ device, outlets, busy, failure, onRevoke, onClose }: AskProps) {
  return (
    <>
      <p>
        <strong>This cannot be undone.</strong> The board is cut off within seconds, wherever it is, and can never connect
        again.
      </p>
      <ul class="tips">
        <li>{outlets.length === 0 ? 'It has no outlets.'
          : `${outlets.length === 1 ? 'Its outlet' : `Its ${count(outlets.length, 'outlet')}`} can no longer be switched from here: ${outlets.map(({ name }) => name).join(', ')}.`}
        </li>
        <li>Other boards stay connected.</li>
        <li>To use it again, give it a new identity and flash it: it comes back as a new board.</li>
      </ul>
      <p class="quiet">For a board that was stolen, lost or sold, or whose key somebody may have copied.</p>
      {failure && <NotRevoked device={device} failure={failure} />}
      <div class="pair">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="alarm" busy={busy} onClick={onRevoke}>{busy ? 'Cutting it off…' : 'Revoke now'}</Button>
      </div>
    </>
  );
}

function NotRevoked({ device, failure }: { device: Device; failure: Failure }) {
  // Whether it was done is not known where no answer came; doing it once more does no harm.
  return (
    <>
      <Note kind="alarm">{failure.detail}</Note>
      {failure.code !== 'forbidden' && <><p>On the server it may still work:</p><Command text={byHand(device)} /></>}
    </>
  );
}

export function RevokedFace({ device, result: { ms, why }, onClose }: { device: Device; result: RevokeResult; onClose: () => void }) {
  return (
    <>
      {ms === null ? (
        <>
          <Note kind="alarm"><strong>Revoked, but perhaps not cut off yet.</strong> {why ?? 'Neither broker nor gate has said so.'}</Note>
          <p>On the server, this says how it stands, and does it again where need be:</p>
          <Command text={byHand(device)} />
        </>
      ) : <p><strong>{cutWords(ms)}</strong> {why ?? 'It cannot come back.'}</p>}
      <Button kind="main" wide onClick={onClose}>Done</Button>
    </>
  );
}
