/**
 * The OpenAPI description of `POST /v1/logs`. The request's schema is OpenTelemetry's and only named here.
 */
import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from "zod-openapi";

const rpcStatus = z.object({ code: z.int(), message: z.string() });
const otlpResponse = z.object({
  partialSuccess: z.object({ rejectedLogRecords: z.string(), errorMessage: z.string() }).optional(),
});

/** @param json Describes a JSON response. */
export const createOtlpOperation = (
  json: (description: string, schema: z.ZodType) => ZodOpenApiResponseObject,
  security: NonNullable<ZodOpenApiOperationObject["security"]>,
): ZodOpenApiOperationObject => ({
  summary:
    "OTLP over HTTP: stores an `ExportLogsServiceRequest` in JSON or protobuf. Errors are a `google.rpc.Status`.",
  tags: ["Writing"],
  security,
  requestBody: {
    required: true,
    content: {
      "application/json": { schema: z.looseObject({ resourceLogs: z.array(z.looseObject({})).optional() }) },
      "application/x-protobuf": { schema: z.string().meta({ format: "binary" }) },
    },
  },
  responses: {
    "200": json("An `ExportLogsServiceResponse`. Rejected records are counted in `partialSuccess`.", otlpResponse),
    "400": json("The body is not an OTLP request. Do not resend it.", rpcStatus),
    "401": json("Missing credentials, unknown app or invalid key.", rpcStatus),
    "403": json("The app is disabled, or the page's origin is not allowed.", rpcStatus),
    "413": json("The body is too large. Split it and resend.", rpcStatus),
    "415": json("Unsupported Content-Encoding.", rpcStatus),
    "429": json("Too many requests from this address or app. Retry after the time in Retry-After.", rpcStatus),
    "503": json("Records are not stored yet. Resend the request after the time in Retry-After.", rpcStatus),
  },
});
