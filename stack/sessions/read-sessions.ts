/**
 * Reads the sessions in the file in which Mosquitto saves its state, because MQTT has no request for a list of them.
 *
 * The file is a header and chunks, in network byte order. Each chunk has a type and a length, so the messages are skipped, which can be
 * gigabytes. Source: `struct PF_client` in src/persist.h of Mosquitto 2.0.
 */
import { open, type FileHandle } from "node:fs/promises";
import { StackError } from "../lib/stack-error.ts";

const MAGIC = Buffer.from("\0\xB5\0mosquitto db", "latin1");
/** Of every version 2.0. */
const VERSION = 6;
/** The magic bytes, a checksum and the version of the format. */
const HEADER_BYTES = MAGIC.length + 8;
const CHUNK_HEADER_BYTES = 8;
const CLIENT_CHUNK = 6;
/** Size of the members of a client chunk before its client id and user name, and the positions of their lengths. */
const CLIENT_BYTES = 24;
const ID_LENGTH_AT = 14;
const USER_LENGTH_AT = 18;

export interface BrokerSession {
  readonly clientId: string;
  readonly user: string;
}

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
};

const parseClient = (chunk: Buffer): BrokerSession => {
  const userAt = CLIENT_BYTES + chunk.readUInt16BE(ID_LENGTH_AT);
  return {
    clientId: chunk.toString("utf8", CLIENT_BYTES, userAt),
    user: chunk.toString("utf8", userAt, userAt + chunk.readUInt16BE(USER_LENGTH_AT)),
  };
};

/** All sessions in the file. Throws if it is not a file of Mosquitto 2.0. */
export const readSessions = async (path: string): Promise<readonly BrokerSession[]> => {
  await using file = await open(path).catch((error: unknown) => {
    throw new StackError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const header = await readAt(file, 0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
    throw new StackError(`${path} is not a file of Mosquitto.`);
  const version = header.readUInt32BE(HEADER_BYTES - 4);
  if (version !== VERSION)
    throw new StackError(
      `${path} has the format ${version}. This command reads the format ${VERSION} of Mosquitto 2.0.`,
    );
  const sessions: BrokerSession[] = [];
  for (let position = HEADER_BYTES; ;) {
    const head = await readAt(file, position, CHUNK_HEADER_BYTES);
    if (head.length < CHUNK_HEADER_BYTES) return sessions;
    const length = head.readUInt32BE(4);
    if (head.readUInt32BE(0) === CLIENT_CHUNK)
      sessions.push(parseClient(await readAt(file, position + CHUNK_HEADER_BYTES, length)));
    position += CHUNK_HEADER_BYTES + length;
  }
};
