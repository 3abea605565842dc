const encoder = new TextEncoder();

/** Bytes of `text` in UTF-8; cheap where all of it is ASCII. */
export const utf8Length = (text: string): number =>
  // eslint-disable-next-line no-control-regex -- the whole of ASCII
  /^[\0-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
