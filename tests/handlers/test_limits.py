"""What a body may cost: memory for the largest that is legal, and nothing that stays after many requests.

python -m tests.handlers.endurance ARTIFACT 200000

is the longer run of the latter.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leanfn.platforms import BODY_LIMIT, MB

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what a process holds is read from Linux's /proc"
)

ROOT = Path(__file__).parent.parent.parent
MEMORY_LIMIT = 200 * MB
GROWTH_LIMIT = MB  # a step of Python's own allocator

# The body is made in the process that answers it, without more memory than it takes itself.
ANSWER = """
import sys
sys.path.insert(0, {root!r})
from handlers.service import Service
from leanfn.artifact import load
from leanfn.http import Request
body = {body}
service = Service(lambda: load({folder!r}), {{}})
status = service(Request("POST", {path!r}, None, {{"content-type": {kind!r}}}, body)).status
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(len(body), status, int(peak) * 1024)
"""


def filled(head, unit, tail, between=b","):
    """The expression of a body that is as large as is legal."""
    count = (BODY_LIMIT - len(head) - len(unit) - len(tail)) // len(unit + between)
    return f"{head!r} + {unit + between!r} * {count} + {unit + tail!r}"


COSTLY = {  # the expression, the status
    "integers": (filled(b"[", b"1", b"]"), 413),
    "floats": (filled(b"[", b"0.1", b"]"), 413),
    "strings": (filled(b"[", b'"ab"', b"]"), 413),
    "lists": (filled(b"[", b"[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", b"]"), 413),
    "empty lists": (filled(b"[", b"[]", b"]"), 413),
    "objects": (filled(b"[", b'{"age":1}', b"]"), 413),
    "instances": (filled(b'{"instances":[', b"0.1", b"]}"), 413),
    "one string": (filled(b'"', "😀".encode(), b'"', b""), 422),
    "one string of escapes": (filled(b'"', rb"\u00e9", b'"', b""), 422),
    "half a million names": (
        """b"{" + b"".join(b'"%x":1,' % number for number in range(500_000)) + b'"":1}' + b" " * 1_360_000""",
        200,
    ),
    "a tensor": (
        filled(b'{"inputs":[{"name":"age","shape":[1572846],"datatype":"FP64","data":[', b"0.1", b"]}]}"),
        413,
    ),
    "a table": (filled(b"age,sex\n", b"1,2", b"", b"\n"), 413),
    "a cell": (filled(b"age\n", b"x", b"", b""), 400),
}


@pytest.mark.parametrize("name", COSTLY)
def test_the_largest_body_takes_at_most_200_mb(heart_folder, name):
    body, wanted = COSTLY[name]
    code = ANSWER.format(
        root=str(ROOT),
        folder=str(heart_folder),
        body=body,
        path="/v2/models/hearts/infer" if name == "a tensor" else "/predict",
        kind="text/csv" if name in ("a table", "a cell") else "application/json",
    )
    line = [sys.executable, "-I", "-S", "-c", code]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    size, status, peak = map(int, told.split())
    assert BODY_LIMIT * 0.99 < size <= BODY_LIMIT
    assert status == wanted
    assert peak <= MEMORY_LIMIT


def test_nothing_stays_after_many_requests_of_every_kind(heart_folder):
    line = [sys.executable, "-m", "tests.handlers.endurance", str(heart_folder), "20000"]
    found = json.loads(subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert (found["requests"], found["descriptors"]) == (20_000, 0)
    assert found["bytes"] <= GROWTH_LIMIT
