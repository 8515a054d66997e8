import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../base/language.ts';
import type { Alerts } from './alerts.ts';
import type { Room } from './documents.ts';
import type { LineState } from './line.ts';
import { say } from './sentences.ts';

/** A screen reader hears a number again once it has fallen by this share. */
const NEWS_SHARE = 0.1;

/** Tells who does not look: the tab's title, a polite live region, and at the turn the chosen alerts. */
export function Announcer(props: { state: LineState; room: Room; alerts: Alerts }) {
  const { state, room, alerts } = props;
  const { phase, place } = state;
  const number = place?.waitingNumber ?? 0;
  const [spoken, setSpoken] = useState('');
  const heard = useRef(0);
  const before = useRef(phase);

  useEffect(() => {
    document.title = titleOf(state, room);
  }, [phase, number, room.title]);
  useEffect(() => {
    const turned = phase === 'turn' && before.current === 'waiting';
    before.current = phase;
    if (turned) alerts.ring({ title: say.turn, body: room.title });
  }, [phase]);
  useEffect(() => {
    const news = situationOf(state, room);
    heard.current = number;
    setSpoken(news);
  }, [phase, room.state, state.offline, place?.recovering]);
  useEffect(() => {
    if (phase !== 'waiting' || number === 0) return;
    if (number > heard.current * (1 - NEWS_SHARE) && heard.current !== 0) return;
    heard.current = number;
    setSpoken(numberOf(number));
  }, [number]);

  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {spoken}
    </p>
  );
}

function titleOf({ phase, place }: LineState, room: Room): string {
  if (phase === 'turn') return `● ${say.turn}`;
  const number = place?.waitingNumber ?? 0;
  return phase === 'waiting' && number > 0 ? `${formatNumber(number)} · ${room.title}` : room.title;
}

function situationOf({ phase, place, offline }: LineState, room: Room): string {
  if (offline) return `${say.offline}. ${say.offlineText}`;
  if (phase === 'turn') return `${say.turn} ${say.turnText}`;
  if (phase === 'ended') return say.ended;
  if (phase !== 'waiting' || !place) return '';
  if (place.recovering) return say.recovering;
  if (room.state === 'PAUSED') return `${say.paused}. ${say.pausedText}`;
  return numberOf(place.waitingNumber);
}

const numberOf = (number: number): string =>
  number === 1 ? say.next : `${say.number}: ${formatNumber(number)}${say.numberUnit}`;
