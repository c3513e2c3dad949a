import { BadgeCheck, BookOpen, ChevronRight, History, KeyRound, LogOut, Palette, Stethoscope } from 'lucide';
import { Button } from '../design/Button.tsx';
import { Choice } from '../design/Field.tsx';
import { Icon, type IconNode } from '../design/Icon.tsx';
import { Fact, Facts, Note, Page, Section } from '../design/Page.tsx';
import { now } from '../state/clock.ts';
import { paths } from '../state/router.ts';
import { isAdmin, session, signOut } from '../state/session.ts';
import { setTheme, theme, type Theme } from '../state/theme.ts';
import { useAction } from './action.ts';
import { Sessions } from './Sessions.tsx';
import { standing } from './words/person.ts';

const appearances: { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' },
];

export function Settings() {
  return (
    <Page title="Settings" narrow>
      <div class="card">
        <Choice legend="Appearance" options={appearances} value={theme.value} onChange={setTheme} />
      </div>
      <Account />
      <Sessions />
      {isAdmin.value && (
        <Section title="The household">
          <div class="card">
            <ul class="rows">
              <li><Row href={paths.audit} icon={History} label="What happened" /></li>
              <li><Row href={paths.certificates} icon={BadgeCheck} label="Certificates" /></li>
              <li><Row href={paths.doctor} icon={Stethoscope} label="Doctor" /></li>
            </ul>
          </div>
        </Section>
      )}
      <Section title="For scripts and makers">
        <div class="card">
          <ul class="rows">
            <li><Row href={paths.tokens} icon={KeyRound} label="Access tokens" /></li>
            <li><Row href="/api/v1/docs" icon={BookOpen} label="How the API works" /></li>
            <li><Row href={paths.design} icon={Palette} label="How the dashboard is designed" /></li>
          </ul>
        </div>
      </Section>
    </Page>
  );
}

/** The picture that the sign-in service offers is left where it is: fetching it would tell them about every visit. */
function Account() {
  const leaving = useAction();
  const who = session.value;
  if (who.kind !== 'active') return null;
  return (
    <Section title="Signed in">
      <div class="card">
        <Facts>
          <Fact term="Name">{who.me.name}</Fact>
          <Fact term="Address">{who.me.email}</Fact>
          <Fact term="Role">{standing(who.me, now.value)}</Fact>
        </Facts>
        {leaving.failure && <Note kind="alarm">{leaving.failure.detail}</Note>}
        <div class="actions">
          <Button icon={LogOut} busy={leaving.busy} onClick={() => void leaving.run(signOut)}>Sign out</Button>
        </div>
      </div>
    </Section>
  );
}

function Row({ href, icon, label }: { href: string; icon: IconNode; label: string }) {
  return <a class="row-link" href={href}><Icon node={icon} /><span>{label}</span><Icon node={ChevronRight} /></a>;
}
