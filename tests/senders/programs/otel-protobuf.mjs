/** OTLP in protobuf. */
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { send } from "./otel.mjs";

await send(OTLPLogExporter);
