import { pieces } from './words/remedy.ts';

/** The server's words, with what is to be typed set apart. */
export const Spelled = ({ text }: { text: string }) => (
  <>{pieces(text).map((piece) => (piece.command ? <code key={piece.text}>{piece.text}</code> : piece.text))}</>
);
