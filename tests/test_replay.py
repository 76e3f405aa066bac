import json

import pytest

from handlers.service import Service
from leanfn import load
from leanfn.errors import CertificateError
from leanfn.http import Response
from leanfn.replay import replay


@pytest.fixture
def ask(heart_folder):
    return Service(lambda: load(heart_folder), {})


def changed(ask, change):
    """A function that answers as this one does, but for a change to its list of answers."""

    def asked(request):
        response = ask(request)
        answers = json.loads(response.body)
        change(answers)
        return Response(response.status, json.dumps(answers).encode(), response.headers)

    return asked


def test_a_function_that_runs_the_artifact_answers_as_the_original_does(heart_folder, ask):
    artifact = load(heart_folder)
    certificate = replay(artifact, ask)
    assert certificate.rows == len(json.loads((heart_folder / "examples.json").read_text())["rows"])
    assert certificate.largest <= 1e-9


def test_every_answer_is_asked_for_with_its_probabilities(heart_folder, ask):
    seen = []

    def asked(request):
        seen.append(request.query)
        return ask(request)

    replay(load(heart_folder), asked)
    assert {tuple(query.items()) for query in seen} == {(("probabilities", "true"),)}


def test_a_probability_that_moved_is_named_with_its_row(heart_folder, ask):
    def move(answers):
        shares = answers[-1]["probabilities"]
        shares[next(iter(shares))] += 1e-6

    with pytest.raises(
        CertificateError, match=r"differs from the original's at example \d+\n  row: .*\n  wanted: "
    ):
        replay(load(heart_folder), changed(ask, move))


def test_a_flipped_label_a_missing_key_and_a_missing_answer_are_seen(heart_folder, ask):
    output = load(heart_folder).manifest.output

    def flip(answers):
        answers[0][output] = "no such label"

    def lose(answers):
        del answers[0]["probabilities"]

    for change in (flip, lose):
        with pytest.raises(CertificateError, match="at example 0"):
            replay(load(heart_folder), changed(ask, change))
    with pytest.raises(CertificateError, match="gave another number of answers"):
        replay(load(heart_folder), changed(ask, lambda answers: answers.pop()))


def test_another_version_is_told_by_its_header(heart_folder, ask):
    def other(request):
        response = ask(request)
        return Response(response.status, response.body, {**response.headers, "x-model-version": "0" * 16})

    with pytest.raises(
        CertificateError, match=r"another version answers\n  wanted: [0-9a-f]{16}\n  found:  0{16}"
    ):
        replay(load(heart_folder), other)


def test_a_refusal_is_told_with_its_status_and_its_words(heart_folder):
    with pytest.raises(
        CertificateError, match=r"refuses the artifact's own examples\n  status: 503\n  said:   no model"
    ):
        replay(load(heart_folder), lambda _: Response(503, b"no model", {}))
