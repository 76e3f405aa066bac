"""The bill of materials: what a bundle is made of, in CycloneDX's words, the same bytes for the same bundle.

https://cyclonedx.org/docs/1.6/json/ A serial number and a time would change with every run, so it has neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from leanfn import __version__
from leanfn.manifest import Manifest

from .libraries import Libraries
from .wheels import Locked, Package

BILL = "sbom.cdx.json"
LEANFN_LICENCE = "Apache-2.0"

Component = dict[str, Any]


def bill(manifest: Manifest, cloud: str, libraries: Libraries) -> bytes:
    """The document for an artifact's function on a cloud."""
    components = [_leanfn(), _model(manifest)]
    components += [_package(each) for each in libraries.packages]
    components += [_locked(each) for each in libraries.locked]
    components += [_named(each) for each in libraries.named]
    function = {
        "type": "application",
        "bom-ref": "function",
        "name": f"{manifest.name}-{cloud}",
        "version": manifest.version,
    }
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": function},
        "components": components,
        "dependencies": [{"ref": "function", "dependsOn": sorted(each["bom-ref"] for each in components)}],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _leanfn() -> Component:
    return {**_library("leanfn", __version__), "licenses": [{"license": {"id": LEANFN_LICENCE}}]}


def _model(manifest: Manifest) -> Component:
    return {
        "type": "machine-learning-model",
        "bom-ref": "artifact",
        "name": manifest.name,
        "version": manifest.version,
        "hashes": _hashes([manifest.digest]),
        "properties": _properties({"engine": manifest.engine, "task": manifest.task}),
    }


def _package(package: Package) -> Component:
    component = {
        **_library(package.name, package.version, package.wheel),
        "hashes": _hashes([package.sha256]),
    }
    if package.licence is not None:
        kind, words = package.licence
        component["licenses"] = [
            {"expression": words} if kind == "expression" else {"license": {"name": words}}
        ]
    return component


def _locked(locked: Locked) -> Component:
    """Which of the wheels it will be is for the cloud's build to say, so each of them is named."""
    wheels = [
        {"name": "leanfn:wheel", "value": f"{name} sha256:{each}"} for name, each in locked.hashes.items()
    ]
    return {**_library(locked.name, locked.version), "properties": wheels}


def _named(requirement: str) -> Component:
    name = re.split(r"[<>=!~]", requirement, maxsplit=1)[0]
    return {**_library(name), "properties": _properties({"requirement": requirement})}


def _library(name: str, version: str | None = None, wheel: str | None = None) -> Component:
    """purl: https://github.com/package-url/purl-spec/blob/main/types-doc/pypi-definition.md"""
    place = f"pkg:pypi/{name}" if version is None else f"pkg:pypi/{name}@{quote(version, safe='.')}"
    component = {"type": "library", "bom-ref": place, "name": name}
    if version is not None:
        component["version"] = version
    return {**component, "purl": place if wheel is None else f"{place}?file_name={quote(wheel, safe='.-_')}"}


def _hashes(digests: Sequence[str]) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest} for digest in digests]


def _properties(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": f"leanfn:{name}", "value": value} for name, value in values.items()]
