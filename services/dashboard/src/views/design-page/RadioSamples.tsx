import { Radio as RadioIcon } from 'lucide';
import { useState } from 'preact/hooks';
import { paths } from '../../state/router.ts';
import { ListenFace } from '../add/ListenFace.tsx';
import { PairFace } from '../add/PairFace.tsx';
import { freshSwitches, type SwitchesDraft } from '../add/switches-draft.ts';
import { SwitchesFace } from '../add/SwitchesFace.tsx';
import { TestFace } from '../add/TestFace.tsx';
import { WayRow } from '../add/Ways.tsx';
import { HeardList } from '../radio/HeardList.tsx';
import { ImportLines } from '../radio/ImportLines.tsx';
import { GoingFace, SceneChips } from '../scenes/SceneBar.tsx';
import { StepRows } from '../scenes/StepRows.tsx';
import { hallBoard, moment, outletSamples } from './fixtures.ts';
import {
  failedSteps, goingSamples, importSamples, listenSamples, pairSamples, pressSamples, sceneSamples, testSamples,
} from './radio-fixtures.ts';
import { Sample } from './Sample.tsx';

const nothing = () => {};

export const Learning = () => (
  <>
    <Sample what="A way to add an outlet">
      <WayRow icon={RadioIcon} title="It has a remote" href={paths.design}
        words="Press its buttons, and Sconce learns them. The remote keeps working." />
    </Sample>
    <Sample what="One that this board has not">
      <WayRow icon={RadioIcon} title="It has a remote" href={undefined} words="This board has no receiver, so it cannot hear a remote." />
    </Sample>
    {listenSamples.map(({ what, now, learned, before }) => (
      <Sample key={what} what={what}>
        <ListenFace which={before ? 'off' : 'on'} now={now} learned={learned} before={before} board="Hall board"
          pairHref={paths.design} onTake={nothing} onAgain={nothing} />
      </Sample>
    ))}
  </>
);

export const Pairing = () => (
  <>
    {pairSamples.map(({ what, state }) => (
      <Sample key={what} what={what}>
        <PairFace state={state} onFetch={nothing} onSend={nothing} onClicked={nothing} onGiveUp={nothing} onAgain={nothing}
          onLeave={nothing} />
      </Sample>
    ))}
    {testSamples.map(({ what, ...state }) => (
      <Sample key={what} what={`Test: ${what.toLowerCase()}`}>
        <TestFace {...state} board="Hall board" repeat={10} onSend={nothing} onWorks={nothing} onOftener={nothing} last="Yes, done" />
      </Sample>
    ))}
  </>
);

export const SwitchesOnSockets = () => (
  <>
    {(['dip', 'rotary', 'intertechno', 'rev', 'tri-state'] as const).map((kind) => <OneKind key={kind} kind={kind} />)}
  </>
);

function OneKind({ kind }: Pick<SwitchesDraft, 'kind'>) {
  const [draft, setDraft] = useState({ ...freshSwitches, kind });
  return <Sample what={kind}><SwitchesFace draft={draft} onChange={setDraft} /></Sample>;
}

export function Scenes() {
  const all = outletSamples.slice(0, 4).map(({ outlet }, at) => ({ ...outlet, id: sceneSteps[at]?.outletId ?? outlet.id }));
  const [steps, setSteps] = useState(sceneSteps.slice(0, 2));
  return (
    <>
      <Sample what="Above the rooms">
        <SceneChips scenes={sceneSamples} busy={false} onRun={nothing} onAllOff={nothing} manage />
      </Sample>
      <Sample what="While one is going">
        <SceneChips scenes={sceneSamples.slice(0, 1)} busy onRun={nothing} onAllOff={nothing} manage={false} />
      </Sample>
      {goingSamples.map(({ what, going }) => (
        <Sample key={what} what={what}>
          <GoingFace going={going} failed={failedSteps(going)} passedOver={going.run?.passedOver.length ? ['Fan'] : []} now={moment} onPutAway={nothing} />
        </Sample>
      ))}
      <Sample what="Being made"><StepRows outlets={all} steps={steps} onChange={setSteps} /></Sample>
      <Sample what="With nothing in it">
        <StepRows outlets={all.slice(0, 1)} steps={[]} onChange={nothing} error="Choose at least one outlet." />
      </Sample>
    </>
  );
}

const sceneSteps = goingSamples.flatMap(({ going }) => going.run?.steps ?? []).slice(0, 4).map(({ outletId, on }) => ({ outletId, on }));

export const OnTheAir = () => (
  <>
    <Sample what="What a board hears"><HeardList presses={pressSamples} board={hallBoard} paused={false} /></Sample>
    <Sample what="Nothing"><HeardList presses={[]} board={hallBoard} paused={false} /></Sample>
    {importSamples.map(({ what, result }) => (
      <Sample key={what} what={`Import: ${what.toLowerCase()}`}><ImportLines result={result} /></Sample>
    ))}
  </>
);
