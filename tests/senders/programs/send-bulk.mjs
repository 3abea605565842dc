/** Sends all documents by the bulk helper that the clients of Elasticsearch and OpenSearch have. */
import { documents } from "./documents.mjs";

export const sendBulk = async (Client) => {
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
};
