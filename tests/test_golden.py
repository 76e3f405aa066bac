"""Every operation of the table, in a model that was kept: it answers today as it did then."""

import base64
import json
from pathlib import Path

import pytest

from leanfn.certificate import difference, plain
from leanfn.engines.lean import engine
from leanfn.engines.lean.operations import FAMILY

FOLDER = Path(__file__).parent / "golden"
KEPT = sorted(FOLDER.glob("*.json"))
BOUND = 1e-12  # of exp and log, which C libraries differ in
SIZE_LIMIT = 1 << 20


def read(path):
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_model_answers_as_it_did(path):
    kept = read(path)
    members = {
        name: base64.b64decode(text) if name.endswith(".safetensors") else text.encode()
        for name, text in kept["members"].items()
    }
    compiled = engine.load(members.__getitem__)
    for method, wanted in kept["answers"].items():
        run = compiled(method)
        found = json.loads(json.dumps([plain(run(row)) for row in kept["rows"]]))
        assert difference(found, wanted) <= BOUND, method


def test_every_operation_is_in_a_kept_model():
    held = {
        node["op"]
        for path in KEPT
        for name, text in read(path)["members"].items()
        if name.endswith(".json")
        for node in json.loads(text)["nodes"]
    }
    assert not set(FAMILY) - held, "keep a model with them: python -m tests.golden.make"


def test_the_kept_models_are_small():
    assert sum(path.stat().st_size for path in KEPT) < SIZE_LIMIT
