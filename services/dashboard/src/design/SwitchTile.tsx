import { Ellipsis } from 'lucide';
import { useId } from 'preact/hooks';
import { Button, IconButton } from './Button.tsx';
import { Icon, type IconNode } from './Icon.tsx';
import './switch-tile.css';

export type Look = 'on' | 'off' | 'unknown';
/** How sure the state is, drawn as a ring about the icon. */
export type Ring = 'assumed' | 'confirmed' | 'busy' | 'none';

export interface SwitchTileProps {
  name: string;
  icon: IconNode;
  look: Look;
  ring: Ring;
  /** The state in words: colour is never the only sign. */
  words: string;
  /** What is said with the words, and not seen: "assumed". */
  spoken?: string;
  /** Out of reach for now. It can be tapped all the same: the server knows better than the page. */
  away?: boolean;
  /** What went wrong, in words, and how to try again. */
  trouble?: { words: string; retry: () => void };
  onSwitch: () => void;
  onDetails: () => void;
}

/** A thing that is on or off, as one large switch. Its accessible name is `name`, its description the words. */
export function SwitchTile(tile: SwitchTileProps) {
  const id = useId();
  return (
    <article class="tile" data-look={tile.look} data-away={tile.away || undefined}>
      <div class="tile-main">
        <button class="tile-switch" type="button" role="switch" aria-checked={tile.look === 'on'}
          aria-labelledby={`${id}-name`} aria-describedby={tile.trouble ? `${id}-state ${id}-trouble` : `${id}-state`}
          aria-busy={tile.ring === 'busy'} onClick={tile.onSwitch}>
          <Disc icon={tile.icon} look={tile.look} ring={tile.ring} />
          <span class="tile-words">
            <span class="tile-name" id={`${id}-name`}>{tile.name}</span>
            <span class="tile-state" id={`${id}-state`}>
              {tile.words}{tile.spoken && <span class="visually-hidden">, {tile.spoken}</span>}
            </span>
          </span>
        </button>
        <span class="tile-details">
          <IconButton icon={Ellipsis} label={`Details of ${tile.name}`} onClick={tile.onDetails} />
        </span>
      </div>
      {tile.trouble && (
        <div class="tile-trouble">
          <p id={`${id}-trouble`}>{tile.trouble.words}</p>
          <Button onClick={tile.trouble.retry} label={`Try again: ${tile.name}`}>Try again</Button>
        </div>
      )}
    </article>
  );
}

/** The icon on its round plate. */
export function Disc({ icon, look, ring }: { icon: IconNode; look: Look; ring: Ring }) {
  return (
    <span class="disc" data-look={look} data-ring={ring}>
      {ring !== 'none' && (
        <svg class="disc-ring" viewBox="0 0 58 58" aria-hidden="true"><circle cx="29" cy="29" r="28" /></svg>
      )}
      <Icon node={icon} size={24} />
    </span>
  );
}
