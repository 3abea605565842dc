import type { JSX } from "preact";
import { TextWithCode } from "./text-with-code.tsx";

interface ErrorBannerProps {
  readonly failure: { readonly message: string } | undefined;
  readonly onRetry: () => void;
}

/** Shows an error message with a retry button above the content that is already loaded. */
export const ErrorBanner = ({ failure, onRetry }: ErrorBannerProps): JSX.Element | null =>
  failure === undefined ? null : (
    <div class="banner banner-retry" role="alert">
      <span>
        <TextWithCode text={failure.message} />
      </span>
      <button class="button small" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
