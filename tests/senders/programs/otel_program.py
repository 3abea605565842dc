import logging

from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span

import logs

provider = LoggerProvider(resource=Resource.create({"service.name": "checkout"}))
exporter = OTLPLogExporter(
    endpoint=f"{logs.URL}/v1/logs", headers={"authorization": f"Bearer {logs.APP}:{logs.KEY}"}, timeout=60
)
provider.add_log_record_processor(BatchLogRecordProcessor(exporter, max_queue_size=4096))
set_logger_provider(provider)
logger = logging.getLogger("checkout")
logger.addHandler(LoggingHandler(level=logging.NOTSET, logger_provider=provider))
span = SpanContext(int(logs.TRACE_ID, 16), 0xEEE19B7EC3C1B174, False, TraceFlags(1))
with use_span(NonRecordingSpan(span)):
    logs.send(logger, {})
provider.force_flush(120_000)
provider.shutdown()
