/**
 * The Worker that compresses and posts batches for its page.
 */
import type { Delivery, Parcel } from "../link.ts";
import { createPost, type PostOptions } from "./post.ts";
import { readAnswer } from "./read-response.ts";

/** What the page says. */
export interface ToPostWorker {
  readonly login: Omit<PostOptions, "fetch">;
  readonly parcel: Parcel;
}

/** What the Worker says, once for each parcel. */
export interface FromPostWorker {
  readonly id: string;
  /** `undefined` when no answer came. */
  readonly delivery: Delivery | undefined;
}

const carry = async ({ login, parcel: { id, body } }: ToPostWorker): Promise<void> => {
  const response = await createPost(login)(body);
  const answer: FromPostWorker = { id, delivery: response && (await readAnswer(response)) };
  postMessage(answer);
};

addEventListener("message", ({ data }: MessageEvent<ToPostWorker>) => void carry(data));
