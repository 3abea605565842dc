/** OTLP in json. */
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { send } from "./otel.mjs";

await send(OTLPLogExporter);
