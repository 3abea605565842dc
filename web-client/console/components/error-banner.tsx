import type { ComponentChildren, JSX } from "preact";
import { TextWithCode } from "./text-with-code.tsx";

interface ErrorBannerProps {
  readonly failure: { readonly message: string } | undefined;
  readonly onRetry: () => void;
  /** Follows the message. */
  readonly children?: ComponentChildren;
}

/** Shows an error message with a retry button above the content that is already loaded. */
export const ErrorBanner = ({ failure, onRetry, children }: ErrorBannerProps): JSX.Element | null =>
  failure === undefined ? null : (
    <div class="banner banner-retry" role="alert">
      <span>
        <TextWithCode text={failure.message} />
        {children}
      </span>
      <button class="button small" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
