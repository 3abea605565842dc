import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signIn, wasTokenRejected } from "./api/reader-token.ts";

/** Form for a reader token, shown while signed out. */
export const SignIn = (): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const shared = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? "";
    if (token !== "") signIn(token, shared.current?.checked);
  };
  return (
    <section class="notice card">
      <h1>Sign in to read logs</h1>
      {wasTokenRejected.value ? (
        <p class="error-message" role="alert">
          This token is invalid or has expired. The key of an app (<code>elk_…</code>) is for sending logs; it cannot
          read them.
        </p>
      ) : (
        <p class="muted">
          Paste a reader token, or open the console link that <code>npm start</code> prints. If the stack is running,{" "}
          <code>npm start</code> prints it again.
        </p>
      )}
      <form onSubmit={submit}>
        <label class="label">
          Reader token
          <input class="field" ref={input} id="token" type="password" autocomplete="off" required spellcheck={false} />
        </label>
        <label class="check small">
          <input ref={shared} type="checkbox" /> This is a shared computer: sign out when this tab closes
        </label>
        <button class="button primary" type="submit">
          Sign in
        </button>
      </form>
      <p class="muted small">The token is stored in this browser until you sign out or it expires.</p>
    </section>
  );
};
