import logging
import os

os.environ.setdefault("SPLUNK_RETRY_COUNT", "8")
from splunk_handler import SplunkHandler

import logs
from pythonjsonlogger.json import JsonFormatter

handler = SplunkHandler(
    host=logs.HOST,
    port=str(logs.PORT),
    token=f"{logs.APP}:{logs.KEY}",
    index="main",
    protocol="http",
    sourcetype="python",
    verify=False,
    retry_count=8,
    retry_backoff=2.0,
    queue_size=5000,
    record_format=False,
)
handler.setFormatter(JsonFormatter("%(levelname)s %(name)s %(message)s"))
logger = logging.getLogger("checkout")
logger.addHandler(handler)
logs.send(logger)
logging.shutdown()
