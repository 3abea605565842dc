/**
 * Replaces `rfdc` for packets, which mqtt.js copies until they are acknowledged: plain values, arrays, bytes and objects.
 */
const deepClone = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(deepClone) as Value;
  // Not `value.slice()`, which shares memory if the value is a Buffer.
  if (value instanceof Uint8Array) return Uint8Array.prototype.slice.call(value) as Value & Uint8Array;
  const clone: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) clone[key] = deepClone(item);
  return clone as Value;
};

export default deepClone;
