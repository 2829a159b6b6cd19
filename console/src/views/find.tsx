import { useState } from 'preact/hooks';
import { go } from '../router.ts';
import { Heading } from './heading.tsx';

/** Leads to a user, a device or a record by its name. */
export function Find() {
  const [user, setUser] = useState('');
  const [type, setType] = useState('report');
  const [id, setId] = useState('');
  const [home, setHome] = useState('');
  return (
    <>
      <Heading title="Find" />
      <div class="columns">
        <form
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            go('user', { user: user.trim() });
          }}
        >
          <h2>A user</h2>
          <p class="quiet">All actions with their outcomes, by the subject of the user’s token.</p>
          <label class="field"><span>User</span><input required maxLength={128} value={user} autocomplete="off" spellcheck={false} onInput={(event) => setUser(event.currentTarget.value)} /></label>
          <div class="buttons">
            <button type="submit" class="primary">Actions</button>
            <button type="button" onClick={() => { if (user.trim() !== '') go('devices', { user: user.trim() }); }}>Devices</button>
          </div>
        </form>
        <form
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            const place = home.trim();
            go('record', { type: type.trim(), id: id.trim(), home: place.includes(':') ? place : `user:${place}` });
          }}
        >
          <h2>A record’s history</h2>
          <p class="quiet">Who changed what, when, and what came of it.</p>
          <div class="row">
            <label class="field"><span>Type</span><input required maxLength={64} value={type} autocomplete="off" spellcheck={false} onInput={(event) => setType(event.currentTarget.value)} /></label>
            <label class="field"><span>Id or number</span><input required maxLength={128} value={id} autocomplete="off" spellcheck={false} onInput={(event) => setId(event.currentTarget.value)} /></label>
          </div>
          <label class="field">
            <span>Where it lives: a user, or a scope such as department:roads</span>
            <input required maxLength={140} value={home} autocomplete="off" spellcheck={false} onInput={(event) => setHome(event.currentTarget.value)} />
          </label>
          <div class="buttons"><button type="submit" class="primary">History</button></div>
        </form>
      </div>
    </>
  );
}
