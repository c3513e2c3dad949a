/** Something that the person at the terminal can mend; its words say how. */
export class Problem extends Error {}
