import type { Icon } from '@sconce/protocol/http';
import {
  Coffee, Fan, Heater, Lamp, LampCeiling, LampDesk, LampFloor, Lightbulb, Plug, Spotlight, TreePine, Tv,
} from 'lucide';
import type { IconNode } from '../design/Icon.tsx';

/** What an outlet can look like, and what that is called. */
export const outletIcons: Record<Icon, { node: IconNode; label: string }> = {
  'lamp': { node: Lamp, label: 'Table lamp' },
  'lamp-floor': { node: LampFloor, label: 'Floor lamp' },
  'lamp-desk': { node: LampDesk, label: 'Desk lamp' },
  'lamp-ceiling': { node: LampCeiling, label: 'Ceiling lamp' },
  'lightbulb': { node: Lightbulb, label: 'Bulb' },
  'lights': { node: Spotlight, label: 'Lights' },
  'plug': { node: Plug, label: 'Plug' },
  'fan': { node: Fan, label: 'Fan' },
  'heater': { node: Heater, label: 'Heater' },
  'tv': { node: Tv, label: 'Television' },
  'coffee': { node: Coffee, label: 'Coffee machine' },
  'tree': { node: TreePine, label: 'Tree' },
};

/** A server newer than this page may know more of them. */
export const outletIcon = (icon: Icon): IconNode => (outletIcons[icon] as { node: IconNode } | undefined)?.node ?? Plug;

/** All of them, to choose from. */
export const iconChoices = Object.entries(outletIcons)
  .map(([value, { node, label }]) => ({ value: value as Icon, icon: node, label }));
