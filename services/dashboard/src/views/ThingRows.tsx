import type { Right } from '@sconce/protocol/http';
import type { NamedThing } from '@sconce/protocol/sharing';
import { CircuitBoard } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Icon } from '../design/Icon.tsx';
import { type Access, accessOf, type BoardThings, outletThing } from '../state/sharing.ts';
import { outletIcon } from './icons.ts';
import './sharing.css';

interface Row { thing: NamedThing; lead: ComponentChildren; name: string; note: string | undefined; access: Access }

interface ThingRowsProps {
  things: BoardThings[];
  /** By `keyOf`. */
  rights: ReadonlyMap<string, Right>;
  children: (row: Row) => ComponentChildren;
}

/** Everything that can be shared, board by board: the whole of it first, then what hangs on it. */
export function ThingRows({ things, rights, children }: ThingRowsProps) {
  return (
    <div class="things">
      {things.map(({ board, outlets }) => (
        <section key={board.id} aria-label={board.name}>
          <h3>{board.name}</h3>
          <ul class="rows">
            {children({
              thing: board, lead: <Icon node={CircuitBoard} />, name: 'The whole board',
              note: 'Later outlets too', access: accessOf(rights, board),
            })}
            {outlets.map((outlet) => children({
              thing: outletThing(outlet), lead: <Icon node={outletIcon(outlet.icon)} />, name: outlet.name,
              note: outlet.room ?? undefined, access: accessOf(rights, outletThing(outlet), board.id),
            }))}
          </ul>
        </section>
      ))}
    </div>
  );
}
