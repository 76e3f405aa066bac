"""Train a classifier on a table, and with --dump write it down as an artifact.

    python steps/train.py --path=datasets/default.csv --tag=_example --dump

The columns default to those of the heart-disease data; for another table, name its own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

from leanfn import cli
from leanfn.errors import DataError, UsageError
from leanfn.exporters.columns import nearest, take_features, take_label
from leanfn.exporters.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pandas import DataFrame, Series

NUMERIC_FEATURES = ["age", "trestbps", "chol", "fbs", "thalach", "exang", "oldpeak"]
CATEGORICAL_FEATURES = ["sex", "cp", "restecg", "ca", "slope", "thal"]
LABEL = "target"
DIAGNOSES = {"0": "clear", "1": "heart-disease"}


def train(
    path: str = "datasets/default.csv",
    *,
    test_size: float = 0.2,
    tag: str = "",
    dump: bool = False,
    label: str = LABEL,
    categorical_features: list[str] | None = None,
    numeric_features: list[str] | None = None,
    engine: Literal["auto", "lean", "sklearn"] = "auto",
    name: str = "",
    output: str = "",
    labels: dict[str, str] | None = None,
    seed: int = 42,
    out: str = "artifacts",
) -> None:
    """Train a classifier on a table, and with --dump write it down as an artifact.

    Without --dump nothing is written.

    Args:
        path: the table, a file or a URL: CSV, or what its ending says (tsv, json, parquet, xlsx, also packed)
        test_size: the share of the rows that is kept from training and measured on
        tag: what to append to the artifact's name
        dump: write the artifact
        label: the column to predict
        categorical_features: the columns that hold categories; in the heart-disease data, its own
        numeric_features: the columns that hold measured numbers; in the heart-disease data, its own
        engine: what runs the artifact; auto takes the first that proves itself
        name: the artifact's whole name, instead of pipeline and the tag
        output: what the answer is called; diagnosis for the heart-disease data, else prediction
        labels: what to answer for each class, as CLASS=NAME
        seed: what decides which rows are kept from training
        out: the folder to put the artifact in
    """
    if not 0 < test_size < 1:
        raise UsageError(
            f"--test-size is a share of the rows\n  wanted: between 0 and 1\n  found:  {test_size:g}"
        )
    if not 0 <= seed < 2**32:
        raise UsageError(f"--seed is what numpy takes as one\n  wanted: 0 to {2**32 - 1}\n  found:  {seed}")
    table = read_table(path)
    classes = take_label(table, label, path)
    numeric, categorical = _columns(table, numeric_features, categorical_features, label, path)
    hearts = _about_hearts(table, label, classes)
    names = _names(classes, labels or (DIAGNOSES if hearts else {}))

    rows = take_features(table, numeric, categorical, path)
    seen, unseen, seen_classes, unseen_classes = _split(rows, classes, test_size, seed, path)
    model = build(seen, numeric, categorical).fit(seen, seen_classes)
    metrics = measure(model, seen, unseen, seen_classes, unseen_classes)
    print(report(metrics))

    if dump:
        import leanfn
        from leanfn import certificate

        artifact = leanfn.export(
            model,
            seen,
            name=name or f"pipeline{tag}",
            out=out,
            engine=engine,
            output=output or ("diagnosis" if hearts else "prediction"),
            labels=names,
            metrics=metrics,
        )
        print(f"{artifact.path}\nengine: {artifact.engine}, version: {artifact.version}")
        print(f"certificate: {certificate.read(artifact).summary()}")


def build(rows: DataFrame, numeric: list[str], categorical: list[str]) -> Any:
    """The unfitted pipeline: measured numbers filled in and scaled, categories filled in and one-hot encoded.

    Categories that are numbers and categories that are words are filled in differently (0, "missing_value"),
    so they cannot share an imputer.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    def measured() -> Any:
        return Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])

    def categories() -> Any:
        onehot = OneHotEncoder(handle_unknown="ignore")
        return Pipeline([("imputer", SimpleImputer(strategy="constant")), ("onehot", onehot)])

    codes = [column for column in categorical if rows[column].dtype.kind == "f"]
    words = [column for column in categorical if column not in codes]
    branches = [("num", measured(), numeric), ("cat", categories(), codes), ("text", categories(), words)]
    preprocessor = ColumnTransformer([branch for branch in branches if branch[2]])
    return Pipeline([("preprocessor", preprocessor), ("classifier", LogisticRegression(max_iter=1000))])


