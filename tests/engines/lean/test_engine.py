import json

import pytest

from leanfn.engines.lean import engine
from leanfn.errors import ArtifactError


def test_predicting_reads_nothing_of_the_explanation(heart_folder):
    members = []

    def read(member):
        members.append(member)
        return (heart_folder / member).read_bytes()

    compiled = engine.load(read)
    for method in ("predict", "predict_proba", "decision_function"):
        compiled(method)
    assert members == ["model.safetensors", "model.json"]
    compiled("explain")
    assert members[2:] == ["explain.safetensors", "explain.json"]


@pytest.mark.parametrize("member", ["explain.json", "explain.safetensors"])
def test_a_damaged_explanation_is_refused_when_it_is_asked_for(heart_folder, member):
    compiled = engine.load(lambda name: b"{}" if name == member else (heart_folder / name).read_bytes())
    compiled("predict")
    with pytest.raises(ArtifactError):
        compiled("explain")


def test_an_output_that_is_not_there_is_named(heart_folder):
    def read(member):
        data = (heart_folder / member).read_bytes()
        if member == "explain.json":
            return json.dumps({**json.loads(data), "outputs": {}}).encode()
        return data

    for method in ("explain", "transform"):
        with pytest.raises(ArtifactError, match=f"no output {method}"):
            engine.load(read)(method)
