import type { Person } from '@sconce/protocol/http';
import './people.css';

/** Letters in place of the picture that the sign-in service has: fetching it would tell them who looks at whom. */
export function Face({ person }: { person: Pick<Person, 'name'> }) {
  const letters = person.name.trim().split(/\s+/).map((word) => [...word][0] ?? '');
  const shown = letters.length > 1 ? [letters[0], letters.at(-1)] : letters;
  return <span class="face" aria-hidden="true">{shown.join('').toUpperCase()}</span>;
}