def measure(
    model: Any, seen: DataFrame, unseen: DataFrame, seen_classes: Series, unseen_classes: Series
) -> dict[str, float | int | None]:
    """What goes into the manifest; the area under the curve is None where the unseen rows lack a class."""
    from sklearn.metrics import roc_auc_score

    area = None
    if set(unseen_classes) == set(model.classes_):
        chances = model.predict_proba(unseen)
        binary = len(model.classes_) == 2
        area = float(roc_auc_score(unseen_classes, chances[:, 1] if binary else chances, multi_class="ovr"))
    return {
        "training_accuracy": float(model.score(seen, seen_classes)),
        "validation_accuracy": float(model.score(unseen, unseen_classes)),
        "roc_auc": area,
        "training_rows": len(seen),
        "validation_rows": len(unseen),
    }


def report(metrics: dict[str, float | int | None]) -> str:
    area = metrics["roc_auc"]
    return (
        f"Training accuracy: {metrics['training_accuracy']:.2%}\n"
        f"Validation accuracy: {metrics['validation_accuracy']:.2%}\n"
        f"ROC AUC score: {'undefined, the validation rows lack a class' if area is None else f'{area:.2f}'}"
    )


def _columns(
    table: DataFrame, numeric: list[str] | None, categorical: list[str] | None, label: str, path: str
) -> tuple[list[str], list[str]]:
    """The numeric and the categorical features.

    A list that is not given is the heart-disease data's, less what the other list claims, if the table is
    that data or neither list is given; else it is empty.
    """
    named = {*(numeric or ()), *(categorical or ())}
    hearts = {*NUMERIC_FEATURES, *CATEGORICAL_FEATURES} <= set(table.columns) or not named

    def given(features: list[str] | None, own: list[str]) -> list[str]:
        return [each for each in own if hearts and each not in named] if features is None else features

    numeric, categorical = given(numeric, NUMERIC_FEATURES), given(categorical, CATEGORICAL_FEATURES)
    features = [*numeric, *categorical]
    for column in features:
        if column not in table:
            raise DataError(
                f"{path} has no column {column!r}\n{nearest(column, table)}\n{_suggestion(table, label)}"
            )
        if column == label:
            raise UsageError(
                f"{column!r} is the label and cannot be learned from\nTake it out of the features"
            )
        if features.count(column) > 1:
            raise UsageError(f"{column!r} is named twice among the features\nName it once")
    if not features:
        raise UsageError(f"no column is left to learn from\n{_suggestion(table, label)}")
    return numeric, categorical


def _suggestion(table: DataFrame, label: str) -> str:
    """Flags to start from: numbers of many values are taken for measured ones, the rest for categories."""
    columns = [each for each in table.columns if each != label]
    numeric = [each for each in columns if table[each].dtype.kind in "iuf" and table[each].nunique() > 10]
    categorical = [each for each in columns if each not in numeric]
    flags = {"--numeric-features": numeric, "--categorical-features": categorical}
    written = " ".join(f"{flag}={','.join(columns)}" for flag, columns in flags.items() if columns)
    return f"Name the columns, such as {written}"


def _split(rows: DataFrame, classes: Series, test_size: float, seed: int, path: str) -> Any:
    """Rows to learn from, rows to measure on, and the classes of both."""
    from sklearn.model_selection import train_test_split

    try:
        parts = train_test_split(rows, classes, test_size=test_size, random_state=seed)
    except ValueError as error:
        raise DataError(
            f"{path} cannot be split\n  rows: {len(rows)}\n  --test-size: {test_size:g}\nGive more rows"
        ) from error
    if parts[2].nunique() < 2:
        raise DataError(
            f"{path}: the {len(parts[2])} rows to learn from are of one class\n  found: {parts[2].iloc[0]}\n"
            f"Give more rows, a smaller --test-size or another --seed"
        )
    return parts


def _about_hearts(table: DataFrame, label: str, classes: Series) -> bool:
    columns = {*NUMERIC_FEATURES, *CATEGORICAL_FEATURES}
    return (
        label == LABEL and columns <= set(table.columns) and {str(each) for each in classes} == set(DIAGNOSES)
    )


def _names(classes: Series, names: dict[str, str]) -> dict[Hashable, str] | None:
    """What to answer for each class, by the class itself; a command line knows classes only as text."""
    if not names:
        return None
    by_text = {str(each): each for each in sorted(classes.unique().tolist())}
    if names.keys() != by_text.keys():
        raise UsageError(
            f"--labels names each class once\n  wanted: {', '.join(by_text)}\n  found:  {', '.join(names)}"
        )
    return {by_text[text]: name for text, name in names.items()}


if __name__ == "__main__":
    sys.exit(cli.run(train, name="train.py"))
