"""The artifact's folder as its manifest describes it; nothing here builds or runs a model.

Order: manifest, digests, structure. The manifest names only members from a fixed list and holds no path, no module
and no code. An unknown format, member or key is refused by name.
"""

from __future__ import annotations

import json
import os

from leanfn.digests import sha256_hex
from leanfn.errors import ArtifactError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = 1  # raise it when a reader of the old format would misread the new one; docs/format.md says so
MANIFEST = "manifest.json"
MANIFEST_LIMIT = 8 * 1024 * 1024

KB, MB = 1024, 1024 * 1024
# member -> largest size in bytes; DECIDING ones are part of the version, CODE runs when it is loaded
MEMBERS = {
    "model.json": 256 * MB,
    "model.safetensors": 2048 * MB,
    "explain.json": 256 * MB,
    "explain.safetensors": 2048 * MB,
    "model.onnx": 2048 * MB,
    "pipeline.joblib": 4096 * MB,
    "hooks.py": 1 * MB,
    "functions.py": 1 * MB,
    "examples.json": 64 * MB,
    "certificate.json": 16 * MB,
}
DECIDING = (
    *("model.json", "model.safetensors", "explain.json", "explain.safetensors", "model.onnx"),
    *("pipeline.joblib", "hooks.py", "functions.py"),
)
CODE = ("pipeline.joblib", "hooks.py", "functions.py")

KEYS = (
    "format",
    "name",
    "engine",
    "task",
    "methods",
    "explains",
    "classes",
    "labels",
    "output",
    "signature",
    "model_signature",
    "requirements",
    "training_rows",
    "metrics",
    "made_with",
    "members",
)


class Manifest:
    """What an artifact says of itself.

    task: classification, regression, clustering, outlier detection or transformation. methods: the estimator's own
    that it carries. explains: the method that explanations take apart, and the link between its answer and the sum of
    the parts ("identity" or "log"); None without explanations. classes: as the estimator orders them (one list per
    output when there are several). labels: pairs of class and what users read, or None. output: the answer's name, or
    one name per output.
    signature: what callers send; model_signature: what the model takes, when a preprocess hook stands between.
    requirements: what must be installed to run it. training_rows: the steps that keep rows of the training data.
    """

    __slots__ = (*KEYS, "digest", "folder")

    def __init__(self, folder: str, document: dict[str, Any]) -> None:
        self.folder = folder
        for key in KEYS:
            setattr(self, key, document[key])
        self.digest = digest(document)

    if TYPE_CHECKING:
        folder: str
        digest: str
        format: int
        name: str
        engine: str
        task: str
        methods: list[str]
        explains: dict[str, str] | None
        classes: list[Any] | None
        labels: list[tuple[Any, str]] | None
        output: str | list[str]
        signature: dict[str, Any]
        model_signature: dict[str, Any] | None
        requirements: list[str]
        training_rows: list[str]
        metrics: dict[str, Any]
        made_with: dict[str, str]
        members: dict[str, dict[str, Any]]

    @property
    def version(self) -> str:
        """16 hex digits of the digest over all that decides the answers."""
        return self.digest[:16]

    @property
    def code(self) -> list[str]:
        """The members that run code when they are loaded."""
        return [name for name in CODE if name in self.members]

    def read(self, member: str) -> bytes:
        """A member's bytes, once they are the ones that the manifest describes."""
        path = os.path.join(self.folder, member)
        entry = self.members.get(member)
        if entry is None:
            raise ArtifactError(f"{self.folder} has no {member}\nExport the model again with 'leanfn export'")
        wanted = entry["sha256"]
        try:
            if os.path.getsize(path) != entry["size"]:
                raise _other_file(path, f"{entry['size']} bytes", f"{os.path.getsize(path)} bytes")
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise ArtifactError(f"{path} cannot be read: {error.strerror}\nExport the model again") from error
        found = sha256_hex(data)
        if found != wanted:
            raise _other_file(path, f"sha256 {wanted}", f"sha256 {found}")
        return data


