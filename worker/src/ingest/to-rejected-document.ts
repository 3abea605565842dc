/**
 * Serializes a document of the rejected store with its size, which counts toward the quota of its app.
 */
import { Buffer } from "node:buffer";
import { rejectedIndex } from "#contract/store/index-period.ts";
import type { RejectedDocument } from "#contract/store/log-document.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";

export const toNewRejectedDocument = ({ edgelog, ...document }: RejectedDocument): NewDocument => {
  // `edgelog` is the last field, so that the size can be appended to it without serializing the document again.
  const json = JSON.stringify({ ...document, edgelog });
  const bytesJson = `,"bytes":${Buffer.byteLength(json)}`;
  const source = `${json.slice(0, -2)}${bytesJson}}}`;
  return { index: rejectedIndex(document["@timestamp"]), id: document.uid, source, bytes: Buffer.byteLength(source) };
};
