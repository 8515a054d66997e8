import { useState } from 'preact/hooks';
import { call, ProblemError } from '../base/api.ts';
import { inLanguage } from '../base/language.ts';
import type { Session } from './session.ts';

const say = inLanguage({
  ko: {
    title: '관제실',
    key: '관리자 키',
    hint: 'npm start를 실행한 터미널에 출력된 Admin key입니다. 이 브라우저에는 저장되지 않습니다.',
    signIn: '로그인',
    wrong: '관리자 키가 맞지 않습니다.',
    often: '틀린 키가 너무 많았습니다. 잠시 뒤 다시 시도하세요.',
    offline: '서버에 연결할 수 없습니다.',
    ended: '로그인이 끝났습니다. 다시 로그인하세요.',
  },
  en: {
    title: 'Control room',
    key: 'Admin key',
    hint: 'The one that the terminal of npm start printed. It is not stored in this browser.',
    signIn: 'Sign in',
    wrong: 'That is not an admin key.',
    often: 'Too many wrong keys. Try again in a little while.',
    offline: 'No answer from the server.',
    ended: 'Your session has ended. Sign in again.',
  },
});

export function SignIn({
  ended,
  onSession,
}: {
  ended: boolean;
  onSession: (session: Session) => void;
}) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const signIn = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const key = String(new FormData(event.currentTarget).get('key')).trim();
    setBusy(true);
    setProblem('');
    try {
      onSession(await call<Session>('/admin/login', { method: 'POST', token: key }));
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in card">
      <h1>{say.title}</h1>
      {ended && <p class="notice warn">{say.ended}</p>}
      <form class="stack" onSubmit={signIn}>
        <label class="field">
          {say.key}
          <input
            name="key"
            type="password"
            required
            autocomplete="off"
            autofocus
            aria-describedby="key-hint"
          />
        </label>
        <p id="key-hint" class="quiet small">
          {say.hint}
        </p>
        <p role="alert" class={problem ? 'notice bad' : ''}>
          {problem}
        </p>
        <button class="button" type="submit" disabled={busy}>
          {say.signIn}
        </button>
      </form>
    </main>
  );
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof ProblemError)) throw error;
  if (error.problem.code === 'UNAUTHENTICATED') return say.wrong;
  if (error.problem.code === 'RATE_LIMITED') return say.often;
  return error.problem.message || say.offline;
}
