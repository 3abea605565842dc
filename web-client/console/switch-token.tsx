import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ReaderResponse } from "#contract/api/reader.ts";
import { offeredToken, signIn } from "./api/reader-token.ts";
import { requestJson } from "./api/request.ts";
import { Dialog } from "./components/dialog.tsx";

interface TokenDescription {
  readonly text: string;
  readonly isValid: boolean;
}

const LOADING: TokenDescription = { text: "Loading…", isValid: false };
const MAX_SHOWN_APPS = 5;

const describeReader = ({ tokenId, apps }: ReaderResponse): string => {
  const ids = apps.map(({ id }) => id);
  const more = ids.length - MAX_SHOWN_APPS;
  return `${tokenId}, reads ${ids.slice(0, MAX_SHOWN_APPS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};

/** The id and the apps of a token, or why they are unknown. */
const useTokenDescription = (token: string): TokenDescription => {
  const [description, setDescription] = useState(LOADING);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const run = async (): Promise<void> => {
      const outcome = await requestJson<ReaderResponse>("/reader", { token, signal });
      if (outcome.state === "ok") setDescription({ text: describeReader(outcome.answer), isValid: true });
      else if (outcome.state === "failed") setDescription({ text: outcome.message, isValid: false });
      else setDescription({ text: "invalid or expired", isValid: false });
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return () => controller.abort();
  }, [token]);
  return description;
};

interface SwitchTokenProps {
  /** The token of this browser. */
  readonly current: string;
  /** The token of the link. */
  readonly offered: string;
}

/** Asks whether the token of a link replaces the token of this browser. */
export const SwitchToken = ({ current, offered }: SwitchTokenProps): JSX.Element => {
  const currentDescription = useTokenDescription(current);
  const offeredDescription = useTokenDescription(offered);
  const onClose = (): void => {
    offeredToken.value = undefined;
  };
  return (
    <Dialog title="Switch to another reader token?" onClose={onClose}>
      <p>
        You are signed in, and the link that you opened contains another token. If you did not expect this, keep your
        token: the sender of the link chose which logs you would see.
      </p>
      <dl class="dialog-facts">
        <dt>Your token</dt>
        <dd class="untrusted">{currentDescription.text}</dd>
        <dt>Token of the link</dt>
        <dd class="untrusted">{offeredDescription.text}</dd>
      </dl>
      <footer class="dialog-foot">
        <button class="button" type="button" autofocus onClick={onClose}>
          Keep my token
        </button>
        <button class="button" type="button" disabled={!offeredDescription.isValid} onClick={() => signIn(offered)}>
          Switch
        </button>
      </footer>
    </Dialog>
  );
};
