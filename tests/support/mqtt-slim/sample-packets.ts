/** At least one packet of every type, with every property of MQTT 5, and invalid packets. */
import type { Packet } from "mqtt-packet";

const bytes = (text: string): Buffer => Buffer.from(text);
const userProperties = { plain: "value", ключ: ["eins", "zwei 🍏"] };

const isV5 = (protocolVersion: number): boolean => protocolVersion === 5;

const WILL_PROPERTIES = {
  willDelayInterval: 10,
  payloadFormatIndicator: true,
  messageExpiryInterval: 70_000,
  contentType: "text/plain",
  responseTopic: "r",
  correlationData: bytes("\u0000\u0001"),
  userProperties,
};
const CONNECT_PROPERTIES = {
  sessionExpiryInterval: 0xffff_ffff,
  receiveMaximum: 500,
  maximumPacketSize: 300_000,
  topicAliasMaximum: 12,
  requestResponseInformation: true,
  requestProblemInformation: false,
  userProperties,
  authenticationMethod: "m",
  authenticationData: bytes("data"),
};
const CONNACK_PROPERTIES = {
  sessionExpiryInterval: 1_234,
  receiveMaximum: 432,
  maximumQoS: 1,
  retainAvailable: true,
  maximumPacketSize: 100,
  assignedClientIdentifier: "assigned",
  topicAliasMaximum: 10,
  reasonString: "because",
  userProperties,
  wildcardSubscriptionAvailable: true,
  subscriptionIdentifiersAvailable: true,
  sharedSubscriptionAvailable: false,
  serverKeepAlive: 60,
  responseInformation: "info",
  serverReference: "other",
  authenticationMethod: "m",
  authenticationData: bytes("data"),
};
const PUBLISH_PROPERTIES = {
  payloadFormatIndicator: true,
  messageExpiryInterval: 4_321,
  topicAlias: 100,
  responseTopic: "receipts/app/client",
  correlationData: bytes("0198-batch"),
  userProperties,
  subscriptionIdentifier: [1, 0x0fff_ffff],
  contentType: "application/json",
};
const REASON = { reasonString: "because", userProperties };

/** Valid packets of one protocol version, 4 (MQTT 3.1.1) or 5. */
export const samplePackets = (protocolVersion: number): readonly Packet[] => {
  const v5 = <Value extends object>(fields: Value): Value | object => (isV5(protocolVersion) ? fields : {});
  const connect = { cmd: "connect", protocolId: "MQTT", protocolVersion, clean: true, clientId: "c1", keepalive: 60 };
  const publish = { cmd: "publish", qos: 0, dup: false, retain: false, topic: "logs/app/клиент", payload: "" };
  const subscription = { topic: "a/+/#", qos: 1, ...v5({ nl: true, rap: true, rh: 2 }) };
  const code = isV5(protocolVersion) ? "reasonCode" : "returnCode";
  const acks = (["puback", "pubrec", "pubrel", "pubcomp"] as const).flatMap((cmd) => [
    { cmd, messageId: 0xffff, ...v5({ reasonCode: 0 }) },
    {
      cmd,
      messageId: 2,
      ...v5({ reasonCode: cmd === "puback" || cmd === "pubrec" ? 0x97 : 0x92, properties: REASON }),
    },
  ]);
  const packets: readonly object[] = [
    connect,
    {
      ...connect,
      clean: false,
      username: "app",
      password: bytes("key"),
      will: { topic: "w", payload: bytes("bye"), qos: 1, retain: true, ...v5({ properties: WILL_PROPERTIES }) },
      ...v5({ properties: CONNECT_PROPERTIES }),
    },
    { cmd: "connack", [code]: 0, sessionPresent: true, ...v5({ properties: CONNACK_PROPERTIES }) },
    { cmd: "connack", [code]: isV5(protocolVersion) ? 0x86 : 4, sessionPresent: false },
    publish,
    { ...publish, qos: 1, dup: true, retain: true, messageId: 1, payload: "żółw 🍏 \ud83d" },
    {
      ...publish,
      qos: 2,
      messageId: 300,
      payload: bytes("x".repeat(70_000)),
      ...v5({ properties: PUBLISH_PROPERTIES }),
    },
    ...acks,
    { cmd: "subscribe", messageId: 7, subscriptions: [subscription, { ...subscription, topic: "b", qos: 0 }] },
    {
      cmd: "subscribe",
      messageId: 8,
      subscriptions: [subscription],
      ...v5({ properties: { subscriptionIdentifier: 145, userProperties } }),
    },
    { cmd: "suback", messageId: 7, granted: [0, 1, 2, 0x80], ...v5({ properties: REASON }) },
    { cmd: "unsubscribe", messageId: 9, unsubscriptions: ["a/+/#", "б"], ...v5({ properties: { userProperties } }) },
    { cmd: "unsuback", messageId: 9, ...v5({ granted: [0, 0x11, 0x80], properties: REASON }) },
    { cmd: "pingreq" },
    { cmd: "pingresp" },
    {
      cmd: "disconnect",
      ...v5({ reasonCode: 0x04, properties: { sessionExpiryInterval: 145, ...REASON, serverReference: "s" } }),
    },
  ];
  const auth = {
    cmd: "auth",
    reasonCode: 0x18,
    properties: { authenticationMethod: "m", authenticationData: bytes("d"), ...REASON },
  };
  return [...packets, ...(isV5(protocolVersion) ? [auth] : [])] as readonly Packet[];
};

export const refusedPackets: readonly object[] = [
  { cmd: "nonsense" },
  { cmd: "connect", protocolId: 7 },
  { cmd: "connect", protocolVersion: 9 },
  { cmd: "connect", keepalive: -1 },
  { cmd: "connect", password: "no user" },
  { cmd: "connect", username: 7 },
  { cmd: "connect", will: { topic: "" } },
  { cmd: "connack" },
  { cmd: "publish", topic: 7 },
  { cmd: "publish", topic: "t", qos: 1 },
  { cmd: "puback" },
  { cmd: "subscribe", messageId: 1, subscriptions: [] },
  { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: 1 }] },
  { cmd: "suback", messageId: 1, granted: [] },
  { cmd: "unsubscribe", messageId: 1, unsubscriptions: [7] },
];
