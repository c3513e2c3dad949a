import { computed, signal } from '@preact/signals';

/** Where the person is. Ids come from the address bar, so they are only ever compared, never trusted. */
export type Route =
  | { page: 'home'; details?: string; sharing?: true }
  | { page: 'boards' }
  | { page: 'people' }
  | { page: 'invite' }
  | { page: 'new-outlet'; board: string; way?: Way | undefined; on?: string | undefined }
  | { page: 'import'; board: string }
  | { page: 'radio'; board: string }
  | { page: 'scenes' }
  | { page: 'edit-scene'; scene: string | undefined }
  | { page: 'edit-outlet'; outlet: string }
  | { page: 'settings' }
  | { page: 'tokens' }
  | { page: 'audit' }
  | { page: 'certificates' }
  | { page: 'doctor' }
  | { page: 'sign-in'; problem: string | undefined }
  | { page: 'invitation' }
  | { page: 'design' }
  | { page: 'not-found' };

/** How an outlet comes to its codes. */
export const ways = ['learn', 'pair', 'switches', 'codes'] as const;
export type Way = (typeof ways)[number];

/** The addresses, both ways. */
export const paths = {
  home: '/',
  details: (outlet: string) => `/outlets/${outlet}`,
  sharing: (outlet: string) => `/outlets/${outlet}/sharing`,
  boards: '/boards',
  people: '/people',
  invite: '/people/invite',
  newOutlet: (board: string, way?: Way) => `/boards/${board}/new-outlet${way ? `/${way}` : ''}`,
  /** From a code that was heard, as `words/radio.ts` writes it. */
  learnFrom: (board: string, on: string) => `/boards/${board}/new-outlet/learn?on=${on}`,
  import: (board: string) => `/boards/${board}/import`,
  radio: (board: string) => `/boards/${board}/radio`,
  scenes: '/scenes',
  newScene: '/scenes/new',
  editScene: (scene: string) => `/scenes/${scene}`,
  editOutlet: (outlet: string) => `/outlets/${outlet}/edit`,
  settings: '/settings',
  tokens: '/settings/tokens',
  audit: '/settings/what-happened',
  certificates: '/settings/certificates',
  doctor: '/settings/doctor',
  invitation: '/invitation',
  signedOut: '/sign-in?problem=not_signed_in',
  design: '/design',
};

export function routeOf({ pathname, searchParams }: URL): Route {
  const [first, second, third, fourth, more] = pathname.split('/').filter(Boolean);
  if (first === 'boards' && second && third === 'new-outlet' && !more) {
    const way = ways.find((one) => one === fourth);
    if (fourth && !way) return { page: 'not-found' };
    const on = searchParams.get('on') ?? undefined;
    return { page: 'new-outlet', board: second, ...way && { way }, ...on !== undefined && { on } };
  }
  if (fourth) return { page: 'not-found' };
  if (!first) return { page: 'home' };
  if (first === 'outlets' && second) {
    if (!third) return { page: 'home', details: second };
    if (third === 'sharing') return { page: 'home', details: second, sharing: true };
    if (third === 'edit') return { page: 'edit-outlet', outlet: second };
  }
  if (first === 'boards' && second && (third === 'import' || third === 'radio')) return { page: third, board: second };
  if (first === 'scenes' && !third) {
    if (!second) return { page: 'scenes' };
    return { page: 'edit-scene', scene: second === 'new' ? undefined : second };
  }
  if (first === 'people' && second === 'invite' && !third) return { page: 'invite' };
  if (first === 'settings' && second === 'tokens' && !third) return { page: 'tokens' };
  if (first === 'settings' && second === 'what-happened' && !third) return { page: 'audit' };
  if (first === 'settings' && (second === 'certificates' || second === 'doctor') && !third) return { page: second };
  if (second) return { page: 'not-found' };
  if (first === 'boards' || first === 'people' || first === 'settings' || first === 'design') return { page: first };
  if (first === 'invitation') return { page: first };
  if (first === 'sign-in') return { page: first, problem: searchParams.get('problem') ?? undefined };
  return { page: 'not-found' };
}

const address = signal(new URL(globalThis.location?.href ?? 'http://localhost/'));
export const route = computed(() => routeOf(address.value));
/** Path and query, to come back to after signing in. */
export const here = computed(() => address.value.pathname + address.value.search);

const read = () => { address.value = new URL(location.href); };

/** Goes to a page of ours. `replace`: the page left is not one to come back to. */
export function navigate(path: string, { replace = false } = {}) {
  const from = route.peek().page;
  if (replace) history.replaceState(history.state, '', path);
  else history.pushState({ inside: true }, '', path);
  read();
  if (route.peek().page !== from) scrollTo(0, 0);
}

/** Back where the person came from; to `path` if they came by a link from outside. */
export function leave(path: string) {
  if ((history.state as { inside?: boolean } | null)?.inside) history.back();
  else navigate(path, { replace: true });
}

/** Lets plain links lead to pages without loading anew. Other servers' and the API's own pages load as ever. */
export function followLinks() {
  addEventListener('popstate', read);
  addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented) return;
    if (link.origin !== location.origin || link.target || link.hasAttribute('data-native')) return;
    if (/^\/(api|auth)\//.test(link.pathname)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}
