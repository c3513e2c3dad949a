import t from 'tap';
import { files } from './doctor/files.ts';
import { holdToItsWords } from './doctor/table.ts';

/* Certificates, keys and revocation lists on the server. */
await holdToItsWords(t, files);
