"""The onnx rung: models that come as graphs, and what skl2onnx and onnxmltools make of estimators, all of it proved."""

import json
import sys
import warnings

import numpy as np
import onnx as onnx_format
import pandas as pd
import pytest
from onnx import TensorProto, helper
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

import leanfn
from handlers.service import Service
from leanfn import cli
from leanfn.errors import ExportError, Refusal
from leanfn.exporters.missing import route_missing
from leanfn.http import Request
from steps.export import export as command
from tests import graphs, samples, torch_network

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32), columns=list("abcd"))


def saved(folder, data):
    path = folder / "model.onnx"
    path.write_bytes(data)
    return path


def export(folder, data, rows=ROWS, **options):
    from leanfn.exporters.onnx_model import read_onnx

    model = read_onnx(saved(folder, data))
    return leanfn.export(model, rows, **{"name": "m", "out": folder, **options})


def answers(artifact, row):
    """What the function answers to a request, served in process."""
    request = Request(headers={"content-type": "application/json"}, body=json.dumps(row).encode())
    response = Service(lambda: leanfn.load(artifact.path))(request)
    assert response.status == 200, response.body
    return json.loads(response.body)


def test_a_network_of_pytorch_is_certified_and_served(tmp_path):
    data = torch_network.FILE.read_bytes()
    artifact = export(tmp_path, data, output="kind", labels={0: "low", 1: "middle", 2: "high"})
    row = ROWS.iloc[0].astype(float).to_dict()
    assert (artifact.engine, artifact.methods) == ("onnx", ["predict", "predict_proba"])
    found = artifact.predict(row, probabilities=True)
    assert answers(artifact, row)["kind"] == found["kind"]
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert found["kind"] == max(found["probabilities"], key=found["probabilities"].get)
    proof = leanfn.certificate.read(artifact)
    assert proof.bound == {"relative": 1e-4, "absolute": 1e-6}
    assert proof.precision["type"] == "float32" and 0 < proof.precision["difference"] < 1e-4
    assert "computed in float32" in artifact.verify().summary()


def test_a_network_that_pytorch_writes_here_answers_as_it_does(tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")  # its exporter's own
    model = torch_network.network()
    with warnings.catch_warnings(action="ignore"):
        artifact = export(tmp_path, torch_network.graph(model))
    wanted = model(torch.tensor(ROWS[:5].to_numpy())).tolist()
    found = artifact.call("predict_proba", ROWS[:5].astype(float).to_numpy().tolist())
    assert found == [pytest.approx(row, rel=1e-5) for row in wanted]


def test_a_forest_of_skl2onnx_is_certified_and_served(tmp_path):
    from skl2onnx import to_onnx

    X, y = samples.multiclass()
    model = RandomForestClassifier(10, random_state=0).fit(X, y)
    graph = to_onnx(model, X[:1].astype(np.float32)).SerializeToString()  # with its ZipMap
    rows = pd.DataFrame(X, columns=list("abcd"))
    artifact = export(tmp_path, graph, rows)
    assert artifact.manifest.classes == ["setosa", "versicolor", "virginica"]
    row = rows.iloc[0].to_dict()
    assert answers(artifact, row)["prediction"] == y[0] == artifact.predict(row)["prediction"]
    wanted = dict(zip(model.classes_, model.predict_proba(X[:1])[0]))
    assert artifact.predict(row, probabilities=True)["probabilities"] == pytest.approx(wanted, abs=1e-6)


def test_a_lightgbm_of_onnxmltools_is_certified_and_served(tmp_path):
    onnxmltools = pytest.importorskip("onnxmltools")
    lightgbm = pytest.importorskip("lightgbm")
    from onnxmltools.convert.common.data_types import FloatTensorType

    X, y = samples.regression()
    model = lightgbm.LGBMRegressor(n_estimators=5, min_child_samples=5, verbose=-1, num_threads=1).fit(X, y)
    graph = onnxmltools.convert_lightgbm(model, initial_types=[("input", FloatTensorType([None, 4]))])
    rows = pd.DataFrame(X, columns=list("abcd"))
    artifact = export(tmp_path, graph.SerializeToString(), rows)
    row = rows.iloc[0].to_dict()
    assert artifact.manifest.task == "regression"
    assert answers(artifact, row)["prediction"] == pytest.approx(model.predict(X[:1])[0], rel=1e-5)


def test_a_lightgbm_inside_a_pipeline_is_converted_with_it(tmp_path):
    lightgbm = pytest.importorskip("lightgbm")
    X, y = samples.binary()
    booster = lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=5, verbose=-1, num_threads=1)
    model = make_pipeline(StandardScaler(), booster).fit(X, y)
    try:
        artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    except ExportError as error:  # float32 may fall on the other side of a split, and the proof says so
        assert "differs from the original's" in str(error)
    else:
        assert artifact.engine == "onnx"


