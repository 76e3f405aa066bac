import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import leanfn
from leanfn.errors import ExportError, HookError

ROWS = pd.DataFrame({"age": [63.0, 37.0, 41.0, 56.0, 67.0], "chol": [233.0, 250.0, 204.0, 236.0, 286.0]})
MODEL = LogisticRegression(max_iter=10_000).fit(ROWS, [1, 0, 0, 1, 1])

HOOKS = """
def preprocess(record):
    record["age"] = 2026 - record.pop("born")
    return record


def postprocess(answer, record):
    answer["born"] = record["born"]
    return answer
"""


RAW = pd.DataFrame({"born": 2026 - ROWS["age"], "chol": ROWS["chol"]})


def export(sample, tmp_path, source):
    (tmp_path / "hooks.py").write_text(source)
    return leanfn.export(MODEL, sample, name="hooked", out=tmp_path, hooks=tmp_path / "hooks.py")


def test_callers_send_raw_rows_and_read_what_postprocess_made(tmp_path):
    artifact = export(RAW, tmp_path, HOOKS)
    # for an age of 1989 the prediction would be 1
    assert artifact.predict({"born": 1989, "chol": 250}) == {"prediction": 0, "born": 1989}
    assert artifact.signature.fields[0].name == "born"
    assert artifact.verify().rows == len(RAW)


def test_hooks_are_part_of_the_version(tmp_path):
    first = export(RAW, tmp_path, HOOKS)
    assert export(RAW, tmp_path, HOOKS + "\n").version != first.version


def test_a_hook_that_fails_names_itself_and_no_more(tmp_path):
    source = "def postprocess(answer, record):\n    raise ValueError('the secret of ' + str(record))\n"
    artifact = export(ROWS, tmp_path, source)
    with pytest.raises(HookError, match=r"^the hook postprocess raised ValueError$"):
        artifact.predict({"age": 63, "chol": 233})


def test_a_row_that_the_model_does_not_take_is_the_hooks_fault(tmp_path):
    source = "def preprocess(record):\n    return {**record, 'age': 'x' if record['age'] == 63 else record['age']}\n"
    artifact = export(ROWS[ROWS["age"] != 63], tmp_path, source)
    with pytest.raises(HookError, match="the hook preprocess returned a row the model does not take: /age"):
        artifact.predict({"age": 63, "chol": 233})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n", "defines no hook"),
        ("def preprocess(record):\n    return 1 / 0\n", "raised ZeroDivisionError on a row of the sample"),
        ("def preprocess(record):\n    return 5\n", "returns no record"),
    ],
)
def test_hooks_that_cannot_work_are_refused_at_export(tmp_path, source, said):
    with pytest.raises(ExportError, match=said):
        export(ROWS, tmp_path, source)
