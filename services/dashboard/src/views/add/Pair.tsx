import type { Control, Device } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { useEffect, useState } from 'preact/hooks';
import { freshCodes, transmit } from '../../api/calls.ts';
import { asFailure, type Failure } from '../../api/client.ts';
import { Page } from '../../design/Page.tsx';
import { leave, paths } from '../../state/router.ts';
import { useAction } from '../action.ts';
import { Finish } from './Finish.tsx';
import { type PairState, PairFace } from './PairFace.tsx';
import { useStepStart } from './step.ts';

type RfControl = Extract<Control, { kind: 'rf' }>;

/** Teaches a socket a pair of codes that nothing else here has. */
export function Pair({ device }: { device: Device }) {
  const [control, setControl] = useState<RfControl>();
  const [trouble, setTrouble] = useState<Failure>();
  const [sent, setSent] = useState(0);
  const [step, setStep] = useState<'send' | 'gave-up' | 'clicked'>('send');
  const sending = useAction();
  useStepStart(step);

  const fetch = () => {
    setTrouble(undefined);
    freshCodes(device.id).then(({ control }) => { if (control.kind === 'rf') setControl(control); },
      (error: unknown) => setTrouble(asFailure(error)));
  };
  useEffect(fetch, [device.id]);

  if (control && step === 'clicked') {
    return <Finish device={device} control={control} first="test" onBack={() => setStep('send')} />;
  }
  // As long as a board may send in a row: a socket that learns wants to hear the code for a second or two.
  const send = () => void sending.run(async () => {
    if (control) await transmit(device.id, { ...control.on, repeat: limits.rfRepeat.max });
    setSent((times) => times + 1);
  });
  const state: PairState = trouble ? { at: 'no-codes', failure: trouble }
    : step === 'gave-up' ? { at: 'gave-up' }
    : { at: sent > 0 ? 'sent' : 'ready', busy: sending.busy || !control, failure: sending.failure };
  return (
    <Page title="Teach it a new code" narrow lede={`${device.name ?? 'The board'} will send it.`}
      back={{ href: paths.newOutlet(device.id), label: 'Add an outlet' }}>
      <PairFace state={state} onSend={send} onClicked={() => setStep('clicked')} onGiveUp={() => setStep('gave-up')}
        onFetch={fetch} onAgain={() => { setStep('send'); setSent(0); }}
        onLeave={() => leave(paths.newOutlet(device.id))} />
    </Page>
  );
}