def _other_file(path: str, wanted: str, found: str) -> ArtifactError:
    return ArtifactError(
        f"{path} is not the file its manifest describes\n  wanted: {wanted}\n  found:  {found}\n"
        "Export the model again with 'leanfn export'"
    )


def digest(document: dict[str, Any]) -> str:
    """sha256 over what decides the answers; who made it, when and with what does not change it."""
    deciding = {
        key: document[key]
        for key in ("engine", "methods", "explains", "classes", "labels", "output", "signature")
    }
    deciding["model_signature"] = document["model_signature"]
    deciding["members"] = {
        name: document["members"][name]["sha256"] for name in DECIDING if name in document["members"]
    }
    return sha256_hex(canonical(deciding))


def canonical(value: object) -> bytes:
    """The one way this project writes JSON that is hashed or kept."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def read(folder: str | os.PathLike[str]) -> Manifest:
    """The manifest of an artifact's folder; its members are not touched yet.

    Raises ArtifactError when there is none, or when it is not one that this version reads.
    """
    folder = os.fspath(folder)
    path = os.path.join(folder, MANIFEST)
    try:
        with open(path, "rb") as file:
            data = file.read(MANIFEST_LIMIT + 1)
    except OSError:
        raise ArtifactError(
            f"no artifact at {folder}\n  wanted: {path}\n"
            "Make one with 'leanfn export model.joblib --sample=rows.csv --name=NAME'"
        ) from None
    try:
        document = json.loads(data) if len(data) <= MANIFEST_LIMIT else None
    except (ValueError, RecursionError):
        document = None
    if type(document) is not dict:
        raise ArtifactError(
            f"{path} is not a manifest: it is no JSON object of at most {MANIFEST_LIMIT} bytes"
        )
    if document.get("format") != FORMAT:
        raise ArtifactError(
            f"{path} has a format this version does not read\n  wanted: {FORMAT}\n  found:  {document.get('format')!r}\n"
            "Export the model again with 'leanfn export', or install the leanfn that made it"
        )
    _check(path, document)
    return Manifest(folder, document)


def _check(path: str, document: dict[str, Any]) -> None:
    odd = sorted(document.keys() ^ set(KEYS))
    if odd:
        raise ArtifactError(f"{path}: keys that are missing or not of this version: {', '.join(odd)}")
    members = document["members"]
    if type(members) is not dict or not all(type(entry) is dict for entry in members.values()):
        raise ArtifactError(f"{path}: members are not listed with their digests")
    for name, entry in members.items():
        if name not in MEMBERS:
            raise ArtifactError(f"{path} names a member {name!r}; an artifact has only {', '.join(MEMBERS)}")
        if (
            sorted(entry) != ["sha256", "size"]
            or type(entry["size"]) is not int
            or type(entry["sha256"]) is not str
        ):
            raise ArtifactError(f"{path}: {name} wants a sha256 and a size, and nothing else")
        if not 0 <= entry["size"] <= MEMBERS[name]:
            raise ArtifactError(
                f"{path}: {name} is said to have {entry['size']} bytes; at most {MEMBERS[name]}"
            )
    texts = all(type(document[key]) is str for key in ("name", "engine", "task"))
    lists = all(
        type(document[key]) is list and all(type(item) is str for item in document[key])
        for key in ("methods", "requirements", "training_rows")
    )
    output = document["output"]
    outputs = type(output) is str or (type(output) is list and all(type(name) is str for name in output))
    labels = document["labels"]
    pairs = labels is None or (
        type(labels) is list
        and all(type(pair) is list and len(pair) == 2 and type(pair[1]) is str for pair in labels)
    )
    explains = document["explains"]
    links = explains is None or (
        type(explains) is dict
        and sorted(explains) == ["link", "method"]
        and explains["method"] in document["methods"]
        and explains["link"] in ("identity", "log")
    )
    if not (texts and lists and outputs and pairs and links and type(document["signature"]) is dict):
        raise ArtifactError(f"{path} does not hold together\nExport the model again with 'leanfn export'")
