/**
 * Repairs the text of decoded events and of the fields that they share, and records which events were changed.
 */
import type { TextDefects } from "#contract/wire/dialect.ts";
import { hasReplacement, repairText } from "#contract/check/repair-text.ts";
import type { Change } from "#contract/wire/change.ts";
import type { DecodedPayload, RawEvent } from "./delivery.ts";

const REPAIRED: readonly Change[] = ["text_repaired"];

const withRepaired = (changes: readonly Change[] = []): readonly Change[] => [...new Set([...changes, ...REPAIRED])];

/** Returns the same payload if none of its strings needs a repair. */
export const repairPayload = (
  decoded: DecodedPayload,
  { isLossy, mayHaveLoneSurrogates }: TextDefects,
): DecodedPayload => {
  if (!isLossy && !mayHaveLoneSurrogates) return decoded;
  const isChanged = (sent: unknown, repaired: unknown): boolean =>
    repaired !== sent || (isLossy && hasReplacement(repaired));
  const repairEvent = (event: RawEvent): RawEvent => {
    if (!event.ok) return event;
    const [value, resource] = [repairText(event.value), repairText(event.resource)];
    if (!isChanged(event.value, value) && !isChanged(event.resource, resource)) return event;
    return {
      ...event,
      value,
      ...(resource === undefined ? {} : { resource }),
      changes: withRepaired(event.changes),
    };
  };
  const [resource, attributes] = [repairText(decoded.resource), repairText(decoded.attributes)];
  const isSharedChanged = isChanged(decoded.resource, resource) || isChanged(decoded.attributes, attributes);
  return {
    ...decoded,
    resource,
    attributes,
    events: decoded.events.map(repairEvent),
    ...(isSharedChanged ? { changes: withRepaired(decoded.changes) } : {}),
  };
};
