import type { Right } from '@sconce/protocol/http';
import { isAdmin, type Viewer } from './viewer.ts';

/** The stronger one comes first. */
const byStrength: readonly Right[] = ['manage', 'use'];

export const stronger = (one: Right, other: Right): Right =>
  byStrength.find((right) => right === one || right === other) ?? one;

/**
 * What this viewer may do with a thing; undefined: not even know of it. Admins need no share, and a token without the
 * scope for managing cannot manage, whoever's it is.
 * @param shared the right that it is shared with them by
 */
export function rightOf(viewer: Viewer, shared: Right | null | undefined): Right | undefined {
  const right = isAdmin(viewer) ? 'manage' : shared ?? undefined;
  if (viewer.via === 'token' && !viewer.scopes.includes('manage')) return right && 'use';
  return right;
}
