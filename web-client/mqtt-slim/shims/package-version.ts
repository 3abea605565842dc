/** mqtt.js wants its version, not its whole package.json. */
export { version } from "mqtt/package.json";
