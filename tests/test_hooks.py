import pytest

import leanfn
from leanfn.errors import ExportError, HookError

HOOKS = """
def preprocess(record):
    record["age"] = 2026 - record.pop("born")
    return record


def postprocess(answer, record):
    answer["born"] = record["born"]
    return answer
"""


@pytest.fixture
def raw(hearts):
    rows = hearts[1].rename(columns={"age": "born"})
    return rows.assign(born=2026 - rows["born"])


def export(hearts, raw, tmp_path, source):
    (tmp_path / "hooks.py").write_text(source)
    return leanfn.export(hearts[0], raw, name="hooked", out=tmp_path, hooks=tmp_path / "hooks.py")


def test_callers_send_raw_rows_and_read_what_postprocess_made(hearts, raw, tmp_path, patient):
    artifact = export(hearts, raw, tmp_path, HOOKS)
    row = {**patient, "born": 2026 - patient.pop("age")}
    del row["age"]
    assert artifact.predict(row) == {"prediction": 1, "born": 1963}
    assert artifact.signature.fields[0].name == "born"
    assert artifact.verify().rows > 10


def test_hooks_are_part_of_the_version(hearts, raw, tmp_path):
    first = export(hearts, raw, tmp_path, HOOKS)
    assert export(hearts, raw, tmp_path, HOOKS + "\n").version != first.version


def test_a_hook_that_fails_names_itself_and_no_more(hearts, tmp_path, patient):
    source = "def postprocess(answer, record):\n    raise ValueError('the secret of ' + str(record))\n"
    artifact = export(hearts, hearts[1], tmp_path, source)
    with pytest.raises(HookError, match=r"^the hook postprocess raised ValueError$"):
        artifact.predict(patient)


def test_a_row_that_the_model_does_not_take_is_the_hooks_fault(hearts, tmp_path, patient):
    source = "def preprocess(record):\n    return {**record, 'age': 'x' if record['age'] == 63 else record['age']}\n"
    rows = hearts[1][hearts[1]["age"] != 63]
    artifact = export((hearts[0], rows), rows, tmp_path, source)
    with pytest.raises(HookError, match="the hook preprocess returned a row the model does not take: /age"):
        artifact.predict(patient)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n", "defines no hook"),
        ("def preprocess(record):\n    return 1 / 0\n", "raised ZeroDivisionError on a row of the sample"),
        ("def preprocess(record):\n    return 5\n", "returns no record"),
    ],
)
def test_hooks_that_cannot_work_are_refused_at_export(hearts, tmp_path, source, said):
    with pytest.raises(ExportError, match=said):
        export(hearts, hearts[1], tmp_path, source)
