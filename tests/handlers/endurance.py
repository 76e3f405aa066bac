"""Many requests of every kind to one instance: what stays of them in memory, and which descriptors stay open.

python -m tests.handlers.endurance ARTIFACT [REQUESTS]
"""

import gc
import json
import os
import sys
from itertools import cycle, islice
from pathlib import Path

from emulators.local import example
from handlers import log
from handlers.service import Service
from leanfn.artifact import load
from leanfn.http import Request
from tests.documents import DOCUMENTS

SHORT = [document for document, _ in DOCUMENTS if len(document) < 1000]


def calls(artifact):
    """One request of every kind; most are good ones, as in a function's life."""
    row = example(artifact)
    good = json.dumps(row).encode()
    bodies = [
        *SHORT,
        json.dumps([row] * 10).encode(),
        json.dumps({**row, "other": 1, "one more": []}).encode(),
    ]
    for number, body in enumerate(bodies):
        yield "POST", "/predict", {}, body
        yield "POST", "/predict", {"probabilities": "1", "explain": str(number % 2)}, good
        yield "GET", ("/", "/health", "/signature", "/openapi.json", f"/{number}")[number % 5], {}, b""
        yield from [("POST", "/", {}, good)] * 4


def resident():
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def main(folder, requests=200_000):
    service = Service(lambda: load(folder), {})
    kinds = list(calls(load(folder)))

    def answer(count):
        for method, path, query, body in islice(cycle(kinds), count):
            request = Request(method, path, query, {"content-type": "application/json"}, body)
            service(request)
            log.aws(request.record)

    answer(max(len(kinds), requests // 4))  # until all that is kept on purpose is there
    gc.collect()
    before, opened = resident(), descriptors()
    answer(requests)
    gc.collect()
    print(
        json.dumps(
            {"requests": requests, "bytes": resident() - before, "descriptors": descriptors() - opened}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
