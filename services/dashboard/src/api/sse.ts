/** One message of an event stream (WHATWG HTML, 9.2). */
export interface Message { event: string; data: string; id: string | undefined }

/**
 * Puts a stream's text together into messages, however the network cuts it.
 * Comments (the heartbeat) yield nothing: that text came at all is what they say.
 */
export function messageReader(): (text: string) => Message[] {
  let rest = '';
  return (text) => {
    // A lone CR may be the first half of CRLF: it stays until the next piece tells.
    const all = (rest + text).replace(/\r\n|\r(?=[^])/g, '\n');
    const blocks = all.split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.map(read).filter((message) => message !== undefined);
  };
}

function read(block: string): Message | undefined {
  const data: string[] = [];
  let event = 'message';
  let id: string | undefined;
  for (const line of block.split('\n')) {
    const [, field, value] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (field === 'data') data.push(value ?? '');
    if (field === 'event') event = value || 'message';
    if (field === 'id') id = value;
  }
  return data.length > 0 ? { event, data: data.join('\n'), id } : undefined;
}
