/**
 * The types that are written by hand, because the published logger must not depend on zod, are those of the schemas.
 * `npm run check:types` compares them.
 */
import { expect, expectTypeOf, it } from "vitest";
import type * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";
import type { Receipt, RejectedEvent, Violation } from "#contract/wire/receipt-types.ts";
import { receiptSchema, type rejectedEventSchema } from "#contract/wire/receipt.ts";
import type { violationSchema } from "#contract/wire/violation.ts";

it("types of violations, rejected events and receipts are those of their schemas", () => {
  expectTypeOf<Violation>().toEqualTypeOf<Immutable<z.output<typeof violationSchema>>>();
  expectTypeOf<RejectedEvent>().toEqualTypeOf<Immutable<z.output<typeof rejectedEventSchema>>>();
  expectTypeOf<Receipt>().toEqualTypeOf<Immutable<z.output<typeof receiptSchema>>>();
  const receipt: Required<Receipt> = {
    v: 1,
    batch: "b",
    stored: 1,
    duplicates: 0,
    rejected: [{ index: 1, id: "i", reason: "too_long", message: "too long", field: "body", limit: 1 }],
    unfinished: [2],
  };
  expect(receiptSchema.parse(receipt)).toEqual(receipt);
});
