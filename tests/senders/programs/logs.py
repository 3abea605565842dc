"""The logs that each sender in Python sends with `logging`: see expected-logs.ts."""

import json
import logging
import os
from urllib.parse import urlparse

URL = os.environ["SENDER_URL"]
APP = os.environ["SENDER_APP"]
KEY = os.environ["SENDER_KEY"]
TOKEN = os.environ["SENDER_TOKEN"]
COUNT = int(os.environ["SENDER_COUNT"])
TRACE_ID = "5b8efff798038103d269b633813fc60c"
HOST = urlparse(URL).hostname
PORT = urlparse(URL).port


def send(logger, extra=None):
    """`extra` makes the argument for the trace id."""
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    for n in range(COUNT - 4):
        logger.info("event %d %s", n, TOKEN)
    logger.warning("Grüße 😀 日本 %s", TOKEN, extra=(extra or {"trace_id": TRACE_ID}))
    try:
        json.loads("{")
    except ValueError:
        logger.exception("failed %s", TOKEN)
    logger.debug("lowest %s", TOKEN)
    logger.critical("highest %s", TOKEN)
