/**
 * The part of the vendor's client that sends requests, made of the package's parts: the class `Client` loads hundreds of modules with a
 * method for each API. Setup programs and commands use it, too.
 */
import { ConnectionPool } from "@opensearch-project/opensearch/lib/pool/index.js";
import Serializer from "@opensearch-project/opensearch/lib/Serializer.js";
import Transport from "@opensearch-project/opensearch/lib/Transport.js";

type PoolOptions = NonNullable<ConstructorParameters<typeof ConnectionPool>[0]>;

export interface TransportOptions {
  /** How to connect, and how to check a node that has failed. */
  readonly pool: Omit<PoolOptions, "emit">;
  readonly serializer?: ConstructorParameters<typeof Serializer>[0];
  readonly maxRetries: number;
  /** Timeout of each attempt of a request, in milliseconds. */
  readonly requestTimeout: number;
}

/** Nobody listens to the events of the client. */
const emit = (): boolean => false;

/** `url` may contain user and password. */
export const createTransport = (
  url: string,
  { pool, serializer, maxRetries, requestTimeout }: TransportOptions,
): Transport => {
  const connectionPool = new ConnectionPool({ ...pool, emit });
  connectionPool.addConnection(url);
  // `sniffEndpoint` is required, but nothing asks a cluster for its nodes.
  return new Transport({
    connectionPool,
    serializer: new Serializer(serializer),
    maxRetries,
    requestTimeout,
    sniffEndpoint: "",
    emit,
  });
};
