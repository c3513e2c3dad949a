import type { Right } from '@sconce/protocol/http';
import type { MadeInvitation, NamedThing } from '@sconce/protocol/sharing';
import { useState } from 'preact/hooks';
import { invite } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Choice, Form, TextField } from '../design/Field.tsx';
import { Page } from '../design/Page.tsx';
import { now } from '../state/clock.ts';
import { leave, paths } from '../state/router.ts';
import { type BoardThings, chosen, keyOf, putInvitation, things } from '../state/sharing.ts';
import { errorAt, errorElsewhere, named, useAction } from './action.ts';
import { RightRow } from './RightRow.tsx';
import { changeOf, RoleFields, type RightsDraft } from './RoleFields.tsx';
import { ShownOnce } from './ShownOnce.tsx';
import { ThingRows } from './ThingRows.tsx';
import { invitationGives, invitationLife } from './words/sharing.ts';

const lifetimes = [
  { value: '24', label: 'A day' },
  { value: '72', label: '3 days' },
  { value: '168', label: 'A week' },
  { value: '720', label: '30 days' },
];

/** Makes a link that lets somebody in. The link is on this page alone, and gone with it. */
export function Invite() {
  const [made, setMade] = useState<MadeInvitation>();
  const back = { href: paths.people, label: 'People' };
  if (!made) {
    return (
      <Page title="Invite somebody" back={back} narrow
        lede="A link that you send them. Whoever opens it first and signs in is let in.">
        <InviteForm things={things.value} onMade={setMade} />
      </Page>
    );
  }
  return (
    <Page title={`The link for ${made.name}`} back={back} narrow lede={invitationGives(made, now.value)}>
      <MadeLink made={made} now={now.value} onDone={() => leave(paths.people)} />
    </Page>
  );
}

export function MadeLink({ made, now, onDone }: { made: MadeInvitation; now: number; onDone: () => void }) {
  return (
    <ShownOnce what="The link" title="Send it to them now" secret={made.link} onDone={onDone}
      share={{ text: 'Here is your invitation to our lamps.' }}>
      It lets in whoever opens it first, once, and cannot be shown again. {invitationLife(made, now)} If they are beside
      you, let them point their camera at the code.
    </ShownOnce>
  );
}

interface FormProps { things: BoardThings[]; onMade: (made: MadeInvitation) => void }

export function InviteForm({ things, onMade }: FormProps) {
  const [name, setName] = useState('');
  const [rights, setRights] = useState<RightsDraft>({ role: 'member', stay: 'tonight', date: '', kept: undefined });
  const [shares, setShares] = useState<ReadonlyMap<string, Right>>(new Map());
  const [hours, setHours] = useState('72');
  const making = useAction();
  const choose = (thing: NamedThing, right: Right | undefined) => {
    const next = new Map(shares);
    if (right) next.set(keyOf(thing), right);
    else next.delete(keyOf(thing));
    setShares(next);
  };
  const submit = () => void making.run(async () => {
    const { role = rights.role, guestUntil = null } = changeOf(rights, Date.now());
    const { link, ...made } = await invite({
      name: named(name), role, guestUntil, hours: Number(hours),
      shares: role === 'admin' ? [] : chosen(things, shares),
    });
    // What is kept in the list is kept without the link.
    putInvitation(made);
    onMade({ ...made, link });
  });
  const error = (path: string) => errorAt(making.failure, path);
  return (
    <Form onSubmit={submit} error={errorElsewhere(making.failure, ['name', 'guestUntil', 'hours'])}>
      <TextField label="Name" value={name} onInput={setName} error={error('name')} autoFocus
        hint="Whom it is for, as you call them. They read it too." />
      <RoleFields rights={rights} onChange={setRights} now={now.value} error={error('guestUntil')} />
      {rights.role !== 'admin' && (
        <fieldset class="field">
          <legend class="field-label">What they may use</legend>
          {things.length === 0 && <p class="field-hint">There is nothing to share yet. You can do it later.</p>}
          <ThingRows things={things} rights={shares}>
            {({ thing, ...row }) => (
              <RightRow key={thing.id} {...row} label={row.name === thing.name ? thing.name : `The whole ${thing.name}`}
                onChange={(right) => choose(thing, right)} />
            )}
          </ThingRows>
        </fieldset>
      )}
      <Choice legend="The link works for" options={lifetimes} value={hours} onChange={setHours} error={error('hours')} />
      <Button kind="main" type="submit" wide busy={making.busy}>{making.busy ? 'Making the link…' : 'Make the link'}</Button>
    </Form>
  );
}
