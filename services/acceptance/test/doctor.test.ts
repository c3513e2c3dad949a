import t from 'tap';
import { parts } from './doctor/parts.ts';
import { holdToItsWords } from './doctor/table.ts';

/* Parts of Sconce that are down or not where one looks for them, and the machine itself. */
await holdToItsWords(t, parts);
