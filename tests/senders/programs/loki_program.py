import logging

import logging_loki

import logs

handler = logging_loki.LokiHandler(
    url=f"{logs.URL}/loki/api/v1/push", tags={"app": "checkout"}, auth=(logs.APP, logs.KEY), version="1"
)
logger = logging.getLogger("checkout")
logger.addHandler(handler)
logs.send(logger, {"tags": {"trace_id": logs.TRACE_ID}})
