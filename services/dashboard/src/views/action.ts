import { useState } from 'preact/hooks';
import { asFailure, Failure } from '../api/client.ts';

/** One thing a person can start and that may fail: a form sent, a button pressed. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  /** Runs the task; true when it succeeded. Does nothing while one is under way. */
  async function run(task: () => Promise<unknown>): Promise<boolean> {
    if (busy) return false;
    setBusy(true);
    setFailure(undefined);
    try {
      await task();
      return true;
    } catch (error) {
      setFailure(asFailure(error));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, failure, run };
}

/** A name as it is sent. Here, not by the server, since the words for "nothing at all" are better at home. */
export function named(text: string): string {
  const name = text.trim();
  if (name) return name;
  const fields = [{ path: 'name', message: 'It needs a name.' }];
  throw new Failure({ code: 'invalid_request', status: 0, detail: 'A name is missing.', fields });
}

/** The message for the field at `path`, as the server gave it. */
export function errorAt(failure: Failure | undefined, path: string): string | undefined {
  if (failure?.code === 'name_taken' && path === 'name') return failure.detail;
  return failure?.fields.find((field) => field.path === path)?.message;
}

/** What is wrong and belongs to none of the fields that the form shows. */
export function errorElsewhere(failure: Failure | undefined, shown: readonly string[]): string | undefined {
  if (!failure || shown.some((path) => errorAt(failure, path))) return undefined;
  const [first] = failure.fields;
  return first ? `${failure.detail} (${first.path}: ${first.message})` : failure.detail;
}
