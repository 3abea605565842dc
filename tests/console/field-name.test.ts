/** Names by which the console searches for a field of a log. */
import { expect, it } from "vitest";
import { toFieldName } from "../../web-client/console/logs/detail/field-name.ts";

it.each([
  [["attributes", "cart", "total"], "cart.total"],
  [["attributes", "tags", 0], "tags"],
  [["attributes", "items", 0, "name"], "items.name"],
  [["attributes", "grid", 1, 0, "cell", 2], "grid.cell"],
  [["attributes", "items", "0", "name"], "items.0.name"],
  [["resource", "attributes", "disks", 1, "size"], "resource.attributes.disks.size"],
  [["attributes", "attributes.x"], "attributes.attributes.x"],
  [["attributes", "resource.attributes.x"], "attributes.resource.attributes.x"],
  [["exception", "type"], "type"],
  [["@timestamp"], undefined],
])("%j has the name %s: positions in lists are not part of it", (path, name) => {
  expect(toFieldName(path)).toBe(name);
});
