import { useEffect, useState } from 'preact/hooks';
import { ProblemError } from '../base/api.ts';
import { inLanguage } from '../base/language.ts';
import type { Items } from './data.ts';
import { formatTime } from './format.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';

const say = inLanguage({
  ko: { title: '기록', what: '누가 무엇을 바꿨는지, 최근 것부터.', more: '더 보기', none: '없음' },
  en: { title: 'Audit', what: 'Who changed what, newest first.', more: 'Show more', none: 'none' },
});

interface Entry {
  auditId: number;
  actor: string;
  action: string;
  target: string;
  before: unknown;
  after: unknown;
  requestId: string;
  at: string;
}

export function AuditView() {
  const { ask } = useSignedIn();
  const [entries, setEntries] = useState<Entry[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState<ProblemError>();
  const read = async (cursor: number | null) => {
    try {
      const page = await ask<Items<Entry>>(`/admin/audit${cursor ? `?cursor=${cursor}` : ''}`);
      setEntries((last) => (cursor ? [...last, ...page.items] : page.items));
      setNext(page.next);
    } catch (error) {
      if (error instanceof ProblemError) setProblem(error);
    }
  };
  useEffect(() => void read(null), [ask]);
  return (
    <>
      <h1>{say.title}</h1>
      <p class="quiet">{say.what}</p>
      <Trouble problem={problem} />
      <ul class="audit card">
        {entries.map((entry) => (
          <li key={entry.auditId}>
            <span class="quiet small">{formatTime(entry.at)}</span>
            <span>
              <b dir="auto">{entry.actor}</b> <span class="badge">{entry.action}</span>{' '}
              <span class="quiet">{entry.target}</span>
            </span>
            <ul class="changes">
              {changesOf(entry).map(([key, before, after]) => (
                <li key={key}>
                  {key}: {before !== undefined && <del dir="auto">{before}</del>}{' '}
                  <ins dir="auto">{after}</ins>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {next !== null && (
        <button class="button plain" type="button" onClick={() => void read(next)}>
          {say.more}
        </button>
      )}
    </>
  );
}

/** What differs, field by field; without a before, what was made. */
function changesOf({ before, after }: Entry): [string, string | undefined, string][] {
  const old = asRecord(before);
  return Object.entries(asRecord(after) ?? {})
    .filter(([key, value]) => !old || JSON.stringify(old[key]) !== JSON.stringify(value))
    .map(([key, value]) => [key, old ? textOf(old[key]) : undefined, textOf(value)]);
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return say.none;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
