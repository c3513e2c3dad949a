/** A remedy in pieces: what stands between backticks is to be typed. */
export const pieces = (remedy: string): { text: string; command: boolean }[] => remedy.split('`')
  .map((text, at) => ({ text, command: at % 2 === 1 })).filter(({ text }) => text !== '');

/** What a copy of the remedy holds: its commands where it has any, or all of it. */
export function toCopy(remedy: string): { text: string; commands: number } {
  const commands = pieces(remedy).filter(({ command }) => command).map(({ text }) => text);
  return { text: commands.length > 0 ? commands.join('\n') : remedy, commands: commands.length };
}
