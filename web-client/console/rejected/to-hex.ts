const ROW_BYTES = 16;

const toRow = (bytes: readonly number[], start: number): string => {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${start.toString(16).padStart(6, "0")}  ${hex.padEnd(ROW_BYTES * 3)} ${text}`;
};

/** Hex dump of the first bytes of binary data: offset, hexadecimal and printable characters. */
export const toHex = (base64: string, maxBytes: number): string => {
  // Four characters hold three bytes.
  const bytes = Array.from(atob(base64.slice(0, Math.ceil(maxBytes / 3) * 4)), (character) => character.charCodeAt(0));
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) rows.push(toRow(bytes.slice(at, at + ROW_BYTES), at));
  return rows.join("\n");
};
