"""Functions inside FunctionTransformer: numpy's and scipy's own at their edges, and the user's, whose source ships."""

import json
import math
import os
import subprocess
import sys
from fractions import Fraction
from math import log1p as logarithm

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import leanfn
from adapters.archive import fill
from adapters.runtime_set import runtime_set
from leanfn.certificate import difference
from leanfn.errors import CertificateError, ExportError, HookError, InvalidRows, Refusal, TrustError
from leanfn.exporters.lean import functions
from tests.nodes import step
from tests.parity import prove_lean

RNG = np.random.default_rng(0)
X = RNG.uniform(0.5, 9.0, (60, 3))
Y = X[:, 0] / X[:, 1] + X[:, 2]
HALF = 0.5
WEIGHTS = {"first": (1.0, 2.0), "other": [3]}


def ratios(rows):
    return np.column_stack([rows[:, 0] / (1.0 + rows[:, 1] ** 2), np.log1p(np.abs(rows[:, 2])) * HALF])


def raised(b):
    return math.fabs(b) * math.fabs(b)  # b ** 2 would raise where numpy gives infinity


@leanfn.register(ratios, width=2)
def ratio(row: "np.ndarray") -> list:
    """The same for one row."""
    first, second, third = row
    return [first / (1.0 + raised(second)), *(logarithm(abs(x)) * HALF for x in [third])]


def doubled(rows):
    return rows * 2.0


@leanfn.register(doubled)
def double(row):
    return [x * 2.0 for x in row]


def halved(rows):
    return rows / 2.0


@leanfn.register(halved)
def halve(row):
    return [x / 2.0 for x in row]


def model_of(function, **options):
    return make_pipeline(FunctionTransformer(function, **options), StandardScaler(), Ridge()).fit(X, Y)


def export(tmp_path, model, **options):
    return leanfn.export(model, X, name="own", out=tmp_path, engine="lean", **options)


def signed(*sizes):
    return [sign * size for size in sizes for sign in (1.0, -1.0)]


EDGES = [
    *signed(0.0, math.inf, 5e-324, 2.0**-1022, 1e-300, 1e-20, sys.float_info.max, 1e308, 1e154, 1e22),
    *signed(1.0, 1 - 2.0**-53, 1 + 2.0**-52, 0.5, 0.5 - 2.0**-54, 1.5, 2.5, 2.0**52 + 0.5, 2.0**53 + 1),
    *signed(3.14159, 20.0, 37.0, 88.8, 308.3, 323.5, 709.78, 709.79, 745.13, 745.14, 1024.0, 1075.5),
    math.nan,
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("function", "name"), functions.known().items(), ids=functions.known().values())
def test_every_function_known_by_identity_answers_as_itself_at_every_edge(function, name):
    run = step("map/1", ("vector", 1), function=name)
    for x in EDGES:
        (found,), wanted = run([x]), float(function(np.array([x]))[0])
        assert type(found) is float and difference(found, wanted) <= 1e-12, x
        assert found != 0.0 or np.signbit(found) == np.signbit(wanted), x


@pytest.fixture
def artifact(tmp_path):
    return export(tmp_path, model_of(ratios))


def record(row):
    return {f"x{i}": float(x) for i, x in enumerate(row)}


def test_a_registered_function_answers_as_its_twin_does(artifact):
    model = model_of(ratios)
    found = [artifact.predict(record(row))["prediction"] for row in X]
    assert found == pytest.approx(model.predict(X).tolist(), rel=1e-9)
    assert artifact.verify().rows > 10


def test_what_ships_is_the_function_with_what_it_uses(artifact):
    source = (artifact.path / "functions.py").read_text()
    assert "import math as math" in source
    assert "from math import log1p as logarithm" in source
    assert "HALF = 0.5" in source
    assert "def raised(b)" in source
    assert "leanfn" not in source
    assert "import numpy" not in source
    assert "functions.py" in artifact.manifest.code


