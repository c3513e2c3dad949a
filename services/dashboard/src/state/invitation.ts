import { signal } from '@preact/signals';
import { paths } from './router.ts';

/** The secret of the invitation that was opened; '' for a link without one, undefined if none was opened. */
export const invitationSecret = signal<string>();

/** Whether somebody who is signed in wants to use it themselves. Until then it is not read: it may be meant for another. */
export const invitationIsMine = signal(false);

/** It is taken out of the address before anything is shown: who looks into the history later finds no invitation. */
function take() {
  if (location.pathname !== paths.invitation) return;
  const secret = location.hash.slice(1);
  // Opened anew without its secret, as by a reload: what was read before still stands.
  if (!secret && invitationSecret.peek()) return;
  history.replaceState(history.state, '', paths.invitation);
  invitationSecret.value = secret;
  invitationIsMine.value = false;
}

/** Reads the link with which the page was opened, and any that is put into the address bar later. */
export function takeInvitations() {
  take();
  addEventListener('hashchange', take);
}
