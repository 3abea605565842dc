/**
 * Attributes that all events of a process share. A server has no session of a user: the resource has the id of this instance instead.
 */
import { hostname } from "node:os";
import type { Attributes } from "#contract/wire/attributes.ts";
import { copyEvent } from "../logger/event/copy-event.ts";
import { newId } from "../logger/event/new-id.ts";
import type { Session } from "../logger/event/session.ts";

const instanceId = newId();

export const createSession = (resource: Attributes, shared: Attributes): Session => {
  let head = "";
  const ownResource = {
    "service.instance.id": instanceId,
    "host.name": hostname(),
    "process.runtime.name": "nodejs",
    "process.runtime.version": process.versions.node,
    ...resource,
  };
  return {
    _id: instanceId,
    _share(attributes) {
      shared = { ...shared, ...attributes };
      head = "";
    },
    _head: () =>
      (head ||= JSON.stringify(copyEvent({ resource: ownResource }, { "process.pid": process.pid }, shared))),
  };
};
