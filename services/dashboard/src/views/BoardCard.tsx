import type { CertificateView } from '@sconce/protocol/certificates-api';
import type { Device, Outlet } from '@sconce/protocol/http';
import { ChevronRight, Plus, Wifi, WifiHigh, WifiLow, WifiZero } from 'lucide';
import { useState } from 'preact/hooks';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Icon } from '../design/Icon.tsx';
import { Fact, Facts, Note } from '../design/Page.tsx';
import { certificateOf, certificates } from '../state/certificates.ts';
import { now } from '../state/clock.ts';
import { outlets } from '../state/outlets.ts';
import { paths } from '../state/router.ts';
import { isAdmin } from '../state/session.ts';
import { Blink } from './Blink.tsx';
import { ForgetBoard, RenameBoard } from './BoardSheets.tsx';
import { outletIcon } from './icons.ts';
import { ShareBoard } from './SharingSheets.tsx';
import { renewalWords } from './words/certificate.ts';
import { certificate, make, presence, running, signalWords, strength, type Strength } from './words/device.ts';
import './boards.css';

/** `onRevoke`: for admins. */
export function BoardCard({ device, onRevoke }: { device: Device; onRevoke: () => void }) {
  const [sheet, setSheet] = useState<'rename' | 'share' | 'forget'>();
  const own = [...outlets.value?.values() ?? []].filter((outlet) => outlet.device.id === device.id);
  const name = device.name ?? 'this board';
  return (
    <article class="card" aria-label={name}>
      <BoardFace device={device} now={now.value} known={certificateOf(certificates.value.value?.certificates ?? [], device.id)} />
      <BoardOutlets device={device} own={own} />
      <div class="actions">
        <Blink device={device} />
        {device.capabilities.includes('rf.receive') && (
          <ButtonLink href={paths.radio(device.id)} label={`What ${name} hears`}>On the air</ButtonLink>
        )}
        <Button label={`Rename ${name}`} onClick={() => setSheet('rename')}>Rename</Button>
        {isAdmin.value && (
          <>
            <Button label={`Share the whole ${name}`} onClick={() => setSheet('share')}>Share…</Button>
            <Button label={`Forget ${name}`} onClick={() => setSheet('forget')}>Forget</Button>
            <Button label={`Revoke ${name}`} onClick={onRevoke}>Revoke…</Button>
          </>
        )}
      </div>
      {sheet === 'rename' && <RenameBoard device={device} onClose={() => setSheet(undefined)} />}
      {sheet === 'share' && <ShareBoard device={device} onClose={() => setSheet(undefined)} />}
      {sheet === 'forget' && <ForgetBoard device={device} outlets={own} onClose={() => setSheet(undefined)} />}
    </article>
  );
}

/** How a board is: what is well stays quiet, what needs a person stands out. `known`: its certificate, for admins. */
export function BoardFace({ device, now, known }: { device: Device; now: number; known?: CertificateView | undefined }) {
  const ending = device.certificateNotAfter && certificate(device.certificateNotAfter, now);
  return (
    <>
      <header class="board-head">
        <h2>{device.name}</h2>
        <p class="board-presence" data-online={device.online}>{presence(device, now)}</p>
      </header>
      <Facts>
        <Fact term="Signal">{device.rssi === null ? 'Not measured yet' : <Signal rssi={device.rssi} />}</Fact>
        <Fact term="Certificate" note={renewal(device, known, now)}>
          {ending ? <span data-urgency={ending.urgency}>{ending.words}</span> : 'Not known yet'}
        </Fact>
        <Fact term="Make">{make(device)}</Fact>
        {running(device) && <Fact term="Running">{running(device)}</Fact>}
      </Facts>
      {device.lastError && <Note kind="plain"><strong>Last error:</strong> {device.lastError}</Note>}
    </>
  );
}

/** Of firmware that cannot renew it must not be said that it does. */
const renewal = (device: Device, known: CertificateView | undefined, now: number) => (device.capabilities.includes('renew')
  ? known && renewalWords(known, now) : device.firmware !== null ? 'This firmware cannot renew it: update the board.' : undefined);

const bars: Record<Strength, typeof Wifi> = { strong: Wifi, good: WifiHigh, weak: WifiLow, poor: WifiZero };

function Signal({ rssi }: { rssi: number }) {
  const how = strength(rssi);
  return (
    <span class="board-signal">
      <span class="board-bars" data-how={how}><Icon node={Wifi} /><Icon node={bars[how]} /></span>
      {signalWords(rssi)}
    </span>
  );
}

function BoardOutlets({ device, own }: { device: Device; own: Outlet[] }) {
  const href = paths.newOutlet(device.id);
  const label = `Add an outlet to ${device.name ?? 'this board'}`;
  return (
    <div>
      {own.length > 0 && (
        <ul class="rows">
          {own.map((outlet) => (
            <li key={outlet.id}>
              <a class="row-link" href={paths.editOutlet(outlet.id)} aria-label={`Change ${outlet.name}`}>
                <Icon node={outletIcon(outlet.icon)} />
                <span>{outlet.name} {outlet.room && <span class="quiet">{outlet.room}</span>}</span>
                <Icon node={ChevronRight} />
              </a>
            </li>
          ))}
          <li><a class="row-link" href={href} aria-label={label}><Icon node={Plus} /><span>Add an outlet</span></a></li>
        </ul>
      )}
      {own.length === 0 && (
        <ButtonLink kind="main" icon={Plus} wide href={href} label={label}>Add its first outlet</ButtonLink>
      )}
    </div>
  );
}
