/** The bulk helper of OpenSearch's client. */
import { Client } from "@opensearch-project/opensearch";
import { sendBulk } from "./send-bulk.mjs";

await sendBulk(Client);
