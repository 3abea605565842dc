/** Logs that a hostile sender makes large or long: everything that reads them keeps working, within its memory. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ErrorGroup } from "#contract/store/error-group.ts";
import { createStoreClient } from "../../worker/src/opensearch/client.ts";
import { updateErrorGroups } from "../../worker/src/error-groups/update-groups.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

let stack: ReadStack;
beforeAll(async () => {
  stack = await startReadStack({ readers: { reader: { apps: ["shop"] }, large: { apps: ["large"] } } });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

it("an error group has the versions of at most 128 characters", async () => {
  for (const version of ["1.4.0", "é".repeat(128), "v".repeat(129), "v".repeat(8_192)]) {
    const resource = { "service.version": version };
    await stack.store("shop", { v: 1, resource, events: [{ severity: "error", body: "payment failed" }] });
  }
  await updateErrorGroups(createStoreClient({ url: stack.opensearch }), Date.now());
  await stack.queryOpenSearch("/edgelog-error-groups/_refresh", undefined, "POST");
  const { hits } = (await stack.queryOpenSearch("/edgelog-error-groups/_search", {})) as {
    readonly hits: { readonly hits: readonly { readonly _source: ErrorGroup }[] };
  };
  expect(hits.hits.map(({ _source }) => _source.versions.map(({ version }) => version).toSorted())).toEqual([
    ["1.4.0", "é".repeat(128)],
  ]);
});
