import logging

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.content_encoding import ContentEncoding
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from pythonjsonlogger.json import JsonFormatter

import logs

configuration = Configuration(host=logs.URL, api_key={"apiKeyAuth": f"{logs.APP}:{logs.KEY}"})
configuration.enable_retry = True
configuration.max_retries = 8
# The client has its own list of servers; this one is not in it.
configuration.server_index = None


class Collect(logging.Handler):
    items = []

    def emit(self, record):
        item = HTTPLogItem(
            ddsource="python",
            ddtags="env:test,version:1.4.2",
            hostname="web-1",
            message=self.format(record),
            service="checkout",
            status=record.levelname.lower(),
        )
        self.items.append(item)


handler = Collect()
handler.setFormatter(JsonFormatter("%(levelname)s %(name)s %(message)s", timestamp="timestamp"))
logger = logging.getLogger("checkout")
logger.addHandler(handler)
logs.send(logger)
with ApiClient(configuration) as client:
    for start in range(0, len(handler.items), 250):
        LogsApi(client).submit_log(content_encoding=ContentEncoding.GZIP, body=HTTPLog(handler.items[start : start + 250]))
