/**
 * The Worker that compresses and posts batches for its page.
 */
import { listen, page } from "../../platform.ts";
import type { EncodedBatch, SendResult } from "../link.ts";
import { postBatch, type PostOptions } from "./post.ts";
import { readResponse } from "./read-response.ts";

/** Message from the page. */
export interface ToPostWorker {
  readonly options: PostOptions;
  readonly batch: EncodedBatch;
}

/** Message from the Worker, one for each batch. */
export interface FromPostWorker {
  readonly id: string;
  /** The result of the batch; `undefined` if there was no response. */
  readonly result: SendResult | undefined;
}

const send = async ({ options, batch: { id, body } }: ToPostWorker): Promise<void> => {
  const response = await postBatch(page.fetch, options, body);
  const message: FromPostWorker = { id, result: response && (await readResponse(response)) };
  page.postMessage(message); // oxlint-disable-line unicorn/require-post-message-target-origin -- to the page of this Worker
};

listen(["message"], ({ data }: MessageEvent<ToPostWorker>) => void send(data));
