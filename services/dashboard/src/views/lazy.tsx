import { TriangleAlert } from 'lucide';
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../design/Button.tsx';
import { Empty } from '../design/Page.tsx';

/**
 * A page that is loaded when it is first gone to: what is seldom used nobody's phone carries about.
 * `load` gives the component; it is called again after a failure.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [state, setState] = useState<'loading' | 'failed' | 'here'>(loaded ? 'here' : 'loading');
    useEffect(() => {
      if (state !== 'loading') return;
      load().then((component) => {
        loaded = component;
        setState('here');
      }, () => setState('failed'));
    }, [state]);
    // The page that was left had the focus; the heading that it would go to came only now.
    useEffect(() => {
      if (document.activeElement === document.body) document.querySelector('h1')?.focus({ preventScroll: true });
    }, [state]);
    if (state === 'failed') return <NotLoaded />;
    const Component = loaded;
    return Component ? <Component {...props} /> : <p class="late quiet" role="status">Loading…</p>;
  };
}

/** Offline, or the server was updated since this page was opened and has the file under another name. */
function NotLoaded() {
  return (
    <Empty whole icon={TriangleAlert} title="This page could not be loaded"
      action={<Button kind="main" onClick={() => location.reload()}>Load it anew</Button>}>
      Your Sconce server does not answer, or it was updated in the meantime.
    </Empty>
  );
}
