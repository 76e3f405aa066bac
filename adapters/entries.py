"""The files that a function has for its cloud's sake: the entry that its runtime calls, and the cloud's own small ones.

An entry hands one leaf to another, as app.py does in the checkout, and pins the artifact's digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from leanfn.manifest import Manifest
from leanfn.platforms import PLATFORMS

ARTIFACT = "artifact"  # the folder of the artifact in a function
ONCE = "leanfn_function.py"  # where the service is made, when the entry file may run more than once


@dataclass(frozen=True, slots=True)
class Entry:
    """What a cloud's entry has of its own.

    says: who calls what in it; name: what the wrapped service is called; head, tail: the lines before and after it.
    home: where the cloud's runtime finds the code; others: the files beside the entry, path -> text. library: the
    cloud's own, which its build installs with all that requirements.txt names; None where nothing is installed.
    front: what the cloud's entry file holds where the service is made in a module beside it.
    """

    says: str
    name: str
    tail: str
    home: str
    others: Mapping[str, str]
    library: str | None
    head: str = ""
    front: str = ""


def entry_files(manifest: Manifest, cloud: str, anonymous: bool = False) -> dict[str, bytes]:
    """Path in the function -> bytes. anonymous: Azure's host lets everybody in, and asks for no function key."""
    entry = ENTRIES[cloud]
    source = SOURCE.substitute(
        says=entry.says,
        cloud=cloud,
        artifact=ARTIFACT,
        digest=manifest.digest,
        name=entry.name,
        head=entry.head,
        tail=Template(entry.tail).substitute(level="ANONYMOUS" if anonymous else "FUNCTION"),
    )
    loader = files(__package__).joinpath("packed.py").read_bytes()
    file = PLATFORMS[cloud].entry_file
    texts = {ONCE: source, file: entry.front} if entry.front else {file: source}
    texts |= entry.others
    return {"leanfn_packed.py": loader, **{path: text.encode() for path, text in texts.items()}}


SOURCE = Template('''\
"""Made by leanfn. $says."""

from os.path import dirname, join

import leanfn_packed

HERE = dirname(__file__)
leanfn_packed.install(HERE)

from leanfn.artifact import load
from leanfn.handlers.$cloud import wrap
from leanfn.handlers.service import Service

FOLDER = join(HERE, "$artifact")
DIGEST = "$digest"  # of the only artifact that this function runs
$head
$name = wrap(Service(lambda: load(FOLDER, DIGEST)))
$tail''')

AWS = """
from os import environ

from leanfn.handlers.aws import prepare

prepare(environ)
"""

# Behind a server of one's own, the framework runs the file anew for each first request that comes at the same time.
GOOGLE = '''\
"""Made by leanfn. Google's runtime calls predict_handler; it may run this file more than once, but imports once."""

from leanfn_function import predict_handler
'''

AZURE = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.$level)
app.route(route="{*route}", trigger_arg_name="req")(predict_handler)
"""

HOST = {"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}


ENTRIES = {
    "aws": Entry(
        "Lambda calls lambda_function.lambda_handler", "lambda_handler", "", "/var/task", {}, None, AWS
    ),
    "google": Entry(
        "Google's runtime calls predict_handler",
        "predict_handler",
        "",
        "/workspace",
        {},
        "functions-framework>=3.8,<4",
        front=GOOGLE,
    ),
    "azure": Entry(
        "Azure's host asks app for its functions",
        "predict_handler",
        AZURE,
        "/home/site/wwwroot",
        {"host.json": json.dumps(HOST, indent=2) + "\n"},
        "azure-functions>=1.21,<3",
    ),
}
