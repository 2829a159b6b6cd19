import { useState } from 'preact/hooks';
import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import { Failure, resolve } from '../data/api.ts';
import { decidable, effectOf, firstDraft, lastListed } from '../data/conflicts.ts';
import { go, place } from '../router.ts';
import { Confirm } from '../ui/dialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { FieldEditor, type Fault } from './field-editor.tsx';

type Way = { strategy: Strategy; name: string; about: (conflict: WireConflict) => string };

const WAYS: readonly Way[] = [
  {
    strategy: 'server_wins', name: 'Keep the server’s',
    about: ({ server_deleted: gone }) => (gone ? 'The record stays deleted.' : 'The record stays as it is.'),
  },
  {
    strategy: 'client_wins', name: 'Take the phone’s',
    about: (conflict) => {
      const effect = effectOf(conflict, 'client_wins');
      if (effect === 'deletes') return 'The record is deleted.';
      return effect === 'brings back' ? 'The record is brought back with the phone’s values.' : 'Its values replace the server’s in the fields that differ.';
    },
  },
  {
    strategy: 'merge', name: 'Merge by the rules',
    about: (conflict) => (effectOf(conflict, 'merge') === 'keeps' ? 'A deletion can not be merged: the server’s version stands.' : 'Each field by its rule: texts by lines, sets united, else the later value.'),
  },
  { strategy: 'manual', name: 'Edit by hand', about: () => 'You write the values.' },
];

/** The decision. It carries the version that is on the screen, so that it can't overwrite what nobody saw. */
export function Decide({ conflict, onChanged }: { conflict: WireConflict; onChanged: (now: WireConflict) => void }) {
  const [strategy, setStrategy] = useState<Strategy>('server_wins');
  const [draft, setDraft] = useState<JsonObject>(() => firstDraft(conflict));
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const fields = decidable(conflict);
  const ways = WAYS.filter((way) => way.strategy !== 'manual' || (fields.length > 0 && conflict.client_data !== null));
  const effect = effectOf(conflict, strategy);

  const run = async () => {
    setAsking(false);
    setBusy(true);
    setFaults([]);
    try {
      const answer = await resolve({
        conflict_id: conflict.id, strategy, server_version: conflict.server_version, ...(strategy === 'manual' ? { resolved_data: draft } : {}),
      });
      if (answer.kind === 'changed') {
        onChanged(answer.conflict);
        return;
      }
      toast(answer.kind === 'done' ? 'Settled: every phone hears of it with its next download.' : 'Someone else had already settled it.');
      forward(conflict.id);
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  const report = (error: unknown) => {
    if (!(error instanceof Failure)) {
      toast('This page could not send the decision.', { bad: true });
      return;
    }
    const errors = error.problem?.errors ?? [];
    setFaults(errors.map(({ pointer, message }) => ({ field: pointer.split('/').at(-1) ?? '', message })));
    if (errors.length === 0) toast(`Not settled: ${error.message}${error.kind === 'busy' ? ' Repeating is safe.' : ''}`, { bad: true });
  };

  return (
    <form
      class="card decide"
      aria-labelledby="decide-title"
      onSubmit={(event) => {
        event.preventDefault();
        if (faults.some(({ field }) => fields.includes(field) && strategy === 'manual')) return;
        if (effect === 'deletes' || effect === 'brings back') setAsking(true);
        else void run();
      }}
    >
      <h2 id="decide-title">Decide</h2>
      <div class="ways" role="radiogroup" aria-labelledby="decide-title">
        {ways.map((way) => (
          <label key={way.strategy} class="way">
            <input type="radio" name="strategy" value={way.strategy} checked={strategy === way.strategy} onChange={() => setStrategy(way.strategy)} />
            <span><strong>{way.name}</strong> <span class="quiet">{way.about(conflict)}</span></span>
          </label>
        ))}
      </div>
      {strategy === 'manual' && (
        <div class="editors">
          {fields.map((field) => (
            <FieldEditor
              key={field}
              field={field}
              value={draft[field] ?? null}
              sides={{ phone: conflict.client_data?.[field], server: conflict.server_data?.[field], before: conflict.base_data?.[field] }}
              fault={faults.find((fault) => fault.field === field)?.message}
              onChange={(value, fault) => {
                setDraft((before) => ({ ...before, [field]: value }));
                setFaults((before) => [...before.filter((one) => one.field !== field), ...(fault === undefined ? [] : [{ field, message: fault }])]);
              }}
            />
          ))}
        </div>
      )}
      {strategy !== 'manual' && faults.length > 0 && <p class="fault" role="alert">{faults.map(({ field, message }) => `${field}: ${message}`).join(' ')}</p>}
      <div class="buttons"><button type="submit" class="primary" disabled={busy}>{busy ? 'Settling…' : 'Settle the conflict'}</button></div>
      {asking && (
        <Confirm
          title={effect === 'deletes' ? 'Delete the record?' : 'Bring the record back?'}
          verb={effect === 'deletes' ? 'Delete it' : 'Bring it back'}
          danger={effect === 'deletes'}
          onClose={() => setAsking(false)}
          onConfirm={() => void run()}
        >
          <p>{effect === 'deletes' ? 'It goes from every phone. What the server has now stays in the conflict and in the record’s history.' : 'It was deleted, and comes back on every phone that sees it.'}</p>
        </Confirm>
      )}
    </form>
  );
}

/** On to the next open conflict of the list one came from, or back to it; unless one has gone elsewhere meanwhile. */
function forward(id: string): void {
  const at = lastListed.value.findIndex((other) => other.id === id);
  const rest = lastListed.value.filter((other) => other.id !== id);
  lastListed.value = rest;
  const next = at < 0 ? undefined : (rest[at] ?? rest[0]);
  if (place.value.path !== 'conflict' || place.value.params['id'] !== id) return;
  if (next) go('conflict', { user: next.user ?? undefined, id: next.id });
  else go('conflicts');
}
