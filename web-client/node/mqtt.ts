/**
 * mqtt.js, an optional package. Loaded when the logger connects over MQTT.
 */
import mqtt from "mqtt";

export const { connect } = mqtt;
