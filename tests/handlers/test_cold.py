"""What a cold start costs: a fresh process shows what importing and answering import. Each module named here is
milliseconds of somebody's first request: think before adding one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SLOW = {
    *[
        "dataclasses",
        "typing",
        "logging",
        "pathlib",
        "hashlib",
        "_hashlib",
        "hmac",
        "threading",
        "inspect",
        "ssl",
        "socket",
    ],
    *[
        "base64",
        "uuid",
        "datetime",
        "urllib",
        "http",
        "email",
        "contextlib",
        "traceback",
        "tempfile",
        "csv",
        "difflib",
    ],
    *["numpy", "pandas", "sklearn", "flask", "azure", "boto3", "fire", "rich"],
}
IMPORTS = {  # what the entry of each cloud brings beyond json and what any Python has loaded
    "handlers",
    "handlers.access",
    "handlers.log",
    "handlers.predict",
    "handlers.routes",
    "handlers.service",
    "handlers.strict",
    "leanfn",
    "leanfn.artifact",
    "leanfn.digests",
    "leanfn.errors",
    "leanfn.http",
    "leanfn.manifest",
    "leanfn.platforms",
    "leanfn.signature",
}
STANDARD = {"_sha2", "_sha256", "binascii", "__future__"}
CODE = """
import json, os, sys
sys.path.insert(0, {root!r})
before = set(sys.modules)
import handlers.{cloud}, handlers.service
from leanfn.artifact import load
from leanfn.http import Request
imported = set(sys.modules) - before
service = handlers.service.Service(lambda: load({folder!r}))
response = service(Request(body={body!r}))
answered = set(sys.modules) - before - imported
print(json.dumps([sorted(imported), sorted(answered), response.status]))
"""


@pytest.fixture(params=["aws", "google", "azure"])
def cold(request, heart_folder, patient):
    body = json.dumps(patient).encode()
    code = CODE.format(root=str(ROOT), cloud=request.param, folder=str(heart_folder), body=body)
    command = [sys.executable, "-I", "-S", "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    imported, answered, status = json.loads(ran.stdout)
    assert status == 200
    return request.param, set(imported), set(answered)


def test_importing_an_entry_imports_what_is_listed_here_and_nothing_else(cold):
    cloud, imported, _ = cold
    assert imported - STANDARD == {*IMPORTS, f"handlers.{cloud}"}


def test_the_first_answer_imports_the_engine_and_nothing_slow(cold):
    _, imported, answered = cold
    assert not SLOW & {name.partition(".")[0] for name in imported | answered}
    assert {name for name in answered if name.startswith("leanfn")} >= {"leanfn.engines.lean.engine"}
    assert all(name.startswith(("leanfn.engines", "leanfn.tensors")) for name in answered if "." in name)
    assert not any(name.startswith("handlers") for name in answered)


CROWD = """
import sys, threading
sys.path.insert(0, {root!r})
sys.setswitchinterval(1e-6)
from handlers.service import Service
from leanfn.artifact import load
from leanfn.http import Request
loads, answers, gate = [], [], threading.Barrier(64)
def once():
    loads.append(1)
    return load({folder!r})
service = Service(once)
def first():
    gate.wait()
    answers.append(service(Request(body={body!r})).body)
threads = [threading.Thread(target=first) for _ in range(64)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(loads), len(answers), set(answers) == {{b'{{"diagnosis":"heart-disease"}}'}})
"""


@pytest.mark.parametrize("process", range(3))
def test_64_first_requests_at_once_in_a_fresh_process_are_one_load(process, heart_folder, patient):
    code = CROWD.format(root=str(ROOT), folder=str(heart_folder), body=json.dumps(patient).encode())
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("1 64 True\n", "")
