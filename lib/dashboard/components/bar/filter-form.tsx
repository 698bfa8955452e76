import type { JSX } from 'preact';
import type { PageState } from '../../state/page-state.js';
import { StateFields } from './state-fields.js';

/** Adds a filter by any of the offered fields. */
export function FilterForm({
  state,
  fields,
}: {
  state: PageState;
  fields: readonly string[];
}): JSX.Element {
  return (
    <details class="menu" data-filter>
      <summary class="chip add">
        + filter <kbd class="script">/</kbd>
      </summary>
      <form method="get" class="pop">
        <StateFields state={{ ...state, more: null, after: null }} />
        <label>
          what{' '}
          <select name="add.field">
            {fields.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="sr">how</span>
          <select name="add.operator">
            <option value="is">is</option>
            <option value="not">is not</option>
            <option value="startsWith">begins with</option>
            <option value="contains">contains</option>
            <option value="gte">from</option>
            <option value="lte">up to</option>
          </select>
        </label>
        <label>
          <span class="sr">value</span>
          <input name="add.value" autocomplete="off" placeholder="value" />
        </label>
        <button type="submit">Add</button>
      </form>
    </details>
  );
}
