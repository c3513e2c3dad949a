import type { Config } from '../config.ts';
import type { Area, Finding } from '../finding.ts';
import { authorities } from './authorities.ts';
import { authority } from './authority.ts';
import { board } from './board.ts';
import { boards } from './boards.ts';
import { broker } from './broker.ts';
import { certificates } from './certificates.ts';
import { clock } from './clock.ts';
import { database } from './database.ts';
import { machine } from './machine.ts';
import { names } from './names.ts';
import { published } from './published.ts';
import { signIn } from './sign-in.ts';
import { trustSet } from './trust.ts';
import { web } from './web.ts';

type Check = { area: Area; look(): Finding[] | Promise<Finding[]> };

/** Everything; or, for one board, what stands between it and the API. */
export function allChecks(config: Config, asked: string | undefined): Check[] {
  const forBoards: Check[] = [
    { area: 'machine', look: () => machine(config) },
    { area: 'names', look: () => names(config) },
    { area: 'clock', look: () => clock(config) },
    { area: 'certificates', look: () => [...certificates(config), ...authorities(config), ...trustSet(config)] },
    { area: 'certificates', look: () => authority(config) },
    { area: 'broker', look: () => broker(config) },
    { area: 'boards', look: () => asked === undefined ? boards(config) : board(config, asked) },
  ];
  return asked !== undefined ? forBoards : [...forBoards,
    { area: 'database', look: () => database(config) },
    { area: 'sign-in', look: () => signIn(config) },
    { area: 'web', look: () => web(config) },
    { area: 'web', look: () => published(config) },
  ];
}
