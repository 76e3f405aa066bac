"""sklearn.multioutput, lowered: one member per output, side by side or in a chain."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, numeric, predict
from .members import answer, beside, concat, response


def multi_output_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    parts = [
        answer(graph, member, predict(graph, member, wire), "predict") for member in estimator.estimators_
    ]
    return {"predict": concat(graph, parts)}


def multi_output_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    members = [(member, predict(graph, member, wire)) for member in estimator.estimators_]
    # numpy gives labels of several types the one that holds them all
    classes = [np.asarray(member.classes_) for member, _ in members]
    common = np.asarray([some[:1] for some in classes]).dtype
    labels = [
        graph.add("label/1", answer(graph, member, outputs, "index"), labels=some.astype(common).tolist())
        for (member, outputs), some in zip(members, classes)
    ]
    found = {"predict": graph.add("many/1", *labels)}
    if all("predict_proba" in outputs for _, outputs in members):
        found["predict_proba"] = graph.add("many/1", *[outputs["predict_proba"] for _, outputs in members])
    return found


def chain(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Each member reads the row and the answers of those before it; the outputs stand in the target's order."""
    source = finite(graph, numeric(graph, estimator, wire))
    passed_on = getattr(estimator, "chain_method_", "predict")
    before: list[Wire] = []
    members = []
    for member in estimator.estimators_:
        outputs = predict(graph, member, beside(graph, source, before))
        members.append((member, outputs))
        before.append(response(graph, member, outputs, passed_on))
    in_order = [members[place] for place in np.argsort(estimator.order_)]
    methods = [
        method
        for method in ("predict", "predict_proba", "decision_function")
        if all(method in outputs for _, outputs in members)
    ]
    found = {}
    for method in methods:
        parts = [response(graph, member, outputs, method) for member, outputs in in_order]
        if all(part.width == 1 for part in parts):  # scikit-learn has no answer for more
            found[method] = concat(graph, parts)
    return found


_MULTI_OUTPUT = "estimator n_jobs"
_CHAIN = "base_estimator chain_method cv estimator order random_state verbose"

PREDICTORS = {
    "MultiOutputClassifier": Lowering(multi_output_classifier, _MULTI_OUTPUT),
    "MultiOutputRegressor": Lowering(multi_output_regressor, _MULTI_OUTPUT),
    "ClassifierChain": Lowering(chain, _CHAIN),
    "RegressorChain": Lowering(chain, _CHAIN),
}