def test_the_line_takes_an_onnx_file_without_trust(tmp_path, capsys):
    path = saved(tmp_path, graphs.network(softmax=False))
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    line = [str(path), f"--sample={tmp_path / 'rows.csv'}", "--name=scores", f"--out={tmp_path}"]
    assert cli.run(command, line, name="leanfn export") == 0
    told = capsys.readouterr()
    assert told.out == f"{tmp_path / 'scores'}\n"
    assert "yes, taken" in told.err and " MB " in told.err
    artifact = leanfn.load(tmp_path / "scores")
    assert artifact.manifest.task == "regression"
    assert len(artifact.predict(ROWS.iloc[0].astype(float).to_dict())["prediction"]) == 3


def test_a_file_that_is_refused_is_named_with_the_reason(tmp_path):
    for data, reason in (
        (graphs.external(), "arrays in other files"),
        (graphs.looping(), "may never end"),
        (b"no graph at all", "no ONNX file"),
    ):
        with pytest.raises(ExportError, match=rf"model\.onnx cannot be exported: .*{reason}"):
            export(tmp_path, data)
    assert not (tmp_path / "m").exists()


def test_functions_of_its_own_are_inlined(tmp_path):
    twice = helper.make_function(
        "mine",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 18)],
    )
    nodes = [helper.make_node("Twice", ["x"], ["y"], domain="mine")]
    graph = graphs.doubled_with(nodes, domains=["mine"], functions=[twice])
    artifact = export(tmp_path, graph, ROWS[["a", "b"]])
    assert artifact.predict({"a": 1, "b": 0.5}) == {"prediction": [2.0, 1.0]}


def test_a_batch_of_one_is_asked_row_by_row(tmp_path):
    artifact = export(tmp_path, graphs.network(batch=1))
    assert artifact.predict(ROWS.iloc[0].astype(float).to_dict())["prediction"] in (0, 1, 2)


def test_inputs_with_names_are_the_fields(tmp_path):
    nodes = [
        helper.make_node("LabelEncoder", ["city"], ["known"], domain="ai.onnx.ml", keys_strings=["bern"], values_floats=[2.0], default_float=1.0),
        helper.make_node("Cast", ["rooms"], ["count"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["known", "count"], ["price"]),
    ]  # fmt: skip
    graph = graphs.model(
        nodes,
        [("city", TensorProto.STRING, ["n"]), ("rooms", TensorProto.INT64, ["n"])],
        [("price", TensorProto.FLOAT, ["n"])],
    )
    loaded = onnx_format.load_model_from_string(graph)
    loaded.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    rows = pd.DataFrame({"rooms": [1, 2, 3], "other": [0.0, 0.0, 0.0], "city": ["bern", "basel", "bern"]})
    artifact = export(tmp_path, loaded.SerializeToString(), rows)
    assert [(field.name, field.type) for field in artifact.signature.fields] == [
        ("city", "string"),
        ("rooms", "number"),
    ]
    assert artifact.predict({"city": "bern", "rooms": 3}) == {"prediction": 6.0}


def test_a_sample_with_other_columns_is_told_so(tmp_path):
    with pytest.raises(ExportError, match="wanted: 4\n  found:  3"):
        export(tmp_path, graphs.network(), ROWS[["a", "b", "c"]])


def test_outputs_that_are_no_answer_are_named(tmp_path):
    graph = graphs.doubled_with(
        [helper.make_node("Add", ["x", "x"], ["y"]), helper.make_node("SequenceConstruct", ["x"], ["z"])]
    )
    loaded = onnx_format.load_model_from_string(graph)
    loaded.graph.output.append(helper.make_tensor_sequence_value_info("z", TensorProto.FLOAT, None))
    with pytest.raises(ExportError, match="outputs are not one model's answer"):
        export(tmp_path, loaded.SerializeToString(), ROWS[["a", "b"]])


def test_a_wide_network_behind_imputed_and_encoded_columns_is_exact_in_float64(tmp_path):
    frame, y = samples.patients()
    with warnings.catch_warnings(action="ignore"):
        model = samples.prepared(MLPClassifier(max_iter=20, random_state=0)).fit(frame, y)
    artifact = leanfn.export(model, frame, name="m", out=tmp_path, engine="onnx")
    proof = leanfn.certificate.read(artifact)
    assert proof.precision["type"] == "float64" and proof.largest < 1e-9
    assert {"null", "unseen category"} <= proof.kinds.keys()
    row = {"age": None, "chol": None, "pain": None}
    (wanted,) = model.predict_proba(pd.DataFrame([{"age": np.nan, "chol": np.nan, "pain": None}]))
    assert artifact.call("predict_proba", [row])[0] == pytest.approx(wanted, abs=1e-12)


def test_the_label_keeps_its_python_type(tmp_path):
    X, y = samples.binary()
    model = LogisticRegression(max_iter=5000).fit(X, y.astype(bool))
    artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    assert type(artifact.call("predict", [list(X[0])])[0]) is bool


def test_scores_that_the_converter_mirrors_are_put_right(tmp_path):
    X, y = samples.binary()
    model = make_pipeline(StandardScaler(), SVC()).fit(X, y)
    artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    assert artifact.methods == ["predict", "decision_function"]
    wanted = model.decision_function(X[:5])
    assert artifact.call("decision_function", X[:5].tolist()) == pytest.approx(list(wanted), rel=1e-3)


def test_a_conversion_that_is_wrong_is_refused_with_the_row(tmp_path):
    """The converter takes sigmoid(2 s) where two classes want sigmoid(s)."""
    model = LinearDiscriminantAnalysis().fit(*samples.binary())
    X, _ = samples.binary()
    with pytest.raises(ExportError, match="differs from the original's"):
        leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    assert not (tmp_path / "m").exists()


def test_what_no_converter_knows_is_refused_and_the_next_engine_named(tmp_path):
    rows = [{"a": 1.0}, {"b": 2.0}]
    from sklearn.feature_extraction import DictVectorizer

    with pytest.raises(Refusal, match=r"tables of numbers(.|\n)*The next engine is sklearn"):
        leanfn.export(DictVectorizer().fit(rows), rows, name="m", out=tmp_path, engine="onnx")


def test_the_same_model_gives_the_same_bytes(tmp_path):
    frame, y = samples.patients()
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(
        frame[["pain"]], y
    )
    made = [
        leanfn.export(model, frame[["pain"]], name=name, out=tmp_path, engine="onnx").version
        for name in ("a", "b")
    ]
    assert made[0] == made[1]


def test_a_number_between_two_categories_is_neither_of_them(tmp_path):
    """skl2onnx's own encoder takes 1.5 for 1."""
    X = np.array([[1], [2], [3], [1], [2], [3]])
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore", drop="first"), LogisticRegression())
    model.fit(X, [0, 1, 0, 0, 1, 1])
    artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    assert artifact.signature.fields[0].categories == [1, 2, 3]
    with warnings.catch_warnings(action="ignore"):
        wanted = model.predict_proba([[1.5]])[0]
    assert artifact.call("predict_proba", [[1.5]]) == [pytest.approx(wanted)]


def test_a_missing_text_is_filled_as_the_original_fills_it(tmp_path):
    frame = pd.DataFrame({"city": ["bern", "basel", None, "bern", "basel", "bern"]})
    model = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(), Ridge())
    model.fit(frame, [1.0, 2.0, 1.5, 1.0, 2.0, 1.2])
    artifact = leanfn.export(model, frame, name="m", out=tmp_path, engine="onnx")
    assert artifact.predict({"city": None}) == artifact.predict({"city": "bern"})


