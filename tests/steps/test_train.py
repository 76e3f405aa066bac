import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import leanfn
from leanfn import cli
from steps.train import train

ROOT = Path(__file__).parent.parent.parent
DEFAULT = str(ROOT / "datasets" / "default.csv")
REAL = ROOT.parent / "shared" / "datasets" / "heart.csv"
FLOWERS = "petal,sepal,soil,kind\n" + "".join(
    f"{1 + row % 5 + 0.1 * row},{3 - 0.05 * row},{['wet', 'dry', ''][row % 3]},{['iris', 'rose'][row >= 20]}\n"
    for row in range(40)
)


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    path.write_text(FLOWERS)
    return path


def line(*flags):
    return cli.run(train, flags, name="train.py")


@pytest.mark.skipif(not REAL.is_file(), reason=f"the real UCI data is not at {REAL}")
def test_the_real_data_gives_the_known_three_figures(capsys):
    train(str(REAL))
    figures = "Training accuracy: 86.78%\nValidation accuracy: 88.52%\nROC AUC score: 0.95\n"
    assert capsys.readouterr().out == figures


def test_the_invented_data_gives_the_same_figures_every_time(capsys):
    train(DEFAULT)
    figures = "Training accuracy: 86.78%\nValidation accuracy: 85.25%\nROC AUC score: 0.92\n"
    assert capsys.readouterr().out == figures


def test_the_script_runs_from_anywhere_and_writes_nothing_without_dump(tmp_path):
    command = [sys.executable, str(ROOT / "steps" / "train.py"), f"--path={DEFAULT}"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("Training accuracy: ")
    assert ran.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_another_seed_keeps_other_rows_from_training(capsys):
    train(DEFAULT, seed=1)
    first = capsys.readouterr().out
    train(DEFAULT, seed=2)
    assert capsys.readouterr().out != first


def test_another_table_names_its_own_columns(flowers, capsys):
    code = line(
        f"--path={flowers}", "--label=kind", "--numeric-features=petal,sepal", "--categorical-features=soil"
    )
    assert code == 0
    assert "Validation accuracy: 87.50%" in capsys.readouterr().out


def test_a_list_that_is_not_given_is_empty_for_another_table(flowers):
    train(str(flowers), label="kind", numeric_features=["petal"])
    train(str(flowers), label="kind", categorical_features=["soil"])


def test_a_list_that_is_not_given_is_the_known_one_for_the_heart_data_less_what_is_claimed(capsys):
    train(DEFAULT, categorical_features=["sex", "cp", "restecg", "ca", "slope", "thal", "exang", "fbs"])
    both = "sex,cp,restecg,ca,slope,thal,exang,fbs", "age,trestbps,chol,thalach,oldpeak"
    claimed = capsys.readouterr().out
    train(DEFAULT, categorical_features=both[0].split(","), numeric_features=both[1].split(","))
    assert capsys.readouterr().out == claimed


def test_categories_may_be_numbers_with_gaps_words_and_truths_at_once(tmp_path, capsys):
    rows = [f"{row % 3 if row % 4 else ''},{'ab'[row % 2]},{row % 5 == 0},{row % 2}\n" for row in range(60)]
    (tmp_path / "rows.csv").write_text("code,word,truth,y\n" + "".join(rows))
    train(str(tmp_path / "rows.csv"), label="y", categorical_features=["code", "word", "truth"])
    assert "Training accuracy: 100.00%" in capsys.readouterr().out


def test_several_classes_are_measured_one_against_the_rest(tmp_path, capsys):
    (tmp_path / "rows.csv").write_text("x,y\n" + "".join(f"{row},{row // 30}\n" for row in range(90)))
    train(str(tmp_path / "rows.csv"), label="y", numeric_features=["x"])
    assert "ROC AUC score: 1.00" in capsys.readouterr().out


def test_a_class_that_the_validation_rows_lack_leaves_the_curve_undefined(tmp_path, capsys):
    (tmp_path / "rows.csv").write_text("x,y\n" + "".join(f"{row},{int(row == 17)}\n" for row in range(40)))
    train(str(tmp_path / "rows.csv"), label="y", numeric_features=["x"])
    assert "ROC AUC score: undefined, the validation rows lack a class" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--pth=x"], 2, "nearest: --path"),
        (["--dmup"], 2, "nearest: --dump"),
        (["--engine=leen"], 2, "nearest: lean"),
        (
            ["--test-size=1.5"],
            2,
            "--test-size is a share of the rows\n  wanted: between 0 and 1\n  found:  1.5",
        ),
        (["--test-size=0"], 2, "wanted: between 0 and 1"),
        (["--seed=-1"], 2, "--seed"),
        (["--path=rows.pkl"], 1, "is a pickle"),
        (["--path=none.csv"], 1, "no file none.csv"),
        (["--label=targt"], 1, "has no label 'targt'\n  nearest: 'target'"),
        (["--numeric-features=age,cholesterol"], 1, "has no column 'cholesterol'\n  nearest: 'chol'"),
        (["--numeric-features=age,target"], 2, "'target' is the label and cannot be learned from"),
        (["--numeric-features=age,sex", "--categorical-features=sex"], 2, "'sex' is named twice"),
        (["--numeric-features=", "--categorical-features="], 2, "no column is left to learn from"),
        (["--labels=0=clear"], 2, "--labels names each class once\n  wanted: 0, 1\n  found:  0"),
        (["--labels=0=clear,2=ill"], 2, "wanted: 0, 1\n  found:  0, 2"),
    ],
)
def test_a_line_that_cannot_be_obeyed_says_what_is_wrong_and_trains_nothing(flags, code, said, capsys):
    path = [] if flags[0].startswith("--path") else [f"--path={DEFAULT}"]
    assert line(*path, *flags) == code
    heard = capsys.readouterr()
    assert said in heard.err
    assert heard.out == ""


