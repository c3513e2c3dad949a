/**
 * Remedies as the server words them: what is to be typed stands between backticks, or is quoted and begins with a program;
 * quoted names of boards do not.
 */
const programs = 'make|pki/|docker|sudo|timedatectl|resolvectl|git|curl|dig|openssl|chmod|chown|cp |mv |rm |ss |ip |less |systemctl|journalctl|PKI_DIR=';
const typed = new RegExp(`\`([^\`]+)\`|“((?:${programs})[^”]*)”`, 'g');
const bare = new RegExp(`^(?:${programs})`);

export interface Piece { text: string; command: boolean }

/** A remedy in its pieces. One that is a command from its beginning on is one piece. */
export function pieces(remedy: string): Piece[] {
  if (bare.test(remedy)) return [{ text: remedy, command: true }];
  const all: Piece[] = [];
  let from = 0;
  for (const match of remedy.matchAll(typed)) {
    all.push({ text: remedy.slice(from, match.index), command: false }, { text: match[1] ?? match[2] ?? '', command: true });
    from = match.index + match[0].length;
  }
  return [...all, { text: remedy.slice(from), command: false }].filter(({ text }) => text !== '');
}

/** What a copy of the remedy holds: its commands where it has any, or all of it. */
export function toCopy(remedy: string): { text: string; commands: number } {
  const commands = pieces(remedy).filter(({ command }) => command).map(({ text }) => text);
  return { text: commands.length > 0 ? commands.join('\n') : remedy, commands: commands.length };
}
