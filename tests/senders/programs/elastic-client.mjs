/** The bulk helper of Elasticsearch's client. */
import { Client } from "@elastic/elasticsearch";
import { sendBulk } from "./send-bulk.mjs";

await sendBulk(Client);
