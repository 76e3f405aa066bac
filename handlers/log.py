"""One line a request, as JSON in the shape that each cloud's log reads. No body, no header, no text of an exception.

JSON escapes whatever a caller put into the path: a line stays a line.
"""

from __future__ import annotations

import json
import os
import sys
from time import time

from leanfn.http import SCALARS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Record = Mapping[str, Any]
    Log = Callable[[str], object]

PLACES_LIMIT = 12
HEX = frozenset("0123456789abcdef")
_quote = json.encoder.encode_basestring_ascii


def stdout(line: str) -> None:
    """Write a line in one piece: two threads that print would mix theirs."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def logging_info(line: str) -> None:
    """Hand a line to the logging that Azure's worker has set up; what goes to stdout never reaches its log."""
    from logging import INFO, NOTSET, LogRecord, getLogger

    logger = getLogger("leanfn")
    if logger.level == NOTSET:  # the root's is WARNING wherever nobody has said otherwise
        logger.setLevel(INFO)
    if logger.isEnabledFor(INFO):  # logger.info would walk the stack to tell where it was called
        logger.handle(LogRecord(logger.name, INFO, "", 0, line, None, None))


def aws(record: Record) -> str:
    """CloudWatch's embedded metric format: the same line is a log entry and two metrics.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    opening = MODEL_METRICS if "version" in record else PLAIN_METRICS
    rows = "" if "rows" in record else '"rows": 0, '
    return f"{opening[0]}{int(time() * 1000)}{opening[1]}{rows}{_members(record)}}}"


def _opening(dimensions: str) -> tuple[str, str]:
    """The start of a metric line before and after its time: written once, not for every request."""
    metrics = '[{"Name": "ms", "Unit": "Milliseconds"}, {"Name": "rows", "Unit": "Count"}]'
    directive = f'{{"Namespace": "leanfn", "Dimensions": {dimensions}, "Metrics": {metrics}}}'
    return '{"_aws": {"Timestamp": ', f', "CloudWatchMetrics": [{directive}]}}, '


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
    if "trace" in record and environ.get("GOOGLE_CLOUD_PROJECT"):
        project = environ["GOOGLE_CLOUD_PROJECT"]
        line["logging.googleapis.com/trace"] = f"projects/{project}/traces/{record['trace']}"
        line["logging.googleapis.com/spanId"] = record["span"]
    return f"{{{_members(line)}}}"


def azure(record: Record) -> str:
    """A message that Application Insights takes whole; `parse_json(message)` opens it in a query.

    https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete
    """
    return f"{{{_members(record)}}}"


def _members(record: Record) -> str:
    """The inside of a JSON object whose names are ours; json.dumps takes four times as long, at every request."""
    return ", ".join(
        [
            f'"{name}": {_quote(value) if value.__class__ is str else SCALARS.get(value.__class__, json.dumps)(value)}'
            for name, value in record.items()
        ]
    )


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