def test_a_table_without_the_default_columns_is_told_what_to_type(flowers, capsys):
    assert line(f"--path={flowers}", "--label=kind") == 1
    assert capsys.readouterr().err == (
        f"{flowers} has no column 'age'\n"
        "  found:  petal, sepal, soil, kind\n"
        "Name the columns, such as --numeric-features=petal,sepal --categorical-features=soil\n"
    )


def test_words_among_the_numbers_are_shown_with_their_row(tmp_path, capsys):
    text = Path(DEFAULT).read_text().splitlines()
    text[3] = text[3].replace(text[3].split(",")[0], "old", 1)
    (tmp_path / "rows.csv").write_text("\n".join(text))
    assert line(f"--path={tmp_path / 'rows.csv'}") == 1
    assert "the column 'age' is not numeric\n" in (said := capsys.readouterr().err)
    assert "found:  'old' in row 3\n" in said


@pytest.mark.parametrize(
    ("rows", "size", "said"),
    [(["1,0", "2,1"], 0.9, "cannot be split"), (["1,0", "2,0", "3,0", "4,1"], 0.5, "are of one class")],
)
def test_too_few_rows_are_counted_out(tmp_path, rows, size, said, capsys):
    (tmp_path / "rows.csv").write_text("\n".join(["x,y", *rows]))
    code = line(
        f"--path={tmp_path / 'rows.csv'}",
        "--label=y",
        "--numeric-features=x",
        f"--test-size={size}",
        "--seed=1",
    )
    assert code == 1
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def dumped(tmp_path_factory):
    """The artifact of the example, and what was said while it was made."""
    out = tmp_path_factory.mktemp("artifacts")
    command = [
        sys.executable,
        str(ROOT / "steps" / "train.py"),
        f"--path={DEFAULT}",
        "--tag=_example",
        "--dump",
    ]
    ran = subprocess.run([*command, f"--out={out}"], capture_output=True, text=True, check=True)
    return out, ran.stdout


def test_dump_writes_one_artifact_with_the_tag_in_its_name(dumped):
    out, said = dumped
    assert [each.name for each in out.iterdir()] == ["pipeline_example"]
    path, engine, certificate = said.splitlines()[-3:]
    assert path == str(out / "pipeline_example")
    assert engine.startswith("engine: lean, version: ")
    assert re.fullmatch(
        r"certificate: [\d,]+ rows, \d methods, largest difference .*, 0 label flips, explanations add up",
        certificate,
    )


def test_the_artifact_answers_the_example_payload_with_room_to_spare(dumped):
    artifact = leanfn.load(dumped[0] / "pipeline_example")
    payload = json.loads((ROOT / "resources" / "payload.json").read_text())
    assert artifact.engine == "lean"
    assert artifact.predict(payload) == {"diagnosis": "heart-disease"}
    assert artifact.predict(payload, probabilities=True)["probabilities"]["heart-disease"] > 0.8


def test_the_manifest_holds_the_figures_that_were_printed(dumped):
    metrics = leanfn.load(dumped[0] / "pipeline_example").manifest.metrics
    assert f"{metrics['training_accuracy']:.2%}" == "86.78%"
    assert f"{metrics['validation_accuracy']:.2%}" == "85.25%"
    assert f"{metrics['roc_auc']:.2f}" == "0.92"
    assert (metrics["training_rows"], metrics["validation_rows"]) == (242, 61)


def test_the_same_data_and_seed_make_the_same_artifact(dumped, tmp_path):
    train(DEFAULT, name="pipeline_example", dump=True, out=str(tmp_path))
    first, second = dumped[0] / "pipeline_example", tmp_path / "pipeline_example"
    assert {each.name: each.read_bytes() for each in second.iterdir()} == {
        each.name: each.read_bytes() for each in first.iterdir()
    }


def test_another_table_is_exported_under_its_own_name_output_and_labels(flowers, tmp_path):
    code = line(
        f"--path={flowers}",
        "--label=kind",
        "--numeric-features=petal,sepal",
        "--categorical-features=soil",
        "--name=flowers",
        "--output=flower",
        "--labels=iris=Iris,rose=Rose",
        "--dump",
        f"--out={tmp_path}",
    )
    assert code == 0
    row = {"petal": 8.5, "sepal": 1.2, "soil": "wet"}
    assert leanfn.load(tmp_path / "flowers").predict(row) == {"flower": "Rose"}


def test_another_table_has_no_labels_and_answers_with_a_prediction(flowers, tmp_path):
    train(str(flowers), label="kind", numeric_features=["petal"], name="plain", dump=True, out=str(tmp_path))
    assert leanfn.load(tmp_path / "plain").predict({"petal": 8.5}) == {"prediction": "rose"}
