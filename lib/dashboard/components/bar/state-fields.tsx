import type { JSX } from 'preact';
import { writeState, type PageState } from '../../state/page-state.js';

/** The parameters of a state as hidden fields of a form. */
export function StateFields({ state }: { state: PageState }): JSX.Element {
  return (
    <>
      {[...writeState(state)].map(([name, value], at) => (
        <input key={at} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
