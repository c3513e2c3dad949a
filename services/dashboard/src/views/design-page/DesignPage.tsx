import { Bell, Pencil, Trash2 } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button, ButtonLink, IconButton } from '../../design/Button.tsx';
import { Choice, Form, MultiChoice, TextField } from '../../design/Field.tsx';
import { Icon } from '../../design/Icon.tsx';
import { Empty, Fact, Facts, Note, Page, Section } from '../../design/Page.tsx';
import { Sheet } from '../../design/Sheet.tsx';
import { paths } from '../../state/router.ts';
import { AuditDays } from '../AuditDays.tsx';
import { BoardFace } from '../BoardCard.tsx';
import { outletIcons } from '../icons.ts';
import { SessionCard, TokenCard } from '../KeyCard.tsx';
import { OutletFace } from '../OutletTile.tsx';
import { Newcomer, PersonRow } from '../People.tsx';
import { RoleFields, type RightsDraft } from '../RoleFields.tsx';
import { SignInWays } from '../SignIn.tsx';
import { ended } from '../words/token.ts';
import { auditSamples, deviceSamples, issuerSamples, moment, outletSamples, personSamples } from './fixtures.ts';
import { sessionSamples, tokenSamples } from './key-fixtures.ts';
import { Certificates, Doctor, Revoking, TurnedAway, Warned } from './CertificateSamples.tsx';
import { Foundations } from './Foundations.tsx';
import { Learning, OnTheAir, Pairing, Scenes, SwitchesOnSockets } from './RadioSamples.tsx';
import { Invitations, Sharing } from './SharingSamples.tsx';
import { Sample } from './Sample.tsx';
import './design-page.css';

/** Every component in every state, in both themes at once; the same components that the other pages use. */
export function DesignPage() {
  return (
    <main class="design">
      <Page title="Design" back={{ href: paths.settings, label: 'Settings' }}
        lede="Calm, warm, one-handed. The ground is dusk; the only warm thing on a page is a lamp that is on.">
        <Both title="Signing in"><SignInPages /></Both>
        <Both title="Tiles"><Tiles /></Both>
        <Both title="Scenes"><Scenes /></Both>
        <Both title="Boards"><Boards /></Both>
        <Both title="Turned away"><TurnedAway /></Both>
        <Both title="Revoking a board"><Revoking /></Both>
        <Both title="Certificates"><Certificates /></Both>
        <Both title="Warnings"><Warned /></Both>
        <Both title="Doctor"><Doctor /></Both>
        <Both title="Learning a remote"><Learning /></Both>
        <Both title="Teaching a socket"><Pairing /></Both>
        <Both title="Switches on sockets"><SwitchesOnSockets /></Both>
        <Both title="On the air"><OnTheAir /></Both>
        <Both title="Browsers and tokens"><Keys /></Both>
        <Both title="People"><People /></Both>
        <Both title="Sharing"><Sharing /></Both>
        <Both title="Invitations"><Invitations /></Both>
        <Both title="What happened"><AuditDays entries={auditSamples} now={moment} onShow={nothing} /></Both>
        <Both title="Buttons"><Buttons /></Both>
        <Both title="Fields"><Fields /></Both>
        <Both title="Words"><Words /></Both>
        <Foundations both={Both} />
      </Page>
    </main>
  );
}

function Both({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <Section title={title}>
      <div class="design-both">
        <div class="design-side" data-theme="light">{children}</div>
        <div class="design-side" data-theme="dark">{children}</div>
      </div>
    </Section>
  );
}

const nothing = () => {};

const SignInPages = () => (
  <>
    {issuerSamples.map(({ what, issuers }) => (
      <Sample key={what} what={what}><SignInWays issuers={issuers} returnTo={paths.design} /></Sample>
    ))}
  </>
);

const Tiles = () => (
  <>
    {outletSamples.map(({ what, outlet, attempt }) => (
      <Sample key={what} what={what}>
        <OutletFace outlet={outlet} attempt={attempt} now={moment} onSwitch={nothing} onDetails={nothing} />
      </Sample>
    ))}
  </>
);

