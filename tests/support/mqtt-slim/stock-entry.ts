/** mqtt.js as published, with the same export. */
import mqtt from "mqtt";

export const connect = mqtt.connect;
