import type { JSX } from "preact";

interface BannerProps {
  readonly failure: { readonly message: string } | undefined;
  readonly onRetry: () => void;
}

/** Says what failed; what was there before stays below it. */
export const Banner = ({ failure, onRetry }: BannerProps): JSX.Element | null =>
  failure === undefined ? null : (
    <div class="banner banner-retry" role="alert">
      <span>{failure.message}</span>
      <button class="button small" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
