import { useState } from 'preact/hooks';
import type { Room } from './documents.ts';
import { Join } from './join.tsx';
import type { LineOfRoom } from './line.ts';
import { say } from './sentences.ts';

/** After the place: what came of it, and the way back into the line. */
export function Ended({ room, line }: { room: Room; line: LineOfRoom }) {
  const { left } = line.state();
  const [again, setAgain] = useState(false);
  if (again) return <Join state={line.state()} room={room} line={line} />;
  return (
    <div class="stack">
      <h2>{left ? say.left : say.ended}</h2>
      <p>{left ? say.leftText : say.endedText}</p>
      <button class="button big" type="button" onClick={() => setAgain(true)}>
        {say.joinAgain}
      </button>
      <a class="button plain" href="/tickets">
        {say.tickets}
      </a>
    </div>
  );
}