def test_two_functions_ship_once_each_and_a_classifier_uses_both(tmp_path):
    steps = FunctionTransformer(doubled), FunctionTransformer(halved), FunctionTransformer(doubled)
    model = make_pipeline(*steps, LogisticRegression()).fit(X, Y > 3)
    artifact = export(tmp_path, model)
    source = (artifact.path / "functions.py").read_text()
    assert [source.count(f"def {name}(") for name in ("double", "halve")] == [1, 1]


def test_the_way_back_of_a_target_may_be_registered():
    target = FunctionTransformer(doubled, halved, validate=True)
    prove_lean(TransformedTargetRegressor(LinearRegression(), transformer=target).fit(X, Y), X)


def test_a_machine_that_did_not_make_it_refuses_until_it_is_trusted(artifact, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(TrustError, match=r"functions\.py"):
        leanfn.load(artifact.path)
    assert leanfn.load(artifact.path, digest=artifact.manifest.digest).predict(record(X[0]))


def test_the_source_decides_the_version(artifact, tmp_path):
    (artifact.path / "functions.py").write_text("def ratio(row):\n    return [0.0, 0.0]\n")
    with pytest.raises(leanfn.artifact.ArtifactError, match=r"functions\.py is not the file"):
        leanfn.load(artifact.path).predict(record(X[0]))


def test_a_function_carries_what_a_registered_function_needs_and_answers_alone(artifact, tmp_path):
    sources = runtime_set(artifact.manifest, "aws")
    assert "leanfn/engines/lean/calls.py" in sources
    assert "leanfn/exporters/registered.py" not in sources
    fill(tmp_path / "task", sources)
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import leanfn\n"
        "made = leanfn.load(sys.argv[2], digest=sys.argv[3])\n"
        "print(json.dumps(made.predict(json.loads(sys.argv[4]))))"
    )
    line = [sys.executable, "-I", "-S", "-c", script, str(tmp_path / "task"), str(artifact.path)]
    line += [artifact.manifest.digest, json.dumps(record(X[0]))]
    run = subprocess.run(line, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == artifact.predict(record(X[0]))


def test_a_model_without_such_functions_reads_no_source(heart_folder):
    artifact = leanfn.load(heart_folder)
    assert "leanfn/engines/lean/calls.py" not in runtime_set(artifact.manifest, "aws")
    assert not artifact.manifest.code


def test_what_a_module_registers_is_let_be_where_nothing_is_exported(artifact, tmp_path):
    fill(tmp_path / "task", runtime_set(artifact.manifest, "aws"))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import leanfn\n"
        "assert leanfn.register(len)(abs) is abs\n"
        "assert leanfn.lowering(int)(abs) is abs\n"
    )
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-I", "-S", "-c", script, str(tmp_path / "task")]
    assert subprocess.run(line, env=environ, check=False).returncode == 0


# Functions that must not pass. Each pair is registered in its test.


def shifted(rows):
    return rows + 1.0


def test_a_function_that_differs_from_its_twin_is_refused_by_the_certificate(tmp_path):
    @leanfn.register(shifted)
    def shift(row):
        return [x + 1.0 if x > 1.0 else x for x in row]

    with pytest.raises(CertificateError, match=r"predict differs[\s\S]*step:   functiontransformer"):
        export(tmp_path, model_of(shifted))
    assert not (tmp_path / "own").exists()


def test_a_function_that_fails_is_refused_by_the_certificate(tmp_path):
    @leanfn.register(shifted)
    def shift(row):
        return [x + 1.0 for x in row.tolist()]

    with pytest.raises(CertificateError, match="predict differs"):
        export(tmp_path, model_of(shifted))


def test_a_function_that_gives_another_width_is_refused_by_the_certificate():
    @leanfn.register(shifted)
    def shift(row):
        return [x + 1.0 for x in row[:2]]

    with pytest.raises(CertificateError):
        prove_lean(model_of(shifted), X)


