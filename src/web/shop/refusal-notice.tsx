import type { Problem } from '../base/api.ts';
import { inLanguage } from '../base/language.ts';
import { NEXT_STEP, type Step } from './next-step.ts';
import { REFUSALS_EN } from './refusals-en.ts';
import { REFUSALS_KO } from './refusals-ko.ts';
import { say } from './sentences.ts';

const REFUSALS = inLanguage({ ko: REFUSALS_KO, en: REFUSALS_EN });
/** The API names the rule that was broken. */
const SAID_BY_API = new Set(['ILLEGAL_ARGUMENTS']);

/** A refusal in plain words, with the next step beside it. */
export function RefusalNotice(props: {
  problem: Problem;
  /** The concert's room: where `line` leads. */
  roomId?: string | undefined;
  onRetry?: () => void;
}) {
  const { problem, roomId, onRetry } = props;
  const { code } = problem;
  const text = SAID_BY_API.has(code) ? problem.message : (REFUSALS[code] ?? problem.message);
  const step = NEXT_STEP[code] ?? 'none';
  return (
    <div class="notice bad refusal" role="alert">
      <p>{text}</p>
      {step === 'retry' && onRetry && (
        <button class="button plain" type="button" onClick={onRetry}>
          {say.retry}
        </button>
      )}
      <StepLink step={step} roomId={roomId} />
    </div>
  );
}

function StepLink({ step, roomId }: { step: Step; roomId: string | undefined }) {
  const link = linkOf(step, roomId);
  if (!link || link.href === location.pathname) return null;
  return (
    <a class="button plain" href={link.href}>
      {link.text}
    </a>
  );
}

function linkOf(
  step: Step,
  roomId: string | undefined,
): { href: string; text: string } | undefined {
  switch (step) {
    case 'line':
      return roomId === undefined ? undefined : { href: `/rooms/${roomId}`, text: say.toRoom };
    case 'tickets':
      return { href: '/tickets', text: say.tickets };
    case 'sign-in':
      return { href: '/tickets', text: say.signIn };
    case 'concerts':
      return { href: '/concerts', text: say.seeConcerts };
    default:
      return undefined;
  }
}
