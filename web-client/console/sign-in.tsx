import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signIn, wasRefused } from "./api/reader-token.ts";

/** Asks for a reader token. */
export const SignIn = (): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? "";
    if (token !== "") signIn(token);
  };
  return (
    <section class="notice card">
      <h1>Sign in to read logs</h1>
      {wasRefused.value ? (
        <p class="refusal" role="alert">
          This token is not valid, or not any longer.
        </p>
      ) : (
        <p class="muted">Use the console link that the start command printed, or paste a reader token.</p>
      )}
      <form onSubmit={submit}>
        <label class="label">
          Reader token
          <input class="field" ref={input} id="token" type="password" autocomplete="off" required spellcheck={false} />
        </label>
        <button class="button primary" type="submit">
          Sign in
        </button>
      </form>
      <p class="muted small">It is kept in this tab only.</p>
    </section>
  );
};
