import type { Icon as IconName } from '@sconce/protocol/http';
import type { Scene } from '@sconce/protocol/radio-api';
import { limits } from '@sconce/protocol/limits';
import { Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { addScene, changeScene, removeScene } from '../../api/calls.ts';
import { Failure } from '../../api/client.ts';
import { Button } from '../../design/Button.tsx';
import { Choice, Form, TextField } from '../../design/Field.tsx';
import { Empty, Note, Page } from '../../design/Page.tsx';
import { Sheet } from '../../design/Sheet.tsx';
import { announce } from '../../state/announce.ts';
import { outlets, rooms } from '../../state/outlets.ts';
import { leave, paths } from '../../state/router.ts';
import { dropScene, putScene, type SceneStep, scenes } from '../../state/scenes.ts';
import { errorAt, errorElsewhere, named, useAction } from '../action.ts';
import { iconChoices } from '../icons.ts';
import { StepRows } from './StepRows.tsx';

/** Makes a scene, or with `id` changes that one. */
export function SceneEditor({ id }: { id: string | undefined }) {
  const scene = scenes.value.find((one) => one.id === id);
  if (id !== undefined && !scene) {
    return (
      <Empty whole icon={Trash2} title="This scene is not here">
        It may have been removed in the meantime. <a href={paths.scenes}>Go to the scenes</a>
      </Empty>
    );
  }
  return <Editor key={id} scene={scene} />;
}

function Editor({ scene }: { scene: Scene | undefined }) {
  const [name, setName] = useState(scene?.name ?? '');
  const [icon, setIcon] = useState<IconName>(scene?.icon ?? 'lights');
  const [steps, setSteps] = useState<SceneStep[]>(scene?.steps ?? []);
  const [removing, setRemoving] = useState(false);
  const saving = useAction();
  const all = rooms.value.flatMap((room) => room.outlets);

  const submit = () => void saving.run(async () => {
    const body = { name: named(name), icon, steps: kept(steps) };
    putScene(await (scene ? changeScene(scene.id, body) : addScene(body)));
    announce(`${body.name} is saved.`);
    leave(paths.scenes);
  });
  return (
    <Page title={scene?.name ?? 'Make a scene'} narrow back={{ href: paths.scenes, label: 'Scenes' }}>
      <Form onSubmit={submit} error={errorElsewhere(saving.failure, ['name', 'icon', 'steps'])}>
        <TextField label="Name" value={name} onInput={setName} error={errorAt(saving.failure, 'name')}
          hint="What stands on its button, for example “Evening”." />
        <Choice legend="Icon" options={iconChoices} iconsOnly value={icon} onChange={setIcon} />
        <StepRows outlets={all} steps={steps} onChange={setSteps} error={errorAt(saving.failure, 'steps')} />
        <Button kind="main" type="submit" wide busy={saving.busy}>{saving.busy ? 'Saving…' : 'Save'}</Button>
      </Form>
      {scene && <Button icon={Trash2} wide onClick={() => setRemoving(true)}>Remove this scene</Button>}
      {removing && scene && <RemoveScene scene={scene} onClose={() => setRemoving(false)} />}
    </Page>
  );
}

/** What is there still, in words at home where nothing is left to set. */
function kept(steps: SceneStep[]): SceneStep[] {
  const there = steps.filter(({ outletId }) => outlets.peek()?.has(outletId));
  const wrong = there.length === 0 ? 'Choose at least one outlet.'
    : there.length > limits.sceneSteps ? `At most ${limits.sceneSteps} outlets.` : undefined;
  if (wrong === undefined) return there;
  throw new Failure({ code: 'invalid_request', status: 0, detail: wrong, fields: [{ path: 'steps', message: wrong }] });
}

function RemoveScene({ scene, onClose }: { scene: Scene; onClose: () => void }) {
  const removing = useAction();
  const remove = () => void removing.run(() => removeScene(scene.id)).then((ok) => {
    if (!ok) return;
    announce(`${scene.name} is removed.`);
    leave(paths.scenes);
    dropScene(scene.id);
  });
  return (
    <Sheet title={`Remove ${scene.name}?`} onClose={onClose}>
      <p>Its button goes. The outlets stay as they are.</p>
      {removing.failure && <Note kind="alarm">{removing.failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="alarm" busy={removing.busy} onClick={remove}>{removing.busy ? 'Removing…' : 'Remove it'}</Button>
      </div>
    </Sheet>
  );
}
