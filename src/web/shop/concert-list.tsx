import { useState } from 'preact/hooks';
import { call, type Problem, ProblemError } from '../base/api.ts';
import { formatMoment } from '../base/language.ts';
import type { Concert } from './documents.ts';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';
import { useLoaded } from './use-loaded.ts';

interface ListPage {
  items: Concert[];
  next: number | null;
}

/** Every concert, those on sale first. */
export function ConcertList() {
  const [older, setOlder] = useState<Concert[]>([]);
  const [next, setNext] = useState<number | null | undefined>();
  const { value, problem } = useLoaded(() => call<ListPage>('/concerts'), 'concerts');
  const cursor = next === undefined ? value?.next : next;
  const [refusal, setRefusal] = useState<Problem>();
  const more = async (): Promise<void> => {
    try {
      const page = await call<ListPage>(`/concerts?cursor=${cursor}`);
      setOlder([...older, ...page.items]);
      setNext(page.next);
      setRefusal(undefined);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setRefusal(error.problem);
    }
  };
  const all = [...(value?.items ?? []), ...older];
  const sorted = [...all.filter((one) => one.onSale), ...all.filter((one) => !one.onSale)];
  return (
    <>
      <h1>{say.concerts}</h1>
      {problem && <RefusalNotice problem={problem} />}
      {!value && !problem && <p class="quiet">{say.loading}</p>}
      {value && sorted.length === 0 && <p class="quiet">{say.noConcerts}</p>}
      <ul class="concerts">
        {sorted.map((concert) => (
          <ConcertCard key={concert.concertId} concert={concert} />
        ))}
      </ul>
      {refusal && <RefusalNotice problem={refusal} onRetry={() => void more()} />}
      {cursor ? (
        <button class="button plain" type="button" onClick={() => void more()}>
          {say.more}
        </button>
      ) : null}
    </>
  );
}

function ConcertCard({ concert }: { concert: Concert }) {
  const soon = Date.parse(concert.saleBeginAt) > Date.now();
  return (
    <li>
      <a class="card concert" href={`/concerts/${concert.concertId}`}>
        <span class={concert.onSale ? 'badge good' : 'badge'}>
          {concert.onSale ? say.onSale : say.notOnSale}
        </span>
        <strong class="concert-name" dir="auto">
          {concert.concertName}
        </strong>
        <span dir="auto">{concert.artist}</span>
        <span class="quiet small">
          {soon
            ? say.saleFrom(formatMoment(concert.saleBeginAt))
            : say.saleUntil(formatMoment(concert.saleEndAt))}
        </span>
      </a>
    </li>
  );
}
