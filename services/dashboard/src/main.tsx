import { render } from 'preact';
import './design/base.css';
import { startClock } from './state/clock.ts';
import { takeInvitations } from './state/invitation.ts';
import { followLinks } from './state/router.ts';
import { startSync } from './state/sync.ts';
import { App } from './views/App.tsx';

const root = document.getElementById('app');
if (root) {
  takeInvitations();
  startClock();
  followLinks();
  startSync();
  render(<App />, root);
}
