import { CertificatesFace } from '../certificates/CertificatesPage.tsx';
import { LookingFace, NotLooked, ReportFace } from '../doctor/DoctorPage.tsx';
import { RefusedFace } from '../Refused.tsx';
import { RevokedBoardFace } from '../RevokedBoard.tsx';
import { RevokedFace, RevokeFace } from '../RevokeBoard.tsx';
import { WarningFace } from '../Warnings.tsx';
import { bannerWords } from '../words/certificate.ts';
import {
  certificateSamples, refusalSamples, reportSamples, revokeFailure, revokeSamples, warningSamples,
} from './certificate-fixtures.ts';
import { hallBoard, lamp, moment, revokedSamples } from './fixtures.ts';
import { Sample } from './Sample.tsx';

const nothing = () => {};

export const Certificates = () => (
  <>
    {certificateSamples.map(({ what, certificates }) => (
      <Sample key={what} what={what}><div class="design-whole"><CertificatesFace certificates={certificates} now={moment} /></div></Sample>
    ))}
  </>
);

export const Warned = () => (
  <>
    {warningSamples.map(({ what, warned, faults }) => {
      const said = bannerWords(warned, faults, moment);
      return said && <Sample key={what} what={what}><WarningFace {...said} /></Sample>;
    })}
  </>
);

export const TurnedAway = () => (
  <>
    {refusalSamples.map(({ what, refusal }) => (
      <Sample key={what} what={what}><div class="card"><RefusedFace refusal={refusal} now={moment} /></div></Sample>
    ))}
  </>
);

const asked = { device: hallBoard, onRevoke: nothing, onClose: nothing };

export const Revoking = () => (
  <>
    <Sample what="Before it is too late"><div class="card design-whole"><RevokeFace {...asked} outlets={[lamp]} busy={false} failure={undefined} /></div></Sample>
    <Sample what="Being cut off"><div class="card design-whole"><RevokeFace {...asked} outlets={[]} busy failure={undefined} /></div></Sample>
    <Sample what="It could not be revoked">
      <div class="card design-whole"><RevokeFace {...asked} outlets={[lamp, lamp]} busy={false} failure={revokeFailure} /></div>
    </Sample>
    {revokeSamples.map(({ what, result }) => (
      <Sample key={what} what={what}><div class="card design-whole"><RevokedFace device={hallBoard} result={result} onClose={nothing} /></div></Sample>
    ))}
    {revokedSamples.map(({ what, device }) => (
      <Sample key={what} what={what}><article class="card"><RevokedBoardFace device={device} now={moment} /></article></Sample>
    ))}
  </>
);

export const Doctor = () => (
  <>
    <Sample what="Looking"><LookingFace seconds={6} /></Sample>
    {reportSamples.map(({ what, report }) => <Sample key={what} what={what}><div class="design-whole"><ReportFace report={report} now={moment} /></div></Sample>)}
    <Sample what="It could not look"><NotLooked words="The doctor took more than 20 s and was stopped. Something hangs." /></Sample>
  </>
);
