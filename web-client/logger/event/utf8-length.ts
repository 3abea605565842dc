const encoder = new TextEncoder();

/** Length of `text` in UTF-8, in bytes; fast for ASCII. */
export const utf8Length = (text: string): number =>
  // eslint-disable-next-line no-control-regex -- matches ASCII
  /^[\0-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
