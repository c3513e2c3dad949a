import { useEffect } from 'preact/hooks';

/** The next step of one page begins at its heading, for the eye and for a screen reader, as a page of its own would. */
export function useStepStart(step: string) {
  useEffect(() => {
    scrollTo(0, 0);
    document.querySelector('h1')?.focus({ preventScroll: true });
  }, [step]);
}
