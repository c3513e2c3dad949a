import type { Warning, WarningWay } from '../domain/warnings.ts';

/** A way to tell somebody who is not looking. */
export type Way = {
  readonly name: WarningWay;
  /** @throws in words, without secrets, if it did not get there: then it is tried again */
  tell(warnings: readonly Warning[]): Promise<void>;
};
