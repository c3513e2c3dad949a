import type { Control, Device, Outlet } from '@sconce/protocol/http';
import { sameCode } from '@sconce/protocol/radio';
import { useState } from 'preact/hooks';
import { addOutlet, changeOutlet, transmit } from '../../api/calls.ts';
import { Button } from '../../design/Button.tsx';
import { Form } from '../../design/Field.tsx';
import { Page } from '../../design/Page.tsx';
import { announce } from '../../state/announce.ts';
import { outlets, putOutlet, switchOutlet } from '../../state/outlets.ts';
import { navigate, paths } from '../../state/router.ts';
import { errorAt, errorElsewhere, named, useAction } from '../action.ts';
import { type Naming, NameFields } from '../NameFields.tsx';
import { useStepStart } from './step.ts';
import { TestFace } from './TestFace.tsx';

type RfControl = Extract<Control, { kind: 'rf' }>;

interface FinishProps {
  device: Device;
  control: Control;
  /** What comes first, the name or the test: after a remote was learned there is little doubt that it works. */
  first: 'name' | 'test';
  /** Back to where the codes came from. */
  onBack: () => void;
}

/** The codes are there: a name for them, and the proof that they work. */
export function Finish({ device, control: given, first, onBack }: FinishProps) {
  const [control, setControl] = useState(given as RfControl);
  const [step, setStep] = useState<'name' | 'test'>(first);
  const [outlet, setOutlet] = useState<Outlet>();
  useStepStart(step);
  const done = () => navigate(paths.home, { replace: true });

  if (step === 'name') {
    return (
      <Name device={device} control={control} onBack={first === 'test' ? () => setStep('test') : onBack}
        onAdded={(added) => {
          setOutlet(added);
          if (first === 'test') done();
          else setStep('test');
        }} />
    );
  }
  return (
    <Test device={device} control={control} outlet={outlet && outlets.value?.get(outlet.id)}
      onRepeat={setControl} onBack={onBack} onWorks={() => (first === 'test' ? setStep('name') : done())} />
  );
}

function Name({ device, control, onBack, onAdded }:
  { device: Device; control: RfControl; onBack: () => void; onAdded: (outlet: Outlet) => void }) {
  const [naming, setNaming] = useState<Naming>({ name: '', room: '', icon: 'lamp' });
  const adding = useAction();
  const submit = () => void adding.run(async () => {
    const { icon, room } = naming;
    const added = await addOutlet({ deviceId: device.id, name: named(naming.name), room: room.trim() || null, icon, control });
    putOutlet(added);
    announce(`${added.name} is added.`);
    onAdded(added);
  });
  return (
    <Page title="What is it?" narrow back={{ href: paths.newOutlet(device.id), label: 'Add an outlet' }}>
      <Form onSubmit={submit} error={errorElsewhere(adding.failure, ['name', 'room', 'icon'])}>
        <NameFields value={naming} onChange={setNaming} error={(path) => errorAt(adding.failure, path)} />
        <Button kind="main" type="submit" wide busy={adding.busy}>{adding.busy ? 'Adding…' : 'Add it'}</Button>
        <Button wide kind="bare" onClick={onBack}>Back</Button>
      </Form>
    </Page>
  );
}

interface TestProps {
  device: Device;
  control: RfControl;
  /** Once it is added, it is switched as it will be ever after. */
  outlet: Outlet | undefined;
  onRepeat: (control: RfControl) => void;
  onWorks: () => void;
  onBack: () => void;
}

function Test({ device, control, outlet, onRepeat, onWorks, onBack }: TestProps) {
  const [sent, setSent] = useState<{ on: boolean; ms: number }>();
  const trying = useAction();
  const send = (on: boolean) => void trying.run(async () => {
    setSent(undefined);
    setSent({ on, ms: outlet ? await switched(outlet, on) : await sendCode(device, control, on) });
  });
  const oftener = () => void trying.run(async () => {
    const next = { ...control, repeat: control.repeat < 20 ? 20 : 40 };
    if (outlet) putOutlet(await changeOutlet(outlet.id, { control: next }));
    onRepeat(next);
  });
  return (
    <Page title="Does it switch?" narrow lede={outlet?.name}>
      <TestFace board={device.name ?? 'The board'} sent={sent} busy={trying.busy} failure={trying.failure} repeat={control.repeat}
        toggles={sameCode(control.on, control.off)} onSend={send} onWorks={onWorks} onOftener={oftener}
        last={outlet ? 'Yes, done' : 'Yes, give it a name'}
        {...!outlet && { onBack }} />
    </Page>
  );
}

const sendCode = async (device: Device, { on: codeOn, off: codeOff, repeat }: RfControl, on: boolean) =>
  (await transmit(device.id, { ...on ? codeOn : codeOff, repeat })).ms;

/** As a tap on its tile does it, so that the tile tells the truth afterwards. */
async function switched(outlet: Outlet, on: boolean): Promise<number> {
  const attempt = await switchOutlet(outlet.id, on);
  if (attempt?.phase === 'failed') throw attempt.failure;
  return attempt?.phase === 'sent' ? attempt.ms : 0;
}
