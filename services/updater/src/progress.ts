/** "42 %, 23.1 kB/s, 12 s to go". @param first what the board had at the beginning @param ms since then */
export function progressWords(bytes: number, first: number, size: number, ms: number): string {
  const percent = `${Math.floor(bytes / size * 100)} %`.padStart(5);
  const perMs = (bytes - first) / ms;
  if (!(perMs > 0) || !Number.isFinite(perMs)) return percent;
  return `${percent}, ${perMs.toFixed(1)} kB/s, ${Math.ceil((size - bytes) / perMs / 1000)} s to go`;
}

/** Shows how far it is: on a terminal in one line, elsewhere in a line for each tenth. */
export function showProgress(size: number, out: NodeJS.WriteStream): (bytes: number) => void {
  let first: number | undefined;
  let began = 0;
  let tenth = -1;
  return (bytes) => {
    if (first === undefined) [first, began] = [bytes, performance.now()];
    const words = progressWords(bytes, first, size, performance.now() - began);
    const reached = Math.floor(bytes / size * 10);
    if (out.isTTY) out.write(`\r${words}\u001b[K${bytes === size ? '\n' : ''}`);
    else if (reached !== tenth) out.write(`${words}\n`);
    tenth = reached;
  };
}
