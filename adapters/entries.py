"""The files that a function has for its cloud's sake: the entry that its runtime calls, and the cloud's own small ones.

An entry hands one leaf to another, as app.py does in the checkout, and pins the artifact's digest.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from string import Template

from leanfn.manifest import Manifest
from leanfn.platforms import PLATFORMS

ARTIFACT = "artifact"  # the folder of the artifact in a function


@dataclass(frozen=True, slots=True)
class Entry:
    """home: where the cloud's runtime finds the code; others: the files beside the entry, path -> text."""

    template: Template
    home: str
    others: Callable[[Manifest], dict[str, str]]


def entry_files(manifest: Manifest, cloud: str) -> dict[str, bytes]:
    """Path in the function -> bytes."""
    entry = ENTRIES[cloud]
    source = entry.template.substitute(digest=manifest.digest, artifact=ARTIFACT)
    texts = {PLATFORMS[cloud].entry_file: source, **entry.others(manifest)}
    return {path: text.encode() for path, text in texts.items()}


AWS = Template('''\
"""Made by leanfn. Lambda calls lambda_function.lambda_handler."""

from os.path import dirname, join

from leanfn.artifact import load
from leanfn.handlers.aws import wrap
from leanfn.handlers.service import Service

FOLDER = join(dirname(__file__), "$artifact")
DIGEST = "$digest"  # of the only artifact that this function runs

lambda_handler = wrap(Service(lambda: load(FOLDER, DIGEST)))
''')

GOOGLE = Template('''\
"""Made by leanfn. Google's runtime calls predict_handler."""

from os.path import dirname, join

from leanfn.artifact import load
from leanfn.handlers.google import wrap
from leanfn.handlers.service import Service

FOLDER = join(dirname(__file__), "$artifact")
DIGEST = "$digest"  # of the only artifact that this function runs

predict_handler = wrap(Service(lambda: load(FOLDER, DIGEST)))
''')

AZURE = Template('''\
"""Made by leanfn. Azure's host asks app for its functions."""

from os.path import dirname, join

import azure.functions as func

from leanfn.artifact import load
from leanfn.handlers.azure import wrap
from leanfn.handlers.service import Service

FOLDER = join(dirname(__file__), "$artifact")
DIGEST = "$digest"  # of the only artifact that this function runs

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
app.route(route="{*route}", trigger_arg_name="req")(wrap(Service(lambda: load(FOLDER, DIGEST))))
''')

HOST = {"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}


def _requirements(*own: str) -> Callable[[Manifest], dict[str, str]]:
    """A requirements.txt, which the cloud's build installs: the runtime's own library and the artifact's."""
    return lambda manifest: {
        "requirements.txt": "".join(f"{line}\n" for line in [*own, *manifest.requirements])
    }


def _azure_files(manifest: Manifest) -> dict[str, str]:
    requirements = _requirements("azure-functions>=1.21,<3")
    return {"host.json": json.dumps(HOST, indent=2) + "\n", **requirements(manifest)}


ENTRIES = {
    "aws": Entry(AWS, "/var/task", lambda _: {}),
    "google": Entry(GOOGLE, "/workspace", _requirements("functions-framework>=3.8,<4")),
    "azure": Entry(AZURE, "/home/site/wwwroot", _azure_files),
}