def test_without_the_libraries_the_rung_says_what_to_install(tmp_path, monkeypatch):
    X, y = samples.binary()
    model = LogisticRegression(max_iter=5000).fit(X, y)
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(
        Refusal, match=r"skl2onnx is not installed\nInstall them: pip install 'leanfn\[onnx\]'"
    ):
        leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")


def test_a_missing_value_that_passes_through_is_missing_behind(tmp_path):
    X, _ = samples.binary()
    model = StandardScaler().fit(X)
    artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    first, *_ = artifact.call("transform", [[None, *X[0, 1:]]])[0]
    assert first != first


@pytest.mark.parametrize(("kind", "gaps"), [(RandomForestClassifier, False), (ExtraTreesRegressor, True)])
def test_a_missing_value_takes_the_way_that_the_forest_says(tmp_path, kind, gaps):
    """skl2onnx's graph sends every one of them right."""
    X, y = samples.regression() if kind is ExtraTreesRegressor else samples.multiclass()
    if gaps:
        X = np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X)
    model = kind(5, random_state=0).fit(X.astype(np.float32), y)
    artifact = leanfn.export(model, X.astype(np.float32), name="m", out=tmp_path, engine="onnx")
    assert all(field.nullable for field in artifact.signature.fields)
    assert leanfn.certificate.read(artifact).kinds["null"]["refused"] == 0


def test_forests_of_the_same_splits_that_part_over_missing_values_are_left_alone():
    X, y = samples.binary()
    pair = [DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y) for _ in range(2)]
    state = pair[1].tree_.__getstate__()
    state["nodes"]["missing_go_to_left"] ^= 1
    pair[1].tree_.__setstate__(state)
    from skl2onnx import to_onnx

    graph = to_onnx(pair[0], X[:1].astype(np.float32))
    before = graph.SerializeToString(deterministic=True)
    route_missing(graph, VotingClassifier([("a", pair[0]), ("b", pair[1])]))
    assert graph.SerializeToString(deterministic=True) == before


def test_scores_of_a_classifier_without_probabilities_are_carried(tmp_path):
    X, y = samples.multiclass()
    model = LinearSVC().fit(X, y)
    artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="onnx")
    assert artifact.methods == ["predict", "decision_function"]
    assert artifact.call("predict", X[:5].tolist()) == model.predict(X[:5]).tolist()
