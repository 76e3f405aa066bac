"""The proof, once more from outside: an artifact's examples, asked of a function that is said to run it.

It needs the artifact and a way to ask; the answers come from its examples, so the engine need not be installed here
unless a postprocess hook changes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from leanfn import certificate as certificates
from leanfn.artifact import Artifact
from leanfn.certificate import Certificate, difference, small
from leanfn.errors import CertificateError
from leanfn.http import JSON, Request, Response, encode

ROWS = 100  # in one request
VERSION_HEADER = "x-model-version"


def replay(artifact: Artifact, ask: Callable[[Request], Response]) -> Certificate:
    """Ask a function for the examples' answers and compare them with the original's.

    ask: hands a request to the function; whatever it raises passes through.

    Raises CertificateError when another version answers, or for the first answer that is too far off.
    """
    rows, answers = certificates.examples(artifact)
    proof = certificates.read(artifact)
    probable = "predict_proba" in artifact.methods
    largest = 0.0
    for start in range(0, len(rows), ROWS):
        chunk = rows[start : start + ROWS]
        wanted = _wanted(
            artifact, chunk, {name: each[start : start + ROWS] for name, each in answers.items()}
        )
        found = _asked(artifact, ask, chunk, probable)
        if len(found) != len(chunk):
            raise CertificateError(
                f"the function gave another number of answers\n  wanted: {len(chunk)}\n  found:  {len(found)}"
            )
        for number, (row, own, theirs) in enumerate(zip(chunk, wanted, found), start):
            apart = _apart(own, theirs, small(proof.bound))
            if apart > proof.bound["relative"]:
                raise CertificateError(
                    f"the function's answer differs from the original's at example {number}\n"
                    f"  row:    {encode(row).decode()}\n  wanted: {encode(own).decode()}\n"
                    f"  found:  {encode(theirs).decode()}"
                )
            largest = max(largest, apart)
    methods = {"predict": {"largest_difference": largest, "flips": 0, "ties": 0}}
    kinds = {"example": {"rows": len(rows), "refused": 0}}
    return Certificate(len(rows), methods, kinds, proof.bound, proof.precision)


def _wanted(artifact: Artifact, rows: list[Any], answers: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """What the endpoint should say to each row, without its warnings."""
    probable = "predict_proba" in answers
    if "hooks.py" in artifact.manifest.members:
        for answer in artifact.predict(rows, probabilities=probable):
            yield _bare(answer)
        return
    for number, value in enumerate(answers[artifact.answering]):
        finite = None if isinstance(value, float) and value - value != 0.0 else value
        answer = artifact.dress(finite, [])
        if probable:
            answer["probabilities"] = artifact.by_label(answers["predict_proba"][number])
        yield answer


def _asked(
    artifact: Artifact, ask: Callable[[Request], Response], rows: list[Any], probable: bool
) -> list[Any]:
    query = {"probabilities": "true"} if probable else {}
    response = ask(Request("POST", "/predict", query, {"content-type": JSON}, encode(rows)))
    version = response.headers.get(VERSION_HEADER)
    if response.status != 200:
        said = response.body[:2000].decode("utf-8", "replace")
        raise CertificateError(
            f"the function refuses the artifact's own examples\n  status: {response.status}\n  said:   {said}"
        )
    if version is not None and version != artifact.version:
        raise CertificateError(f"another version answers\n  wanted: {artifact.version}\n  found:  {version}")
    return [_bare(answer) for answer in _read(response.body)]


def _read(body: bytes) -> list[Any]:
    answers = json.loads(body)
    if not isinstance(answers, list):
        raise CertificateError(
            f"the function gave no list of answers\n  found:  {body[:200].decode('utf-8', 'replace')}"
        )
    return answers


def _bare(answer: Any) -> Any:
    return (
        {key: value for key, value in answer.items() if key != "warnings"}
        if isinstance(answer, dict)
        else answer
    )


def _apart(wanted: Any, found: Any, near: float) -> float:
    """How far two answers are apart: members by name, numbers by their difference."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if wanted.keys() != found.keys():
            return float("inf")
        return max((_apart(wanted[key], found[key], near) for key in wanted), default=0.0)
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return max((_apart(own, theirs, near) for own, theirs in zip(wanted, found)), default=0.0)
    return difference(found, wanted, near)