def test_a_width_that_the_next_step_does_not_take_is_refused():
    @leanfn.register(shifted, width=2)
    def shift(row):
        return [x + 1.0 for x in row[:2]]

    with pytest.raises(Refusal, match=r"step standardscaler\): .*scale/1 wants subtract of shape"):
        prove_lean(model_of(shifted), X)


def rarely(rows):
    if (rows[:, 0] > 1000.0).any():
        raise ValueError("too much")
    return rows


def test_at_run_time_a_row_without_an_answer_is_refused_and_a_mistake_names_the_function(tmp_path):
    @leanfn.register(rarely)
    def rare(row):
        if row[0] > 1000.0:
            raise ValueError
        return [] if row[0] == 5.0123 else row

    artifact = export(tmp_path, model_of(rarely))
    with pytest.raises(InvalidRows, match="the function rare has none"):
        artifact.predict(record([1001.0, 1.0, 1.0]))
    with pytest.raises(HookError, match="the function rare returned 0 numbers, not 3"):
        artifact.predict(record([5.0123, 1.0, 1.0]))


def with_numpy(row):
    return [float(x) for x in np.add(row, 1.0)]


def with_object(row):
    return [x + RNG.x for x in row]


def with_callable(row):
    return [x + surrounding() for x in row]


def outer():
    one = 1.0

    def inner(row):
        return [x + one for x in row]

    return inner


def surrounding():
    return X[0]


class Callable_:
    def __call__(self, row):
        return row


exec("def written_nowhere(row):\n    return row")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (with_numpy, "with_numpy cannot ship: it uses the module numpy"),
        (with_object, "with_object cannot ship: it uses RNG, which is no constant"),
        (with_callable, "surrounding cannot ship: it uses X, which is no constant"),
        (outer(), "inner cannot ship: it uses variables around it: one"),
        (lambda row: row, "it is not written as a function"),
        (Callable_(), "it is not written as a function"),
        (len, "it is not written as a function"),
        (globals()["written_nowhere"], "written_nowhere cannot ship: its source cannot be read"),
    ],
)
def test_a_function_that_cannot_ship_is_refused_with_what_it_uses(function, said):
    leanfn.register(shifted)(function)
    with pytest.raises(Refusal, match=r"FunctionTransformer \(step functiontransformer\)[\s\S]*" + said):
        prove_lean(model_of(shifted), X)


def shares(rows):
    return rows / 2.0


@leanfn.register(shares)
def fractions(row, half=HALF, weights=WEIGHTS):
    return [x / float(Fraction(weights["other"][0] - 1)) + 0 * half for x in row]


def test_defaults_classes_of_the_standard_library_and_nested_constants_ship():
    prove_lean(model_of(shares), X)


def test_two_functions_of_one_name_are_refused():
    def double(row):
        return [x / 2.0 for x in row]

    leanfn.register(shares)(double)
    try:
        model = make_pipeline(FunctionTransformer(doubled), FunctionTransformer(shares), Ridge()).fit(X, Y)
        with pytest.raises(Refusal, match="two functions of the name double are registered"):
            prove_lean(model, X)
    finally:
        leanfn.register(shares)(fractions)


def scaled(rows, by=2.0):
    return rows * by


def test_keyword_arguments_are_refused():
    leanfn.register(scaled)(double)
    with pytest.raises(Refusal, match="kw_args="):
        prove_lean(model_of(scaled, kw_args={"by": 3.0}), X)


def test_an_unknown_function_is_refused_with_what_to_do():
    def stranger(rows):
        return rows

    with pytest.raises(Refusal, match=r"@leanfn\.register\(stranger\)"):
        prove_lean(model_of(stranger), X)


def test_what_is_no_function_is_refused_at_once():
    with pytest.raises(ExportError, match="5 is no function"):
        leanfn.register(5)
