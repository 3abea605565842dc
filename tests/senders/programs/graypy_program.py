import logging

import graypy

import logs

handler = graypy.GELFHTTPHandler(
    logs.HOST, logs.PORT, path=f"/gelf?app={logs.APP}&key={logs.KEY}", facility="checkout", timeout=20
)
logger = logging.getLogger("checkout")
logger.addHandler(handler)
logs.send(logger)
