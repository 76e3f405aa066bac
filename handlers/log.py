"""One line a request, as JSON in the shape that each cloud's log reads. No body, no header, no text of an exception.

JSON escapes whatever a caller put into the path: a line stays a line.
"""

from __future__ import annotations

import json
import os
import sys
from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Record = Mapping[str, Any]
    Log = Callable[[str], object]

PLACES_LIMIT = 12
HEX = frozenset("0123456789abcdef")


def stdout(line: str) -> None:
    """Write a line in one piece: two threads that print would mix theirs."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def logging_info(line: str) -> None:
    """Hand a line to the logging that Azure's worker has set up; what goes to stdout never reaches its log."""
    import logging

    logger = logging.getLogger("leanfn")
    if logger.level == logging.NOTSET:  # the root's is WARNING wherever nobody has said otherwise
        logger.setLevel(logging.INFO)
    logger.info("%s", line)


def aws(record: Record) -> str:
    """CloudWatch's embedded metric format: the same line is a log entry and two metrics.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    opening = MODEL_METRICS if "version" in record else PLAIN_METRICS
    return opening.replace("TIME", str(int(time() * 1000)), 1) + json.dumps({"rows": 0, **record})[1:]


def _opening(dimensions: str) -> str:
    """The start of a metric line, which is the same for all but its time: written once, not for every request."""
    metrics = '[{"Name": "ms", "Unit": "Milliseconds"}, {"Name": "rows", "Unit": "Count"}]'
    directive = f'{{"Namespace": "leanfn", "Dimensions": {dimensions}, "Metrics": {metrics}}}'
    return f'{{"_aws": {{"Timestamp": TIME, "CloudWatchMetrics": [{directive}]}}, '


MODEL_METRICS = _opening('[["name", "version"]]')
PLAIN_METRICS = _opening("[[]]")


def google(record: Record, environ: Mapping[str, str] = os.environ) -> str:
    """Cloud Logging's special fields beside our own.

    https://cloud.google.com/logging/docs/structured-logging
    """
    status = record["status"]
    line: dict[str, Any] = {
        "severity": "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO",
        "message": f"{record['method']} {record['path']} {status}",
        **record,
    }
    project = environ.get("GOOGLE_CLOUD_PROJECT")
    if "trace" in record and project:
        line["logging.googleapis.com/trace"] = f"projects/{project}/traces/{record['trace']}"
        line["logging.googleapis.com/spanId"] = record["span"]
    return json.dumps(line)


def azure(record: Record) -> str:
    """A message that Application Insights takes whole; `parse_json(message)` opens it in a query.

    https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete
    """
    return json.dumps(record)


def trace(traceparent: str, record: dict[str, Any]) -> None:
    """Add the trace and the span that the caller is in (https://www.w3.org/TR/trace-context/), if they are right."""
    parts = traceparent.split("-")
    if [len(part) for part in parts[:4]] == [2, 32, 16, 2] and HEX.issuperset("".join(parts[:4])):
        record["trace"], record["span"] = parts[1], parts[2]


def places(error: BaseException) -> list[str]:
    """Where an exception and what led to it came from: files, lines, functions and kinds, but no message.

    A message may quote what somebody sent.
    """
    found: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < PLACES_LIMIT:
        found.append(type(cause).__name__)
        frames = []
        trace = cause.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        found += frames[-3:]
        cause = cause.__cause__ or cause.__context__
    return found[:PLACES_LIMIT]
