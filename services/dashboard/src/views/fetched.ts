import { useEffect, useRef, useState } from 'preact/hooks';
import { asFailure, type Failure } from '../api/client.ts';
import { auditNews } from '../state/audit.ts';

/** Milliseconds in which news gather before they are fetched: one tap is several events. */
const gatherMs = 400;

export interface Fetched { failure: Failure | undefined; load: () => void }

/** Fetches at once, and again when the log has grown: no event speaks of shares and invitations, but the log does. */
export function useFetched(fetch: () => Promise<void>): Fetched {
  const [failure, setFailure] = useState<Failure>();
  const first = useRef(true);
  const news = auditNews.value;
  const load = () => void fetch().then(() => setFailure(undefined), (error: unknown) => setFailure(asFailure(error)));
  useEffect(() => {
    const timer = setTimeout(load, first.current ? 0 : gatherMs);
    first.current = false;
    return () => clearTimeout(timer);
  }, [news]);
  return { failure, load };
}
