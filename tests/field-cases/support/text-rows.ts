/** Texts that were stored and not found, or not as they were sent: rows of the tests of section A. */

export const bytesOf = (...parts: readonly (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))));

/** A text row: a payload, the body that is stored for it, and the queries that find it. */
export interface TextRow {
  readonly name: string;
  readonly payload: string | Uint8Array | object;
  readonly body: string;
  readonly queries: readonly string[];
  readonly changes?: readonly string[];
}

export const REPAIRED = ["text_repaired"];
const ESC = "\u001b";

export const TEXT_ROWS: readonly TextRow[] = [
  {
    name: "A1: half of an emoji at the end",
    payload: String.raw`{"body":"Checkout failedaa for Ann \ud83d"}`,
    body: "Checkout failedaa for Ann \ufffd",
    queries: ["failedaa", '"failedaa for Ann"'],
    changes: REPAIRED,
  },
  {
    name: "A1: the second half of an emoji within a word",
    payload: String.raw`{"body":"second\ude00half wordab"}`,
    body: "second\ufffdhalf wordab",
    queries: ["wordab"],
    changes: REPAIRED,
  },
  {
    name: "A1: half of an emoji in a long text",
    payload: `{"body":"${"longac ".repeat(10_000)}\\ud83d"}`,
    body: `${"longac ".repeat(10_000)}\ufffd`,
    queries: ["longac"],
    changes: REPAIRED,
  },
  {
    name: "A1: half of an emoji in exception.message",
    payload: String.raw`{"body":"wordad","attributes":{"exception.message":"declinedad \ud83d"}}`,
    body: "wordad",
    queries: ["declinedad", "exception.message:declinedad"],
    changes: REPAIRED,
  },
  {
    name: "A1: half of an emoji in a key and a value of an attribute",
    payload: String.raw`{"body":"wordae","attributes":{"k\ud83d":"v\ud83d"}}`,
    body: "wordae",
    queries: ["wordae", "k\ufffd:v\ufffd"],
    changes: REPAIRED,
  },
  {
    name: "A1: half of an emoji in the resource of a batch",
    payload: String.raw`{"v":1,"resource":{"service.name":"shop\ud83d"},"events":[{"body":"wordaf"}]}`,
    body: "wordaf",
    queries: ["service:shop\ufffd wordaf"],
    changes: REPAIRED,
  },
  {
    name: "A1: a whole emoji as escapes",
    payload: String.raw`{"body":"wholeag \ud83d\ude00"}`,
    body: "wholeag \u{1f600}",
    queries: ["wholeag", "wholeag \u{1f600}"],
  },
  {
    name: "A2: an invalid byte in a text",
    payload: bytesOf("Cafba invalid", 0xff, " wordba"),
    body: "Cafba invalid\ufffd wordba",
    queries: ["wordba"],
    changes: REPAIRED,
  },
  {
    name: "A2: an invalid byte in an event of a batch",
    payload: bytesOf('{"v":1,"events":[{"body":"wordbb ', 0xc3, '"}]}'),
    body: "wordbb \ufffd",
    queries: ["wordbb"],
    changes: REPAIRED,
  },
  {
    name: "A2: UTF-16 with a byte order mark",
    payload: Buffer.from('\ufeff{"body":"wordbc é"}', "utf16le"),
    body: "wordbc é",
    queries: ["wordbc"],
  },
  {
    name: "A3: a coloured word",
    payload: { body: `${ESC}[31mConnectionzz${ESC}[39m refusedzz` },
    body: `${ESC}[31mConnectionzz${ESC}[39m refusedzz`,
    queries: ["Connectionzz", "refusedzz", '"connectionzz refusedzz"', "Connectionz*"],
  },
  {
    name: "A3: 256 colours, and a colour within a word",
    payload: { body: `${ESC}[1;38;5;196mBrightcb${ESC}[0m ${ESC}[2Kdonecb` },
    body: `${ESC}[1;38;5;196mBrightcb${ESC}[0m ${ESC}[2Kdonecb`,
    queries: ["brightcb", "donecb", '"brightcb donecb"'],
  },
  {
    name: "A4: names with dots, colons, underscores and camel case",
    payload: { body: "java.lang.NullPointerException: oops error:timeout payment_failed UserService.findOne xx4a" },
    body: "java.lang.NullPointerException: oops error:timeout payment_failed UserService.findOne xx4a",
    queries: [
      "NullPointerException",
      "nullpointerexception",
      "java.lang.NullPointerException",
      '"lang.NullPointerException: oops"',
      '"PointerException: oops"',
      '"oops error"',
      "Pointer",
      "PointerException",
      "NullPointer",
      "timeout",
      '"error:timeout"',
      "failed",
      "payment_failed",
      "findOne",
      "findone",
      "UserService.findOne",
      "userservice.findone",
      "java.lang.Null*",
      "*Exception",
    ].map((query) => `${query} xx4a`),
  },
  {
    name: "A4: acronyms, paths, numbers and addresses",
    payload: {
      body: "SSLHandshakeException at /api/v2/orders/order17 on 10.0.0.1 after 500ms, cart-BBhnYwcV.js:42 xx4b",
    },
    body: "SSLHandshakeException at /api/v2/orders/order17 on 10.0.0.1 after 500ms, cart-BBhnYwcV.js:42 xx4b",
    queries: [
      "handshake",
      "HandshakeException",
      "SSL",
      "/api/v2/orders",
      "orders",
      "17",
      "order17",
      "10.0.0.1",
      "500",
      "42",
    ].map((query) => `${query} xx4b`),
  },
  {
    name: "A4: names with two to six parts",
    payload: {
      body: "HttpClientImpl DefaultListableBeanFactory AbstractAutowireCapableBeanFactory ListOfAllNamesInOrder isReady xx4f",
    },
    body: "HttpClientImpl DefaultListableBeanFactory AbstractAutowireCapableBeanFactory ListOfAllNamesInOrder isReady xx4f",
    queries: [
      "http",
      "client",
      "HttpClient",
      "ClientImpl",
      "listable",
      "DefaultListableBean",
      "ListableBeanFactory",
      "autowire",
      "AutowireCapableBeanFactory",
      "CapableBeanFactory",
      "AbstractAutowireCapableBean",
      "names",
      "InOrder",
      "AllNamesInOrder",
      "ListOfAllNamesIn",
      "ready",
      '"impl defaultlistablebeanfactory"',
      '"HttpClient default"',
    ].map((query) => `${query} xx4f`),
  },
  {
    name: "A4: names with digits, acronyms and accents",
    payload: { body: "GET SKU42 sku-77x HTTP2Client parseXML9 xmlHTTPRequest straßenName ÜberGrößeFehler a1b2c3 xx4g" },
    body: "GET SKU42 sku-77x HTTP2Client parseXML9 xmlHTTPRequest straßenName ÜberGrößeFehler a1b2c3 xx4g",
    queries: [
      "get",
      "sku",
      "42",
      "77",
      "x",
      "HTTP2",
      "client",
      "parse",
      "XML9",
      "HTTPRequest",
      "xmlHTTP",
      "strassen",
      "name",
      "grosse",
      "GrößeFehler",
      "fehler",
      "a1b2c3",
    ].map((query) => `${query} xx4g`),
  },
  {
    name: "A4: exception type and stack trace",
    payload: {
      body: "xx4c",
      attributes: {
        "exception.type": "com.example.PaymentDeclinedException",
        "exception.stacktrace":
          "at com.example.CartService.payOrder(CartService.java:17)\n\tat com.example.DefaultOrderFactory.<init>(Order.java:4)",
      },
    },
    body: "xx4c",
    queries: [
      "PaymentDeclinedException",
      "declined",
      "payOrder",
      "payorder",
      "cartservice",
      "service",
      "CartService.java",
      '"at com.example.CartService.payOrder(CartService.java:17)"',
      '"Service.payOrder"',
      "OrderFactory",
      "DefaultOrder",
      "factory",
      "Default*",
      "type:com.example.PaymentDeclinedException",
    ].map((query) => `${query} xx4c`),
  },
  {
    name: "A4: accents and case",
    payload: { body: "Café Crème, Straße, ΣΊΣΥΦΟΣ, ёлка, cafe\u0301s xx4d" },
    body: "Café Crème, Straße, ΣΊΣΥΦΟΣ, ёлка, cafe\u0301s xx4d",
    queries: ["cafe", "CAFÉ", "creme", "crè*", "strasse", "σίσυφος", "елка", "cafés"].map((query) => `${query} xx4d`),
  },
  {
    name: "A4: Chinese, Japanese, Korean and emoji",
    payload: { body: "支付失败 カート 결제 실패 \u{1f600} xx4e" },
    body: "支付失败 カート 결제 실패 \u{1f600} xx4e",
    queries: ["支付", "失败", "支付失败", "カート", "결제", "\u{1f600}"].map((query) => `${query} xx4e`),
  },
];
