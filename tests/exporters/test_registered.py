"""Estimators of one's own in the lean engine: a lowering for exactly their class, said here or by an installed library."""

import importlib
import sys
import textwrap

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import leanfn
from leanfn.errors import CertificateError, ExportError, Refusal
from leanfn.exporters import registered
from leanfn.exporters.lean.lowering import classification, finite, vector
from tests.parity import prove_lean

RNG = np.random.default_rng(1)
X = RNG.normal(size=(50, 3))
Y = X @ [1.0, -2.0, 0.5] + 1.0


class Median(TransformerMixin, BaseEstimator):
    """Takes away each column's median, times a factor."""

    def __init__(self, factor=1.0, mode="plain"):
        self.factor = factor
        self.mode = mode

    def fit(self, X, y=None):
        self.median_ = np.median(X, axis=0) * self.factor
        return self

    def transform(self, X):
        return np.asarray(X) - self.median_


@leanfn.lowering(Median, parameters="factor")
def median(graph, estimator, wire):
    source = vector(graph, estimator, wire)
    return graph.add(
        "scale/1",
        source,
        steps=["subtract"],
        subtract=estimator.median_,
        divide=None,
        multiply=None,
        add=None,
    )


class Steep(RegressorMixin, BaseEstimator):
    """Ten times the first column."""

    def fit(self, X, y):
        self.slope_ = 10.0
        return self

    def predict(self, X):
        if not np.isfinite(X).all():
            raise ValueError("not finite")
        return X[:, 0] * self.slope_


@leanfn.lowering(Steep)
def steep(graph, estimator, wire):
    source = finite(graph, vector(graph, estimator, wire))
    coef = [[estimator.slope_, *[0.0] * (wire.width - 1)]]
    return {"predict": graph.add("item/1", graph.add("linear/1", source, coef=coef, intercept=[0.0]))}


class Above(ClassifierMixin, BaseEstimator):
    """Whether the first column is above zero."""

    def fit(self, X, y):
        self.classes_ = np.array(["no", "yes"])
        return self

    def predict(self, X):
        if not np.isfinite(X).all():
            raise ValueError("not finite")
        return self.classes_[(X[:, 0] > 0).astype(int)]


@leanfn.lowering(Above, does="predict")
def above(graph, estimator, wire):
    source = finite(graph, vector(graph, estimator, wire))
    return classification(
        graph, estimator.classes_, graph.add("exceeds/1", source, column=0, equal=False, at=[0.0])
    )


def test_a_transformer_of_ones_own_runs_on_the_lean_engine(tmp_path):
    model = make_pipeline(Median(factor=2.0), LogisticRegression()).fit(X, Y > 0)
    artifact = leanfn.export(model, X, name="own", out=tmp_path, engine="auto")
    assert artifact.engine == "lean"
    assert not artifact.manifest.requirements
    assert not artifact.manifest.code
    row = {f"x{i}": float(x) for i, x in enumerate(X[0])}
    assert artifact.predict(row)["prediction"] == bool(model.predict(X[:1])[0])


@pytest.mark.parametrize("kind", [Steep, Above])
def test_a_predictor_of_ones_own_runs_behind_a_step(kind):
    prove_lean(make_pipeline(Median(), kind()).fit(X, Y), X)


def test_a_parameter_that_the_lowering_has_not_in_mind_is_refused():
    model = make_pipeline(Median(mode="other"), Ridge()).fit(X, Y)
    with pytest.raises(Refusal, match=r"Median \(step median\): parameter mode='other' is not one it knows"):
        prove_lean(model, X)


class Child(Median):
    """Answers otherwise, perhaps."""


def test_a_subclass_is_not_the_class():
    with pytest.raises(Refusal, match=r"no lowering of .*Child\.transform"):
        prove_lean(make_pipeline(Child(), Ridge()).fit(X, Y), X)


class Wrong(Median):
    pass


def test_a_lowering_that_answers_otherwise_is_refused_by_the_certificate():
    @leanfn.lowering(Wrong, parameters="factor")
    def wrong(graph, estimator, wire):
        return vector(graph, estimator, wire)

    with pytest.raises(CertificateError, match="step:   wrong"):
        prove_lean(make_pipeline(Wrong(), Ridge()).fit(X, Y), X)


class Damaged(Median):
    pass


def test_a_lowering_to_what_does_not_hold_together_is_a_refusal():
    @leanfn.lowering(Damaged, parameters="factor")
    def damaged(graph, estimator, wire):
        return graph.add("select/1", vector(graph, estimator, wire), columns=[7])

    with pytest.raises(Refusal, match=r"step damaged\): .*select/1 wants"):
        prove_lean(make_pipeline(Damaged(), Ridge()).fit(X, Y), X)


def test_what_is_no_class_is_refused_at_once():
    with pytest.raises(ExportError, match="is no class"):
        leanfn.lowering(Median())


LIBRARY = """
    import leanfn
    from tests_halving import Halver

    @leanfn.lowering(Halver)
    def halver(graph, estimator, wire):
        from leanfn.exporters.lean.lowering import vector

        source = vector(graph, estimator, wire)
        named = dict.fromkeys(("subtract", "multiply", "add"))
        return graph.add("scale/1", source, steps=["divide"], divide=[2.0] * source.width, **named)
"""
HALVING = """
    from sklearn.base import BaseEstimator, TransformerMixin

    class Halver(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            self.fitted_ = True
            return self

        def transform(self, X):
            return X / 2.0
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Installs a library that names a module with these lines as its lowerings."""

    def install(lines):
        (tmp_path / "tests_halving.py").write_text(textwrap.dedent(HALVING))
        (tmp_path / "tests_lowerings.py").write_text(textwrap.dedent(lines))
        info = tmp_path / "halving-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: halving\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[leanfn.exporters]\nhalving = tests_lowerings\n")
        monkeypatch.syspath_prepend(tmp_path)
        registered._load_libraries.cache_clear()
        import tests_halving

        return make_pipeline(tests_halving.Halver(), Ridge()).fit(X, Y)

    yield install
    registered._load_libraries.cache_clear()
    for name in ("tests_halving", "tests_lowerings"):
        sys.modules.pop(name, None)


def test_an_installed_library_brings_its_lowerings(library):
    prove_lean(library(LIBRARY), X)


def test_a_library_that_cannot_be_imported_is_named(library):
    with pytest.raises(Refusal, match=r"the lowerings of halving cannot be imported: ZeroDivisionError"):
        prove_lean(library("1 / 0"), X)


OWN = """
    import leanfn


    def tripled(rows):
        return rows * 3.0


    @leanfn.register(tripled)
    def triple(row):
        return [x * 3.0 for x in row]
"""


@pytest.mark.parametrize("engine", ["lean", "sklearn"])
def test_a_module_that_registers_ships_with_either_engine(engine, tmp_path, monkeypatch):
    """Both keep the user's own source in functions.py: the lean engine a function, the sklearn engine the module."""
    name = f"tests_own_{engine}"
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(OWN))
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module(name)
    model = make_pipeline(FunctionTransformer(own.tripled), Ridge()).fit(X, Y)
    artifact = leanfn.export(model, X, name="own", out=tmp_path, engine=engine)
    assert artifact.engine == engine
    assert ("def tripled" in (artifact.path / "functions.py").read_text()) is (engine == "sklearn")
    assert leanfn.load(artifact.path).verify().rows > 10
