/** The OpenSearch client for set-up programs, which may have to trust a private CA. */
import { readFileSync } from "node:fs";
import { Client } from "@opensearch-project/opensearch";

/** `OPENSEARCH_CA` is the path of the CA's certificate that the cluster's own is signed by. */
export const connectOpenSearch = (url: string, caPath = process.env["OPENSEARCH_CA"]): Client =>
  new Client({ node: url, ...(caPath === undefined ? {} : { ssl: { ca: readFileSync(caPath) } }) });
