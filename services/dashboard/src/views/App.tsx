import type { ComponentType } from 'preact';
import { CircuitBoard, House, Settings as Cog, Unplug, Users } from 'lucide';
import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ButtonLink } from '../design/Button.tsx';
import { Empty } from '../design/Page.tsx';
import { Alone, Shell } from '../design/Shell.tsx';
import { announcement } from '../state/announce.ts';
import { boardsInReach, link } from '../state/connection.ts';
import { adoptedDevices, newDevices } from '../state/devices.ts';
import { invitationIsMine } from '../state/invitation.ts';
import { waiting } from '../state/people.ts';
import { here, paths, route, type Route } from '../state/router.ts';
import { isAdmin, session } from '../state/session.ts';
import { Audit } from './Audit.tsx';
import { Boards } from './Boards.tsx';
import { Home } from './Home.tsx';
import { AlreadyIn, InvitationPage } from './InvitationPage.tsx';
import { Invite } from './Invite.tsx';
import { EditOutlet, NewOutletPage } from './OutletPages.tsx';
import { People } from './People.tsx';
import { Settings } from './Settings.tsx';
import { Deactivated, GuestEnded, Pending, SignIn } from './SignIn.tsx';
import { Tokens } from './Tokens.tsx';

/** Admins adopt boards; others see those that they manage as a whole, if there are any. */
const hasBoards = computed(() => isAdmin.value || adoptedDevices.value.length > 0);

export function App() {
  useStartOfPage(route.value);
  return (
    <>
      <Whole route={route.value} />
      <div class="visually-hidden" role="status" aria-live="polite">{announcement.value}</div>
    </>
  );
}

function Whole({ route }: { route: Route }) {
  if (route.page === 'design') return <Design />;
  const who = session.value;
  switch (who.kind) {
    case 'starting': return (
      <div class="late"><Alone title="Sconce"><p class="quiet">Looking for your lamps…</p></Alone></div>
    );
    case 'unreachable': return (
      <Alone title="Sconce can’t be reached">
        <p class="quiet">Your Sconce server does not answer. Check that this device is online. Trying again…</p>
      </Alone>
    );
    case 'signed-out': return route.page === 'invitation' ? <InvitationPage /> : <SignIn problem={route.page === 'sign-in' ? route.problem : undefined}
      returnTo={route.page === 'sign-in' ? paths.home : here.value} />;
    case 'deactivated': return <Deactivated me={who.me} />;
    case 'guest_ended': return route.page === 'invitation' ? <InvitationPage /> : <GuestEnded me={who.me} />;
    case 'pending': return route.page === 'invitation' ? <InvitationPage />
      : <Pending me={who.me} problem={route.page === 'sign-in' ? route.problem : undefined} />;
    case 'active': return route.page === 'invitation' && invitationIsMine.value ? <InvitationPage />
      : <Shell tabs={tabs(route)} banner={banner()}><Inside route={route} /></Shell>;
  }
}

function Inside({ route }: { route: Route }) {
  switch (route.page) {
    case 'home': return <Home details={route.details} sharing={route.sharing} />;
    case 'sign-in': return <Home />;
    case 'boards': return hasBoards.value ? <Boards /> : <NotFound />;
    case 'people': return isAdmin.value ? <People /> : <NotFound />;
    case 'invite': return isAdmin.value ? <Invite /> : <NotFound />;
    case 'invitation': return <AlreadyIn />;
    case 'new-outlet': return <NewOutletPage board={route.board} />;
    case 'edit-outlet': return <EditOutlet id={route.outlet} />;
    case 'settings': return <Settings />;
    case 'tokens': return <Tokens />;
    case 'audit': return isAdmin.value ? <Audit /> : <NotFound />;
    case 'design':
    case 'not-found': return <NotFound />;
  }
}

function tabs({ page }: Route) {
  const fresh = newDevices.value.length;
  const boards = {
    href: paths.boards, label: 'Boards', icon: CircuitBoard, current: page === 'boards' || page === 'new-outlet',
    news: fresh > 0 ? `${fresh} new` : undefined,
  };
  const knocking = waiting.value.length;
  const people = {
    href: paths.people, label: 'People', icon: Users, current: page === 'people' || page === 'invite',
    ...knocking > 0 && { news: `${knocking} waiting`, count: knocking },
  };
  return [
    { href: paths.home, label: 'Home', icon: House, current: page === 'home' || page === 'edit-outlet' },
    ...hasBoards.value ? [boards] : [],
    ...isAdmin.value ? [people] : [],
    { href: paths.settings, label: 'Settings', icon: Cog, current: page === 'settings' || page === 'tokens' || page === 'audit' },
  ];
}

function banner() {
  if (link.value === 'lost') return 'Can’t reach your Sconce server. Trying again…';
  if (!boardsInReach.value) return 'The server has lost touch with its boards. It is reconnecting by itself.';
  return undefined;
}

function NotFound() {
  return (
    <Empty whole icon={Unplug} title="There is nothing here"
      action={<ButtonLink href={paths.home} kind="main">Go to the lamps</ButtonLink>}>
      The page may have moved, or it is not for your account.
    </Empty>
  );
}

const titles: Record<Route['page'], string> = {
  'home': 'Home', 'boards': 'Boards', 'people': 'People', 'invite': 'Invite somebody', 'new-outlet': 'Add an outlet',
  'edit-outlet': 'Change an outlet', 'settings': 'Settings', 'tokens': 'Access tokens', 'audit': 'What happened',
  'sign-in': 'Sign in', 'invitation': 'Invitation', 'design': 'Design', 'not-found': 'Not found',
};

let shown: Route['page'] | undefined;

/** A new page begins at its heading, for the eye and for a screen reader. The very first is left to the browser. */
function useStartOfPage({ page }: Route) {
  useEffect(() => {
    document.title = `${titles[page]} · Sconce`;
    if (shown && shown !== page) document.querySelector('h1')?.focus({ preventScroll: true });
    shown = page;
  }, [page]);
}

const designPage = signal<ComponentType | undefined>(undefined);

/** Loaded when it is looked at: nobody's phone carries the fixtures about. */
function Design() {
  useEffect(() => {
    void import('./design-page/DesignPage.tsx').then((module) => { designPage.value = module.DesignPage; });
  }, []);
  const Page = designPage.value;
  return Page ? <Page /> : null;
}
