import json

import joblib
import pytest
from sklearn.preprocessing import StandardScaler

from leanfn import cli
from steps.export import export
from steps.show import inspect
from steps.trust import trust
from steps.verify import verify
from tests.samples import binary


@pytest.fixture
def files(hearts, tmp_path):
    model, rows = hearts
    joblib.dump(model, tmp_path / "model.joblib")
    rows.assign(target=0).to_csv(tmp_path / "rows.csv", index=False)
    return tmp_path


def line(files, *more):
    where = [f"--sample={files / 'rows.csv'}", "--name=heart", f"--out={files / 'artifacts'}"]
    return [str(files / "model.joblib"), *where, *more]


def test_a_model_from_elsewhere_becomes_an_artifact(files, patient, capsys):
    labels = "--labels=0=clear,1=heart-disease"
    assert cli.run(export, line(files, "--trust", "--output=diagnosis", labels), name="leanfn export") == 0
    out = capsys.readouterr().out
    assert out.strip().endswith("heart")
    import leanfn

    assert leanfn.load(files / "artifacts" / "heart").predict(patient) == {"diagnosis": "heart-disease"}


def test_a_pickle_that_nobody_trusts_is_not_read(files, capsys):
    assert cli.run(export, line(files), name="leanfn export") == 1
    assert "--trust" in capsys.readouterr().err
    assert not (files / "artifacts").exists()


def test_inspect_shows_what_an_artifact_is(heart_folder, capsys):
    assert cli.run(inspect, [str(heart_folder)], name="leanfn inspect") == 0
    shown = capsys.readouterr().out
    assert "engine:" in shown and "certificate:" in shown
    assert cli.run(inspect, [str(heart_folder), "--json"], name="leanfn inspect") == 0
    assert json.loads(capsys.readouterr().out)["engine"] == "lean"


def test_verify_replays_the_certificate(heart_folder, capsys):
    assert cli.run(verify, [str(heart_folder)], name="leanfn verify") == 0
    assert "answers as the original does" in capsys.readouterr().out


def test_trust_lets_the_code_of_an_artifact_run_here(tmp_path, monkeypatch, capsys):
    import leanfn
    from leanfn.errors import TrustError

    X, _ = binary()
    made = leanfn.export(StandardScaler().fit(X), X, name="pickled", out=tmp_path, engine="sklearn")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with pytest.raises(TrustError):
        leanfn.load(made.path)
    assert cli.run(trust, [str(made.path)], name="leanfn trust") == 0
    assert "pipeline.joblib may run on this machine" in capsys.readouterr().out
    assert leanfn.load(made.path).version == made.version


def test_there_is_nothing_to_trust_in_data(heart_folder, capsys):
    assert cli.run(trust, [str(heart_folder)], name="leanfn trust") == 0
    assert "holds no code" in capsys.readouterr().out
