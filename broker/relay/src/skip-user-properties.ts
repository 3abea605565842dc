/**
 * Lets the parser of mqtt.js skip user properties, which the relay does not use.
 *
 * The parser creates strings and objects for each of them. A client can put 200,000 into a message of 1 MB, which took the
 * relay's only thread 100 to 300 ms, before any limit of an app counts.
 */
import mqttPacket from "mqtt-packet";

const USER_PROPERTY = 0x26;
const LENGTH_BYTES = 2;

interface UserProperty {
  readonly name: string;
  readonly value: string;
}

/** All user properties of a packet become this one. */
const SKIPPED: UserProperty = { name: "", value: "" };

/** The members of mqtt-packet's parser that are used or replaced here. A test compares both parsers. */
interface Parser {
  /** The next byte to read, relative to the start of the packet's variable header. */
  _pos: number;
  readonly packet: { readonly length: number };
  readonly _list: { slice(start: number, end: number): Buffer };
  _parseVarByteNum(): number | false;
  _parseProperties(): object | false;
  _parseStringPair(): UserProperty;
}

/** Position after the string at `start`. `undefined` if it is incomplete. */
const findEnd = (bytes: Buffer, start: number): number | undefined => {
  if (start + LENGTH_BYTES > bytes.length) return undefined;
  const end = start + LENGTH_BYTES + bytes.readUInt16BE(start);
  return end > bytes.length ? undefined : end;
};

/**
 * Size of the user properties at the start of `bytes`, of which the first one has no identifier. Ends before one that is malformed,
 * and with the one that reaches `propertiesEnd`: a payload can start with the byte of the identifier.
 */
const measure = (bytes: Buffer, propertiesEnd: number): number => {
  let size = 0;
  for (let start = 0; ; start = size + 1) {
    const valueStart = findEnd(bytes, start);
    const end = valueStart === undefined ? undefined : findEnd(bytes, valueStart);
    if (end === undefined) return size;
    size = end;
    if (size >= propertiesEnd || bytes[size] !== USER_PROPERTY) return size;
  }
};

let isInstalled = false;

/** Changes the parsers of all connections of this process. Call it before the first connection. */
export const skipUserProperties = (): void => {
  if (isInstalled) return;
  isInstalled = true;
  const parser: Parser = Object.getPrototypeOf(mqttPacket.parser());
  const { _parseProperties: parseProperties, _parseStringPair: parseStringPair } = parser;
  // A parser reads a packet in one turn, so all of them can share this.
  let propertiesStart = 0;
  parser._parseProperties = function (this: Parser) {
    propertiesStart = this._pos;
    return parseProperties.call(this);
  };
  parser._parseStringPair = function (this: Parser) {
    const start = this._pos;
    this._pos = propertiesStart;
    const length = Number(this._parseVarByteNum());
    const propertiesEnd = this._pos + length;
    this._pos = start;
    const size = measure(this._list.slice(start, this.packet.length), propertiesEnd - start);
    // It is malformed, which the parser reports.
    if (size === 0) return parseStringPair.call(this);
    this._pos += size;
    return SKIPPED;
  };
};
