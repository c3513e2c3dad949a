import { parseArgs } from 'node:util';
import type { DoctorReport } from '@sconce/protocol/doctor';
import { allChecks } from './checks/all.ts';
import { demoEnvironment } from './config/demo.ts';
import { readConfig } from './config.ts';
import { gather } from './report/gather.ts';
import { textOf, title } from './report/text.ts';

const help = `Looks at the whole of Sconce from both ends, and says what is wrong, why, and what to do.

  node doctor/src/main.ts [--board NAME] [--json] [--demo FOLDER]

  --board NAME   a board that will not connect: its name, its id, or a folder that make pki has made
  --json         the report for programs (services/protocol/src/doctor.ts)
  --demo FOLDER  looks at what make demo has started, whose state lies there; else at what the environment says
  --help

Ends with 0 if all is well, 1 if something is to be looked at, 2 if something is broken. services/doctor/README.md
has the variables of its environment.`;

/** By the worst of the findings. */
const statuses: Record<DoctorReport['worst'], number> = { ok: 0, skipped: 0, warning: 1, problem: 2 };

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { board: { type: 'string' }, json: { type: 'boolean', default: false },
    demo: { type: 'string' }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const config = readConfig(values.demo === undefined ? process.env : demoEnvironment(values.demo));
  // Make hands over an empty DEVICE where none was given.
  const board = values.board === '' ? undefined : values.board;
  const report = await gather(allChecks(config, board), {
    first: board === undefined ? undefined : 'boards',
    secrets: config.secrets,
    onArea: (area, findings) => {
      if (process.stderr.isTTY) console.error(`  ${title(area)}: ${findings.length} looked at`);
    },
  });
  if (process.stderr.isTTY) console.error();
  console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report, {
    colour: process.stdout.isTTY && !process.env.NO_COLOR, columns: Math.min(process.stdout.columns || 100, 110) }));
  return statuses[report.worst];
}

try {
  // What was given up (a name server that is silent, say) must not hold up the end.
  process.exitCode = await run();
  setTimeout(() => process.exit(), 500).unref();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  // As sysexits.h: it was asked in a way that it does not understand.
  process.exitCode = 64;
}
