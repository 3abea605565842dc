const ROW = 16;

const toRow = (bytes: readonly number[], start: number): string => {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${start.toString(16).padStart(6, "0")}  ${hex.padEnd(ROW * 3)} ${text}`;
};

/** The first bytes of what is no text, as people read bytes: place, hexadecimal, and what is readable of it. */
export const toHex = (base64: string, mostBytes: number): string => {
  // Four characters hold three bytes.
  const bytes = Array.from(atob(base64.slice(0, Math.ceil(mostBytes / 3) * 4)), (character) => character.charCodeAt(0));
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) rows.push(toRow(bytes.slice(at, at + ROW), at));
  return rows.join("\n");
};
