"""Say which estimators the engines carry."""

from __future__ import annotations

from difflib import get_close_matches

from leanfn import cli
from leanfn.errors import UsageError


def engines(estimator: str | None = None) -> None:
    """Say which estimators each engine carries.

    Args:
        estimator: one estimator's class, such as RandomForestClassifier; all of them when not given
    """
    from leanfn.exporters.carried import carried

    found = carried()
    if estimator is not None:
        if estimator not in found:
            near = get_close_matches(estimator, found, 1, 0.5)
            raise UsageError(
                f"no estimator {estimator!r} of scikit-learn answers for a new row"
                + (f"\n  nearest: {near[0]}" if near else "")
            )
        for engine, words in found[estimator].words():
            print(f"{engine:9}{words}")
        return
    width = max(map(len, found))
    print(f"{'estimator':{width}}  {'lean':20}onnx")
    for each in found.values():
        onnx = {True: "yes", False: "no", None: "?"}[each.onnx]
        print(f"{each.estimator:{width}}  {', '.join(each.lean) or 'no':20}{onnx}")
    lean = sum(1 for each in found.values() if each.lean)
    print(
        f"lean carries {lean} of {len(found)}; sklearn runs all of them; auto takes the first that proves itself"
    )


if __name__ == "__main__":
    raise SystemExit(cli.run(engines, name="engines.py"))
