import pickle

import joblib
import pytest
from sklearn.linear_model import LinearRegression
from skops import io

from leanfn.errors import ExportError, TrustError
from leanfn.exporters.models import read_model


@pytest.fixture
def model():
    return LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def test_a_pickle_is_read_only_when_somebody_says_so(tmp_path, model):
    for name in ("m.joblib", "m.pkl"):
        joblib.dump(model, tmp_path / name)
        with pytest.raises(TrustError, match=r"reading it can run any code(.|\n)*--trust"):
            read_model(tmp_path / name, trust=False)
        assert read_model(tmp_path / name, trust=True).coef_ == model.coef_
    (tmp_path / "m.pickle").write_bytes(pickle.dumps(model))
    assert read_model(tmp_path / "m.pickle", trust=True).coef_ == model.coef_


def test_a_skops_file_runs_no_code_and_needs_no_trust(tmp_path, model):
    io.dump(model, tmp_path / "m.skops")
    assert read_model(tmp_path / "m.skops", trust=False).coef_ == model.coef_


class Mine(LinearRegression):
    """A type that skops does not know."""


def test_a_skops_file_of_unknown_types_names_them(tmp_path):
    io.dump(Mine().fit([[0.0], [1.0]], [0.0, 1.0]), tmp_path / "m.skops")
    with pytest.raises(TrustError, match="Mine"):
        read_model(tmp_path / "m.skops", trust=False)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("m.joblib", None, "no model at"),
        ("m.h5", b"x", "wanted: .joblib"),
        ("m.joblib", b"", "cannot be read as a model"),
        ("m.pkl", b"\x80\x05garbage", "cannot be read as a model"),
        ("m.skops", b"garbage", "cannot be read as a skops file"),
    ],
)
def test_what_is_no_model_is_said_plainly(tmp_path, name, data, said):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ExportError, match=said):
        read_model(tmp_path / name, trust=True)
