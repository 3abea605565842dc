/** The version of mqtt.js, instead of its whole package.json. */
export { version } from "mqtt/package.json";
