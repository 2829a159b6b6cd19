import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChild } from 'preact';
import type { ConsoleConfig } from './config.ts';
import { query } from './data/api.ts';
import { useLoaded } from './data/load.ts';
import { link, place } from './router.ts';
import { end, expired, session } from './session/session.ts';
import { chooseTheme, theme } from './theme.ts';
import { Dialog } from './ui/dialog.tsx';
import { Icon, type IconName } from './ui/icons.tsx';
import { Empty } from './ui/states.tsx';
import { Toasts } from './ui/toasts.tsx';
import { visibleText } from './ui/visible-text.ts';
import { number } from './ui/words.ts';
import { Action } from './views/action.tsx';
import { Conflict } from './views/conflict.tsx';
import { Conflicts } from './views/conflicts.tsx';
import { Device } from './views/device.tsx';
import { Devices } from './views/devices.tsx';
import { Find } from './views/find.tsx';
import { Heading } from './views/heading.tsx';
import { Overview } from './views/overview.tsx';
import { QueuedActions } from './views/queued.tsx';
import { RecordHistory } from './views/record.tsx';
import { SignInForm, SignInPage } from './views/sign-in.tsx';
import { UserActions } from './views/user.tsx';

/** Every view by its path. */
const VIEWS: Readonly<Record<string, () => ComponentChild>> = {
  '': () => <Overview />,
  devices: () => <Devices />,
  device: () => <Device />,
  failed: () => <QueuedActions key="failed" state="failed" />,
  pending: () => <QueuedActions key="pending" state="pending" />,
  action: () => <Action />,
  conflicts: () => <Conflicts />,
  conflict: () => <Conflict />,
  record: () => <RecordHistory />,
  user: () => <UserActions />,
  find: () => <Find />,
};

const SECTIONS: readonly { path: string; name: string; icon: IconName; views: readonly string[]; badge?: 'failed' | 'unresolved_conflicts' }[] = [
  { path: '', name: 'Overview', icon: 'overview', views: [''] },
  { path: 'devices', name: 'Devices', icon: 'devices', views: ['devices', 'device'] },
  { path: 'failed', name: 'Actions', icon: 'actions', views: ['failed', 'pending', 'action'], badge: 'failed' },
  { path: 'conflicts', name: 'Conflicts', icon: 'conflicts', views: ['conflicts', 'conflict'], badge: 'unresolved_conflicts' },
  { path: 'find', name: 'Find', icon: 'find', views: ['find', 'user', 'record'] },
];

export function App({ config, fault }: { config: ConsoleConfig; fault: string | undefined }) {
  return (
    <>
      {session.value === undefined
        ? <SignInPage config={config.sign_in} fault={fault} stage={config.stage} />
        : <Shell config={config} />}
      <Toasts />
    </>
  );
}

function Shell({ config }: { config: ConsoleConfig }) {
  const { path } = place.value;
  const main = useRef<HTMLElement>(null);
  const entered = useRef(path);
  // A new view begins at its title, for eyes, keyboards and screen readers alike.
  const where = `${path} ${['conflict', 'action', 'device', 'record', 'user'].includes(path) ? JSON.stringify(place.value.params) : ''}`;
  useEffect(() => {
    if (entered.current === where) return;
    entered.current = where;
    scrollTo(0, 0);
    document.getElementById('title')?.focus({ preventScroll: true });
  }, [where]);
  const counts = useLoaded('overview', () => query('overview')).data?.rows[0];
  const view = Object.hasOwn(VIEWS, path) ? VIEWS[path]! : Unknown;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>To the content</a>
      <header class="side">
        <p class="brand">Fieldsync{config.stage !== undefined && <span class="stage">{config.stage}</span>}</p>
        <nav aria-label="Views">
          {SECTIONS.map(({ path: target, name, icon, views, badge }) => {
            const n = badge === undefined ? 0 : (counts?.[badge] ?? 0);
            return (
              <a key={name} href={link(target)} aria-current={views.includes(path) ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{name}</span>
                {n > 0 && <span class="count">{n > 999 ? '999+' : number.format(n)}<span class="unseen"> open</span></span>}
              </a>
            );
          })}
        </nav>
        <div class="side-end">
          <button type="button" class="bare" onClick={() => chooseTheme(theme.value === 'dark' ? 'light' : 'dark')}>
            <Icon name="theme" /><span>{theme.value === 'dark' ? 'Light' : 'Dark'}</span>
          </button>
          <button type="button" class="bare" onClick={end} title={visibleText(session.value?.sub ?? '')}>
            <Icon name="leave" /><span>Sign out</span>
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>{view()}</main>
      {expired.value && (
        <Dialog title="Your session has ended" onClose={() => { expired.value = false; }}>
          <p class="dialog-text">Sign in again: you come back to this page. What is on it stays until then.</p>
          <SignInForm config={config.sign_in} fault={undefined} again />
        </Dialog>
      )}
    </div>
  );
}

function Unknown() {
  return (
    <>
      <Heading title="Nothing here" />
      <Empty title="There is no such view"><a href={link('')}>To the overview</a></Empty>
    </>
  );
}
