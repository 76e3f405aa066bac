import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import CertificateError, RowError
from leanfn.exporters import describe, prove
from leanfn.exporters.candidate import Candidate
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import Original
from leanfn.exporters.rows import proof_rows

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0] * 5, "b": [4.0, 1.0, 3.0, 2.0] * 5})
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, [0, 1, 0, 1] * 5)


@pytest.fixture
def original():
    return Original(MODEL, ROWS)


def proof(original, methods=("predict",), explains=None, **answers):
    """The proof of a candidate whose methods answer as given, the others as the lean engine does."""
    right = lean.build(original)
    candidate = Candidate(
        engine="fake",
        methods=list(methods),
        members={},
        compile=lambda method: answers.get(method) or right.compile(method),
        locate=right.locate,
        explains=explains,
        notes=right.notes,
    )
    signature = describe.describe(original, right.notes)
    return prove.prove(candidate, original, signature, proof_rows(original, signature.fields, right.notes))


def test_equal_answers_are_proved(original):
    certificate = proof(original, ("predict", "predict_proba", "decision_function"))
    assert certificate.largest < 1e-12 and certificate.rows > 40


def test_a_flipped_label_is_shown_with_its_row_and_both_answers(original):
    run = lean.build(original).compile("predict")
    with pytest.raises(CertificateError, match=r'row:    {"a": .*\n  wanted: [01]\n  found:  [01]'):
        proof(original, predict=lambda row: 1 - run(row))


def test_a_probability_that_is_a_little_off_is_refused(original):
    run = lean.build(original).compile("predict_proba")
    with pytest.raises(CertificateError, match="the fake engine's predict_proba differs"):
        proof(original, ("predict_proba",), predict_proba=lambda row: [run(row)[0], run(row)[1] * (1 + 1e-8)])


def test_an_answer_where_the_original_raises_is_refused(original):
    def answers_anyway(row):
        return 0.0 if None in row else run(row)

    run = lean.build(original).compile("decision_function")
    with pytest.raises(CertificateError, match="wanted: \\(refused\\)"):
        proof(original, ("decision_function",), decision_function=answers_anyway)


def test_a_refusal_where_the_original_answers_is_refused(original):
    def refuses(row):
        raise RowError("no")

    with pytest.raises(CertificateError, match="found:  \\(refused\\)"):
        proof(original, predict=refuses)


def test_an_undecided_row_may_differ_where_it_is_made_up_and_nowhere_else(original):
    right = lean.build(original)
    run = right.compile("decision_function")
    signature = describe.describe(original, right.notes)
    row = original.rows[0]

    def prove_kind(kind, is_undecided):
        candidate = Candidate(
            engine="fake",
            methods=["decision_function"],
            members={},
            compile=lambda _: lambda row: run(row) + 1.0,
            is_undecided=is_undecided,
        )
        return prove.prove(candidate, original, signature, [(kind, row)])

    assert prove_kind("extreme", lambda row: True).methods["decision_function"]["ties"] == 1
    for kind, answer in (("sample", True), ("extreme", False)):
        with pytest.raises(CertificateError, match="differs"):
            prove_kind(kind, lambda row, answer=answer: answer)


def test_rows_that_both_refuse_are_counted(original):
    certificate = proof(original)
    assert certificate.kinds["null"]["refused"] == certificate.kinds["null"]["rows"] > 0
    assert certificate.kinds["sample"]["refused"] == 0


def test_a_label_may_differ_where_the_originals_own_scores_tie():
    rows = pd.DataFrame({"a": [-1.0, 1.0, 0.0, 0.0]})
    model = LogisticRegression(fit_intercept=False).fit(rows, [0, 1, 0, 1])
    original = Original(model, rows)
    run = lean.build(original).compile("predict")
    certificate = proof(original, predict=lambda row: 1 if row[0] is not None and row[0] == 0 else run(row))
    assert certificate.methods["predict"]["ties"] > 0


def test_the_step_that_goes_wrong_is_named(original):
    class Shifted(StandardScaler):
        """Transforms otherwise than its fitted numbers say."""

        __module__ = StandardScaler.__module__

        def transform(self, X, copy=None):
            return super().transform(X) + 1

    Shifted.__name__ = "StandardScaler"
    scaler = Shifted()
    scaler.__dict__.update(MODEL.steps[0][1].__dict__)
    broken = Original(make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, [0, 1] * 10), ROWS)
    broken.model.steps[0] = ("scale", scaler)
    with pytest.raises(CertificateError, match="step:   scale"):
        proof(broken, ("decision_function",))


def test_a_wide_transformer_is_proved_on_fewer_rows_and_ships_few_examples(tmp_path):
    from sklearn.feature_extraction.text import HashingVectorizer

    import leanfn

    texts = [f"word{i} and word{i + 1}" for i in range(3000)]
    artifact = leanfn.export(HashingVectorizer(n_features=8192).fit(texts), texts, name="wide", out=tmp_path)
    from leanfn import certificate

    assert 100 < certificate.read(artifact).rows <= prove.PROOF_NUMBERS // 8192
    assert artifact.manifest.members["examples.json"]["size"] < 1_000_000


EXPLAINS = {"method": "decision_function", "link": "identity"}


def test_explanations_that_add_up_are_proved(original):
    certificate = proof(original, ("decision_function",), EXPLAINS)
    assert certificate.methods["explain"]["largest_difference"] < 1e-12
    assert "1 methods" in certificate.summary() and "explanations add up" in certificate.summary()


@pytest.mark.parametrize(
    "broken",
    [
        lambda parts: [[parts[0][0], parts[0][1] * (1 + 1e-6), *parts[0][2:]]],
        lambda parts: [[parts[0][0] + 1e-6, *parts[0][1:]]],
        lambda parts: [parts[0][:-1]],
        lambda parts: [*parts, *parts],
        lambda parts: [],
        lambda parts: [[float("nan"), *parts[0][1:]]],
        lambda parts: [[float("inf"), *parts[0][1:]]],
    ],
)
def test_an_explanation_that_does_not_add_up_is_refused(original, broken):
    run = lean.build(original).compile("explain")
    with pytest.raises(
        CertificateError, match=r"explain differs from the original's \((.|\n)*row: (.|\n)*wanted: "
    ):
        proof(original, ("decision_function",), EXPLAINS, explain=lambda row: broken(run(row)))


def test_an_explanation_of_a_row_that_the_original_refuses_is_refused(original):
    run = lean.build(original).compile("explain")
    with pytest.raises(CertificateError, match="wanted: \\(refused\\)"):
        proof(
            original,
            ("decision_function",),
            EXPLAINS,
            explain=lambda row: [[0.0]] if None in row else run(row),
        )
