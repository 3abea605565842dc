import type { Attack } from "./attack.ts";
import { BROKER_ATTACKS } from "./broker-attacks.ts";
import { HTTP_ATTACKS } from "./http-attacks.ts";
import { OPERATOR_ATTACKS } from "./operator-attacks.ts";
import { PAGE_ATTACKS } from "./page-attacks.ts";
import { PAYLOAD_ATTACKS } from "./payload-attacks.ts";

export const ATTACKS: readonly Attack[] = [
  ...PAYLOAD_ATTACKS,
  ...OPERATOR_ATTACKS,
  ...HTTP_ATTACKS,
  ...BROKER_ATTACKS,
  ...PAGE_ATTACKS,
];
