import type { Person } from '@sconce/protocol/http';
import type { PersonId } from '@sconce/protocol/ids';
import { computed, signal } from '@preact/signals';

/** undefined: not fetched yet, or not ours to see. */
export const people = signal<ReadonlyMap<PersonId, Person> | undefined>(undefined);

const byName = (a: Person, b: Person) => a.name.localeCompare(b.name, 'en-GB', { numeric: true });
const inState = (state: Person['state']) => [...people.value?.values() ?? []].filter((one) => one.state === state);

/** Newcomers whom nobody has let in or refused, the longest waiting first. */
export const waiting = computed(() => inState('pending').sort((a, b) => a.createdAt.localeCompare(b.createdAt)));
export const household = computed(() => inState('active').sort(byName));
export const shutOut = computed(() => inState('deactivated').sort(byName));

export function setPeople(list: Person[] | undefined) {
  people.value = list && new Map(list.map((person) => [person.id, person]));
}

export function putPerson(person: Person) {
  people.value = new Map(people.peek()).set(person.id, person);
}
