import type { Control, Device } from '@sconce/protocol/http';
import { codesOf } from '@sconce/protocol/switch-codes';
import { useState } from 'preact/hooks';
import { Button } from '../../design/Button.tsx';
import { Page } from '../../design/Page.tsx';
import { paths } from '../../state/router.ts';
import { CodeChip } from '../radio/CodeChip.tsx';
import { Finish } from './Finish.tsx';
import { useStepStart } from './step.ts';
import { freshSwitches, switchesOf } from './switches-draft.ts';
import { SwitchesFace } from './SwitchesFace.tsx';

/** A socket that takes its code from switches: they are set here as they are there. */
export function Switches({ device }: { device: Device }) {
  const [draft, setDraft] = useState(freshSwitches);
  const [control, setControl] = useState<Control>();
  useStepStart(control ? 'test' : 'set');
  if (control) return <Finish device={device} control={control} first="test" onBack={() => setControl(undefined)} />;
  const switches = switchesOf(draft);
  const codes = switches && codesOf(switches);
  return (
    <Page title="Set them as on the socket" narrow lede="They are often under a lid on its back. Its remote has the same ones."
      back={{ href: paths.newOutlet(device.id), label: 'Add an outlet' }}>
      <div class="form">
        <SwitchesFace draft={draft} onChange={setDraft} />
        {codes && <CodeChip code={codes.on} title="Its code for on" />}
        <Button kind="main" wide busy={!codes} onClick={() => { if (codes) setControl({ kind: 'rf', ...codes, repeat: 10 }); }}>
          {codes ? 'Next: try it' : 'Both words are needed'}
        </Button>
      </div>
    </Page>
  );
}
