import { say } from './sentences.ts';

/** Nothing answers: said plainly, with what it does not change. */
export function OfflineBanner({ onRetry }: { onRetry: () => void }) {
  return (
    <div class="banner" role="alert">
      <p>
        <strong>{say.offline}</strong> {say.offlineText}
      </p>
      <button class="button plain" type="button" onClick={onRetry}>
        {say.retryNow}
      </button>
    </div>
  );
}
