import type { Run, Scene } from '@sconce/protocol/radio-api';
import type { Outlet } from '@sconce/protocol/http';
import { Pencil, Plus, PowerOff, X } from 'lucide';
import { Button, ButtonLink, IconButton } from '../../design/Button.tsx';
import { Progress } from '../../design/Progress.tsx';
import { announce } from '../../state/announce.ts';
import { now } from '../../state/clock.ts';
import { outlets } from '../../state/outlets.ts';
import { paths } from '../../state/router.ts';
import { allOff, failures, type Going, going, isDone, passedOver, putAway, runScene, scenes } from '../../state/scenes.ts';
import { isAdmin } from '../../state/session.ts';
import { outletIcon } from '../icons.ts';
import { troubleWords } from '../words/outlet.ts';
import { goingWords, passedOverWords } from '../words/scene.ts';
import './scenes.css';

/** What sets several outlets in one tap, above the rooms. */
export function SceneBar() {
  const many = (outlets.value?.size ?? 0) > 1;
  if (!many && scenes.value.length === 0) return null;
  const busy = going.value !== undefined && !going.value.over;
  return (
    <SceneChips scenes={scenes.value} busy={busy} onRun={(scene) => void say(runScene(scene))}
      {...many && { onAllOff: () => void say(allOff('All off')) }} manage={isAdmin.value} />
  );
}

interface SceneChipsProps {
  scenes: Scene[];
  busy: boolean;
  onRun: (scene: Scene) => void;
  onAllOff?: () => void;
  /** Whether to lead to where they are made and changed. */
  manage: boolean;
}

export function SceneChips({ scenes, busy, onRun, onAllOff, manage }: SceneChipsProps) {
  return (
    <div class="scene-chips" role="group" aria-label="Scenes">
      {scenes.map((scene) => (
        <Button key={scene.id} icon={outletIcon(scene.icon)} busy={busy} onClick={() => onRun(scene)}>{scene.name}</Button>
      ))}
      {onAllOff && (
        <Button icon={PowerOff} busy={busy} onClick={onAllOff} label="All off in the house">All off</Button>
      )}
      {manage && (scenes.length > 0
        ? <ButtonLink kind="bare" icon={Pencil} href={paths.scenes}>Scenes</ButtonLink>
        : <ButtonLink kind="bare" icon={Plus} href={paths.newScene}>Make a scene</ButtonLink>)}
    </div>
  );
}

/** For a room. */
export function RoomOff({ room, name }: { room: string | null; name: string }) {
  const busy = going.value !== undefined && !going.value.over;
  return (
    <Button kind="bare" busy={busy} label={`All off: ${name}`} onClick={() => void say(allOff(`${name}: all off`, room))}>
      All off
    </Button>
  );
}

/** Says the end to those who do not see the bar. */
async function say(end: Promise<Going | undefined>) {
  const over = await end;
  if (over) announce([`${over.title}: ${goingWords(over)}.`, passedOverWords(passedOver.peek())].filter(Boolean).join(' '));
}

/** How far it is, at the thumb; then what failed, until it is put away. */
export function GoingBar() {
  const now_ = going.value;
  return now_ ? <GoingFace going={now_} failed={failures.value} passedOver={passedOver.value} now={now.value} onPutAway={putAway} /> : null;
}

interface GoingFaceProps {
  going: Going;
  failed: { step: Run['steps'][number]; outlet: Outlet | undefined }[];
  /** Names. */
  passedOver: string[];
  now: number;
  onPutAway: () => void;
}

export function GoingFace({ going, failed, passedOver, now, onPutAway }: GoingFaceProps) {
  const steps = going.run?.steps ?? [];
  const wrong = going.failure !== undefined || failed.length > 0;
  return (
    <section class="going" aria-label={going.title} data-wrong={going.over && wrong}>
      <header>
        <p><strong>{going.title}</strong> <span class="going-words">{goingWords(going)}</span></p>
        {going.over && <IconButton icon={X} label="Put away" onClick={onPutAway} />}
      </header>
      {!going.over && <Progress label={going.title} done={steps.filter(isDone).length} all={steps.length} />}
      {going.over && passedOver.length > 0 && <p class="going-words">{passedOverWords(passedOver)}</p>}
      {failed.length > 0 && (
        <ul>
          {failed.map(({ step, outlet }) => (
            <li key={step.outletId}>
              <strong>{outlet?.name ?? 'A removed outlet'}:</strong> {troubleOf(step, outlet, now)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function troubleOf({ on, problem }: Run['steps'][number], outlet: Outlet | undefined, now: number): string {
  if (!problem) return 'It did not work.';
  return outlet ? troubleWords(outlet, { on, failure: problem }, now) : problem.detail;
}
