"""python-json-logger writes a file, and curl sends it."""

import logging
import os
import subprocess

from pythonjsonlogger.json import JsonFormatter

import logs

path = os.path.join(os.environ["SENDER_SCRATCH"], "json-logger.log")
handler = logging.FileHandler(path, mode="w", encoding="utf-8")
handler.setFormatter(
    JsonFormatter("%(levelname)s %(name)s %(message)s %(process)d", timestamp=True, rename_fields={"levelname": "level"})
)
logger = logging.getLogger("checkout")
logger.addHandler(handler)
logs.send(logger)
handler.close()
command = ["curl", "-sS", "--fail-with-body", "--retry", "8", "--retry-all-errors", f"{logs.URL}/logs"]
subprocess.run([*command, "-u", f"{logs.APP}:{logs.KEY}", "--data-binary", f"@{path}"], check=True, stdout=subprocess.DEVNULL)
