import { useState } from 'preact/hooks';
import type { LineOfRoom } from './line.ts';
import { say } from './sentences.ts';

/** Leaving is for good, so it is asked twice. */
export function Leave({ line }: { line: LineOfRoom }) {
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <button class="quiet-button" type="button" onClick={() => setAsked(true)}>
        {say.leave}
      </button>
    );
  }
  return (
    <div class="notice" role="alert">
      <p>{say.leaveSure}</p>
      <p class="row">
        <button class="button plain" type="button" onClick={() => void line.leave()}>
          {say.leaveYes}
        </button>
        <button class="button" type="button" onClick={() => setAsked(false)}>
          {say.leaveNo}
        </button>
      </p>
    </div>
  );
}
