import pytest

from leanfn import cli
from steps.engines import engines


def run(*line):
    return cli.run(engines, list(line), name="leanfn engines")


def test_every_estimator_is_listed_with_what_carries_it(capsys):
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    forest = next(line for line in lines if line.startswith("RandomForestClassifier"))
    assert forest.split() == ["RandomForestClassifier", "predict", "yes"]
    assert lines[-1].startswith("lean carries ")


def test_one_estimator_is_told_engine_by_engine(capsys):
    assert run("OneHotEncoder") == 0
    assert capsys.readouterr().out.splitlines() == [
        "lean     transform",
        "onnx     a converter, proved at export",
        "sklearn  the estimator itself",
    ]


@pytest.mark.parametrize(
    "typo, nearest", [("RandomForrest", "RandomForest"), ("onehotencoder", "OneHotEncoder")]
)
def test_a_typo_names_the_nearest(typo, nearest, capsys):
    assert run(typo) == 2
    assert f"\n  nearest: {nearest}" in capsys.readouterr().err


def test_what_answers_for_no_new_row_is_not_listed(capsys):
    assert run("TSNE") == 2
    assert "answers for a new row" in capsys.readouterr().err
