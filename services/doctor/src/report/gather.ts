import { areas, severities, type Area, type DoctorReport } from '@sconce/protocol/doctor';
import { findingsOf, type Finding } from '../finding.ts';
import { within } from '../probe/within.ts';
import { withCauses } from './causes.ts';

/** Something that is looked at; several may belong to one area. */
export type Check = { area: Area; look(): Finding[] | Promise<Finding[]> };

/** Milliseconds for one check: each has deadlines of its own for what it asks. */
const patienceMs = 12_000;

/**
 * Looks at everything at once; no fault of one keeps the others from being told.
 * @param onArea is told of each area when it is done
 */
export async function gather(checks: readonly Check[], { first, secrets, onArea }:
  { first: Area | undefined; secrets: readonly string[]; onArea(area: Area,
    findings: Finding[]): void }): Promise<DoctorReport> {
  const wanted = areas.filter((area) => checks.some((check) => check.area === area));
  const each = await Promise.all(wanted.map(async (area) => {
    const found = (await Promise.all(checks.filter((check) => check.area === area).map(looked))).flat();
    onArea(area, found);
    return found;
  }));
  const findings = inOrder(withCauses(each.flat()), first).map((finding) => without(finding, secrets));
  return { at: Date.now(), worst: findings[0]?.severity ?? 'ok', findings };
}

async function looked({ area, look }: Check): Promise<Finding[]> {
  try {
    return await within(patienceMs, (async () => look())());
  } catch (error) {
    return [findingsOf(area).warning('doctor_failed', area, {
      what: `This part could not be looked at: ${error instanceof Error ? error.message : String(error)}.`,
      why: 'It took too long, or the doctor has a fault.', do: 'make doctor JSON=yes, and report it' })];
  }
}

/** The gravest first; then in the order in which one thing rests upon another. */
function inOrder(findings: Finding[], first: Area | undefined): Finding[] {
  const rank = ({ severity, area }: Finding) => -100 * severities.indexOf(severity)
    + (area === first ? -1 : areas.indexOf(area));
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

/** Whatever a library said in an error: a password is not printed. */
function without(finding: Finding, secrets: readonly string[]): Finding {
  const clean = (text: string) => secrets.reduce((said, secret) => said.replaceAll(secret, '…'), text);
  return { ...finding, subject: clean(finding.subject),
    what: clean(finding.what),
    why: clean(finding.why),
    do: clean(finding.do) };
}
