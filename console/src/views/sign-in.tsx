import { useState } from 'preact/hooks';
import type { SignIn } from '../config.ts';
import { leaveForIssuer } from '../session/sign-in.ts';
import { begin } from '../session/session.ts';

type SignInProps = { config: SignIn | undefined; fault: string | undefined; again?: boolean };

/** Two ways in: the issuer's page, or a token from elsewhere. */
export function SignInForm({ config, fault, again = false }: SignInProps) {
  const [token, setToken] = useState('');
  const [refused, setRefused] = useState(fault);
  const [leaving, setLeaving] = useState(false);
  const leave = () => {
    if (!config) return;
    setLeaving(true);
    leaveForIssuer(config).catch((error: unknown) => {
      setLeaving(false);
      setRefused(`The browser could not begin the sign-in: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  return (
    <div class="sign-in-form">
      {refused !== undefined && <p class="fault" role="alert">{refused}</p>}
      {config && (
        <button type="button" class="primary wide" disabled={leaving} autofocus onClick={leave}>
          {leaving ? 'One moment…' : (config.label ?? (again ? 'Sign in again' : 'Sign in'))}
        </button>
      )}
      <details open={config === undefined}>
        <summary>Use a token</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setRefused(begin(token));
          }}
        >
          <label class="field">
            <span>A JWT of an admin</span>
            <textarea rows={4} value={token} spellcheck={false} autocomplete="off" required onInput={(event) => setToken(event.currentTarget.value)} />
          </label>
          <button type="submit">Use this token</button>
        </form>
      </details>
    </div>
  );
}

export function SignInPage({ config, fault, stage }: SignInProps & { stage: string | undefined }) {
  return (
    <main class="sign-in">
      <div class="card">
        <p class="brand">Fieldsync</p>
        <h1 id="title" tabIndex={-1}>Admin console{stage === undefined ? '' : ` · ${stage}`}</h1>
        <p class="quiet">See every device’s sync, what is stuck, and settle conflicts.</p>
        <SignInForm config={config} fault={fault} />
        <p class="quiet small">The token stays in this tab: it is gone when the tab is closed.</p>
      </div>
    </main>
  );
}
