import t from 'tap';
import { boards } from './doctor/boards.ts';
import { holdToItsWords } from './doctor/table.ts';

/* Boards that will not connect: by their files, and by what the gate has seen of them. */
await holdToItsWords(t, boards);
