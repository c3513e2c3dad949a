import { ChevronRight, Plus, Sunset } from 'lucide';
import { ButtonLink } from '../../design/Button.tsx';
import { Icon } from '../../design/Icon.tsx';
import { Empty, Page } from '../../design/Page.tsx';
import { paths } from '../../state/router.ts';
import { scenes } from '../../state/scenes.ts';
import { outletIcon } from '../icons.ts';
import { stepsWords } from '../words/scene.ts';

/** For admins: the household's scenes. */
export function ScenesPage() {
  const add = <ButtonLink kind="main" icon={Plus} href={paths.newScene}>Make a scene</ButtonLink>;
  return (
    <Page title="Scenes" lede="Several lamps in one tap, as “Evening” or “Film”." narrow
      back={{ href: paths.home, label: 'Home' }}>
      {scenes.value.length === 0 && (
        <Empty icon={Sunset} title="No scenes yet" action={add}>
          Choose which lamps go on and which go off, and give it a name. It then stands above the rooms.
        </Empty>
      )}
      {scenes.value.length > 0 && (
        <>
          <div class="card">
            <ul class="rows">
              {scenes.value.map((scene) => (
                <li key={scene.id}>
                  <a class="row-link" href={paths.editScene(scene.id)} aria-label={`Change ${scene.name}`}>
                    <Icon node={outletIcon(scene.icon)} />
                    <span>{scene.name} <span class="quiet">{stepsWords(scene.steps)}</span></span>
                    <Icon node={ChevronRight} />
                  </a>
                </li>
              ))}
            </ul>
          </div>
          {add}
        </>
      )}
    </Page>
  );
}
