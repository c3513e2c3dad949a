import { CircuitBoard, House, Settings as Cog, Unplug, Users } from 'lucide';
import { computed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ButtonLink } from '../design/Button.tsx';
import { Empty } from '../design/Page.tsx';
import { Alone, Shell } from '../design/Shell.tsx';
import { announcement } from '../state/announce.ts';
import { boardsInReach, link } from '../state/connection.ts';
import { turnedAway } from '../state/certificates.ts';
import { adoptedDevices, newDevices, revokedDevices } from '../state/devices.ts';
import { invitationIsMine } from '../state/invitation.ts';
import { waiting } from '../state/people.ts';
import { here, paths, route, type Route } from '../state/router.ts';
import { isAdmin, session } from '../state/session.ts';
import { Audit } from './Audit.tsx';
import { Home } from './Home.tsx';
import { AlreadyIn, InvitationPage } from './InvitationPage.tsx';
import { Invite } from './Invite.tsx';
import { lazy } from './lazy.tsx';
import { EditOutlet } from './OutletPages.tsx';
import { People } from './People.tsx';
import { Settings } from './Settings.tsx';
import { Deactivated, GuestEnded, Pending, SignIn } from './SignIn.tsx';
import { Tokens } from './Tokens.tsx';

/** Admins adopt boards; others see those that they manage as a whole, if there are any. */
const hasBoards = computed(() => isAdmin.value || adoptedDevices.value.length + revokedDevices.value.length > 0);

const Design = lazy(() => import('./design-page/DesignPage.tsx').then((module) => module.DesignPage));
const Boards = lazy(() => import('./Boards.tsx').then((module) => module.Boards));
const AddOutlet = lazy(() => import('./add/AddOutlet.tsx').then((module) => module.AddOutlet));
const Import = lazy(() => import('./radio/ImportPage.tsx').then((module) => module.ImportPage));
const RadioPage = lazy(() => import('./radio/RadioPage.tsx').then((module) => module.RadioPage));
const ScenesPage = lazy(() => import('./scenes/ScenesPage.tsx').then((module) => module.ScenesPage));
const SceneEditor = lazy(() => import('./scenes/SceneEditor.tsx').then((module) => module.SceneEditor));

const CertificatesPage = lazy(() => import('./certificates/CertificatesPage.tsx').then((module) => module.CertificatesPage));
const DoctorPage = lazy(() => import('./doctor/DoctorPage.tsx').then((module) => module.DoctorPage));

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
    case 'new-outlet': return <AddOutlet key={`${route.board} ${route.way}`} board={route.board} way={route.way} on={route.on} />;
    case 'import': return <Import board={route.board} />;
    case 'radio': return <RadioPage board={route.board} />;
    case 'scenes': return isAdmin.value ? <ScenesPage /> : <NotFound />;
    case 'edit-scene': return isAdmin.value ? <SceneEditor id={route.scene} /> : <NotFound />;
    case 'edit-outlet': return <EditOutlet id={route.outlet} />;
    case 'settings': return <Settings />;
    case 'tokens': return <Tokens />;
    case 'audit': return isAdmin.value ? <Audit /> : <NotFound />;
    case 'certificates': return isAdmin.value ? <CertificatesPage /> : <NotFound />;
    case 'doctor': return isAdmin.value ? <DoctorPage /> : <NotFound />;
    case 'design':
    case 'not-found': return <NotFound />;
  }
}

const homePages = new Set<Route['page']>(['home', 'edit-outlet', 'scenes', 'edit-scene']);
const boardPages = new Set<Route['page']>(['boards', 'new-outlet', 'import', 'radio']);
const settingsPages = new Set<Route['page']>(['settings', 'tokens', 'audit', 'certificates', 'doctor']);

function tabs({ page }: Route) {
  const fresh = newDevices.value.length;
  const away = turnedAway.value.ours.length;
  const boards = {
    href: paths.boards, label: 'Boards', icon: CircuitBoard, current: boardPages.has(page),
    news: [fresh > 0 && `${fresh} new`, away > 0 && `${away} turned away`].filter(Boolean).join(', ') || undefined,
  };
  const knocking = waiting.value.length;
  const people = {
    href: paths.people, label: 'People', icon: Users, current: page === 'people' || page === 'invite',
    ...knocking > 0 && { news: `${knocking} waiting`, count: knocking },
  };
  return [
    { href: paths.home, label: 'Home', icon: House, current: homePages.has(page) },
    ...hasBoards.value ? [boards] : [],
    ...isAdmin.value ? [people] : [],
    { href: paths.settings, label: 'Settings', icon: Cog, current: settingsPages.has(page) },
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
  'edit-outlet': 'Change an outlet', 'import': 'Import outlets', 'radio': 'On the air', 'scenes': 'Scenes',
  'edit-scene': 'A scene', 'settings': 'Settings', 'tokens': 'Access tokens', 'audit': 'What happened',
  'certificates': 'Certificates', 'doctor': 'Doctor',
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
