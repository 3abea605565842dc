"""Runs the example in docs/send/services.md."""

import logging
import re
from pathlib import Path

import logs

page = Path(__file__).parents[3] / "docs/send/services.md"
[example] = [each for each in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL) if "SplunkHandler" in each]
for documented, value in {
    "logs.example.com": logs.HOST,
    '"443"': f'"{logs.PORT}"',
    '"https"': '"http"',
    "shop:elk_…": f"{logs.APP}:{logs.KEY}",
}.items():
    assert documented in example, documented
    example = example.replace(documented, value)
names = {}
exec(example, names)
handler = names["handler"]
# The test stops OpenSearch for 30 seconds.
handler.retry_count = 8
handler.sourcetype = "python"
logs.send(logging.getLogger("checkout"))
logging.shutdown()
