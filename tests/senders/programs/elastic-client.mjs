/** The bulk helper of Elasticsearch's client. */
import { Client } from "@elastic/elasticsearch";
import { documents } from "./documents.mjs";

const { SENDER_URL, SENDER_APP: username, SENDER_KEY: password } = process.env;
const client = new Client({ node: `${SENDER_URL}/elasticsearch`, auth: { username, password } });
await client.helpers.bulk({
  datasource: documents,
  flushBytes: 50_000,
  retries: 10,
  onDocument: ({ id }) => ({ create: { _index: "checkout", _id: id } }),
  onDrop: () => undefined,
});
await client.close();
