/** Concatenates `chunks`, whose total length is `byteLength`. A single chunk is returned without a copy. */
export const joinBytes = (chunks: readonly Uint8Array[], byteLength: number): Uint8Array => {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const joined = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
};
