import { useEffect, useState } from 'preact/hooks';
import './sharing.css';

/** Modules of nothing about a code, without which cameras do not find it (ISO/IEC 18004, 9.1). */
const quiet = 4;

/** A text for somebody's camera. What draws it is loaded when it is wanted: few phones ever need it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [rows, setRows] = useState<boolean[][]>();
  useEffect(() => {
    void import('uqr').then(({ encode }) => setRows(encode(text, { ecc: 'M', border: quiet }).data));
  }, [text]);
  if (!rows) return null;
  const dots = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])));
  return (
    <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={dots.join('')} fill="currentColor" />
    </svg>
  );
}
