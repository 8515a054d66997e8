import type { ProblemError } from '../base/api.ts';
import { inLanguage } from '../base/language.ts';

const say = inLanguage({
  ko: {
    OFFLINE: '서버에 연결할 수 없습니다. 연결을 확인하고 다시 시도하세요.',
    other: '요청을 처리하지 못했습니다.',
  },
  en: {
    OFFLINE: 'No answer from the server. Check the connection and try again.',
    other: 'That did not work.',
  },
});

/** What went wrong, in the server's own words, with the fields it names; nothing when nothing did. */
export function Trouble({ problem }: { problem: ProblemError | undefined }) {
  if (!problem) return null;
  const { code, message, errors } = problem.problem;
  const fields = Array.isArray(errors) ? errors : [];
  return (
    <div class="notice bad" role="alert">
      <p>{code === 'OFFLINE' ? say.OFFLINE : message || say.other}</p>
      {fields.map((field) => (
        <p key={field.path}>
          <code>{field.path}</code> {field.message}
        </p>
      ))}
    </div>
  );
}
