import { expect, it } from "vitest";
import { liftAttributes, liftResource } from "#contract/store/lift-fields.ts";
import type { Attributes } from "#contract/wire/log-event.ts";

interface Sent {
  readonly resource?: Attributes;
  readonly shared?: Attributes;
  readonly own?: Attributes;
}

const lift = ({ resource, shared, own }: Sent): Record<string, unknown> => {
  const lifted = liftResource(resource);
  const document: Record<string, unknown> = lifted === undefined ? {} : { resource: lifted };
  liftAttributes(document, shared, own);
  return document;
};

it.each<[string, Sent, object]>([
  [
    "names of the resource in an event without one",
    { own: { "service.name": "x9", "service.version": "9.9", "host.name": "h9", "device.id": "d9", a: 1 } },
    {
      resource: { service: { name: "x9", version: "9.9" }, host: { name: "h9" }, device: { id: "d9" } },
      attributes: { a: 1 },
    },
  ],
  [
    "only those that the resource lacks",
    { resource: { "service.name": "shop" }, own: { "service.name": "x9", "service.version": "9.9" } },
    { resource: { service: { name: "shop", version: "9.9" } }, attributes: { "service.name": "x9" } },
  ],
  [
    "names of the resource in the attributes of a batch, the event's first",
    { shared: { "service.name": "a", "host.name": "h" }, own: { "service.name": "b" } },
    { resource: { service: { name: "b" }, host: { name: "h" } } },
  ],
  [
    "values that the typed field does not contain exactly, in both maps",
    { own: { "device.battery.percent": "80.0", "service.name": { nested: true } } },
    {
      resource: { device: { battery: { percent: 80 } } },
      attributes: { "device.battery.percent": "80.0", "service.name": { nested: true } },
    },
  ],
  [
    "the sender in a resource, which keeps it",
    { resource: { "user.id": "u", "session.id": "s", "organization.name": "o", "url.path": "/" } },
    {
      user: { id: "u" },
      session: { id: "s" },
      organization: { name: "o" },
      resource: { attributes: { "user.id": "u", "session.id": "s", "organization.name": "o", "url.path": "/" } },
    },
  ],
  [
    "the sender of the event rather than that of the resource",
    { resource: { "user.id": "u", "session.id": "s" }, shared: { "session.id": "s2" }, own: { "user.id": "u2" } },
    { user: { id: "u2" }, session: { id: "s2" }, resource: { attributes: { "user.id": "u", "session.id": "s" } } },
  ],
  [
    "no part of another user",
    { resource: { "user.id": "u", "user.email": "u@example.com" }, own: { "user.id": "u2" } },
    { user: { id: "u2" }, resource: { attributes: { "user.id": "u", "user.email": "u@example.com" } } },
  ],
])("lifts %s", (_, sent, expected) => expect(lift(sent)).toEqual(expected));

it("does not change the resource, which other documents share", () => {
  const resource = liftResource({ "service.name": "shop" });
  const document: Record<string, unknown> = { resource };
  liftAttributes(document, undefined, { "service.version": "9.9" });
  expect(document["resource"]).toEqual({ service: { name: "shop", version: "9.9" } });
  expect(resource).toEqual({ service: { name: "shop" } });
});
