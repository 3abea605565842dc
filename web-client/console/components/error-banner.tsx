import type { JSX } from "preact";

interface ErrorBannerProps {
  readonly failure: { readonly message: string } | undefined;
  readonly onRetry: () => void;
}

/** Says what failed; what was there before stays below it. */
export const ErrorBanner = ({ failure, onRetry }: ErrorBannerProps): JSX.Element | null =>
  failure === undefined ? null : (
    <div class="banner banner-retry" role="alert">
      <span>{failure.message}</span>
      <button class="button small" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
