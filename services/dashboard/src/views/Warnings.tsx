import { ChevronRight, TriangleAlert } from 'lucide';
import { Icon } from '../design/Icon.tsx';
import { certificates, warnings } from '../state/certificates.ts';
import { now } from '../state/clock.ts';
import { paths } from '../state/router.ts';
import { bannerWords } from './words/certificate.ts';
import './warnings.css';

/** On the home page, to admins: that a certificate ends, before the lamps say so. */
export function Warnings() {
  const said = bannerWords(warnings.value, certificates.value.value?.faults.length ?? 0, now.value);
  return said ? <WarningFace {...said} /> : null;
}

export function WarningFace({ words, urgent }: { words: string; urgent: boolean }) {
  return (
    <a class="warning" href={paths.certificates} data-urgent={urgent}>
      <Icon node={TriangleAlert} /><span>{words}</span><Icon node={ChevronRight} />
    </a>
  );
}