const Boards = () => (
  <>
    {deviceSamples.map(({ what, device, known }) => (
      <Sample key={what} what={what}><article class="card"><BoardFace device={device} now={moment} known={known} /></article></Sample>
    ))}
  </>
);

function People() {
  const [rights, setRights] = useState<RightsDraft>({ role: 'guest', stay: 'tonight', date: '', kept: undefined });
  return (
    <>
      {personSamples.map(({ what, person, you = false, bare = false }) => (
        <Sample key={what} what={what}>
          {person.state === 'pending'
            ? <Newcomer person={person} now={moment} onLetIn={nothing} onRefuse={nothing} />
            : <div class="card"><PersonRow person={person} now={moment} you={you} bare={bare} onOpen={nothing} /></div>}
        </Sample>
      ))}
      <Sample what="Being let in">
        <Form onSubmit={nothing}><RoleFields rights={rights} onChange={setRights} now={moment} /></Form>
      </Sample>
    </>
  );
}
const Keys = () => (
  <>
    {sessionSamples.map(({ what, session, busy = false }) => (
      <Sample key={what} what={what}>
        <ul class="stack"><SessionCard session={session} now={moment} busy={busy} onEnd={nothing} /></ul>
      </Sample>
    ))}
    {tokenSamples.map(({ what, token }) => (
      <Sample key={what} what={what}>
        <ul class="stack">
          <TokenCard token={token} now={moment} onEnd={ended(token, moment) ? undefined : nothing} />
        </ul>
      </Sample>
    ))}
  </>
);

function Buttons() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div class="actions">
        <Button kind="main">Main</Button>
        <Button>Plain</Button>
        <Button kind="bare">Bare</Button>
        <Button kind="alarm">Takes away</Button>
        <Button busy>Saving…</Button>
        <Button icon={Pencil}>With an icon</Button>
        <ButtonLink href={paths.design}>A link</ButtonLink>
        <IconButton icon={Trash2} label="An icon alone" onClick={nothing} />
        <Button onClick={() => setOpen(true)}>Open a sheet</Button>
      </div>
      {open && (
        <Sheet title="A sheet" subtitle="From the bottom, at the thumb" onClose={() => setOpen(false)}>
          <p>Escape, the cross and a tap beside it close it. The focus goes back to where it was.</p>
        </Sheet>
      )}
    </>
  );
}

function Fields() {
  const [text, setText] = useState('Reading lamp');
  const [icon, setIcon] = useState('lamp');
  const [way, setWay] = useState('system');
  const [some, setSome] = useState(['read']);
  return (
    <Form onSubmit={nothing}>
      <TextField label="Name" value={text} onInput={setText} hint="What the family calls it." />
      <TextField label="Code for on" kind="number" value="12x" onInput={nothing}
        error="A whole number from 0 to 16777215." />
      <Choice legend="Icon" iconsOnly value={icon} onChange={setIcon}
        options={Object.entries(outletIcons).map(([value, { node, label }]) => ({ value, label, icon: node }))} />
      <Choice legend="Appearance" value={way} onChange={setWay}
        options={['system', 'light', 'dark'].map((value) => ({ value, label: value }))} />
      <MultiChoice legend="It may" value={some} onChange={setSome}
        options={[{ value: 'read', label: 'See' }, { value: 'switch', label: 'Switch' }]} />
    </Form>
  );
}

const Words = () => (
  <>
    <p class="banner">Can’t reach your Sconce server. Trying again…</p>
    <Note>Something to know before going on.</Note>
    <div class="note" data-kind="alarm"><Icon node={Bell} /><div>Something that went wrong, and what to do.</div></div>
    <Facts>
      <Fact term="State" note="Assumed: this was the last thing sent.">Switched on, 18:04</Fact>
      <Fact term="Last command" note="By Maya, 26 minutes ago">On. Sent in 31 ms</Fact>
    </Facts>
    <Empty icon={Bell} title="Nothing here yet" action={<Button kind="main">The next step</Button>}>
      Why, and what to do next.
    </Empty>
  </>
);
