/** `parts` in one piece; `byteLength` is what they add up to. One part alone is not copied. */
export const joinBytes = (parts: readonly Uint8Array[], byteLength: number): Uint8Array => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
};
