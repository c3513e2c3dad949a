import type { Certificates } from '@sconce/protocol/certificates-api';
import { RefreshCw } from 'lucide';
import { Icon } from '../../design/Icon.tsx';
import { Section } from '../../design/Page.tsx';
import { Progress } from '../../design/Progress.tsx';
import { devices } from '../../state/devices.ts';
import { now } from '../../state/clock.ts';
import { Command } from '../Command.tsx';
import { presence, spaced } from '../words/device.ts';
import { rotationWords } from '../words/lives.ts';

/** A change of an authority that is under way: how far, who is waited for, and what to type next. */
export function RotationFace({ rotation }: { rotation: NonNullable<Certificates['rotation']> }) {
  const { title, words, progress, next } = rotationWords(rotation);
  return (
    <Section title="Under way">
      <div class="card need">
        <Icon node={RefreshCw} />
        <div>
          <h3>{title}</h3>
          <p>{words}</p>
          {progress && <Progress done={rotation.moved} all={rotation.of} label={title} />}
          {progress && <p class="quiet">{progress}</p>}
          {rotation.waiting.length > 0 && (
            <details class="form-more">
              <summary>{`Waiting for ${rotation.waiting.length === 1 ? 'one board' : `${rotation.waiting.length} boards`}`}</summary>
              <ul class="tips">{rotation.waiting.map((id) => <Waiting key={id} id={id} />)}</ul>
            </details>
          )}
          {next && <><p>Next, on the server:</p><Command text={next} /></>}
        </div>
      </div>
    </Section>
  );
}

function Waiting({ id }: { id: NonNullable<Certificates['rotation']>['waiting'][number] }) {
  const device = devices.value?.get(id);
  if (!device) return <li><code>{spaced(id)}</code></li>;
  return <li>{device.name ?? <code>{spaced(id)}</code>} <span class="quiet">{presence(device, now.value)}</span></li>;
}
