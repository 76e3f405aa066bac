"""A model of two fields that a test can see through."""

import json

from leanfn.http import Request
from leanfn.signature import Field, Signature

GOOD = {"size": 2, "kind": "x"}


class Manifest:
    output = "verdict"
    labels = None
    classes = ("no", "yes")
    task = "classification"
    members = ()
    explains = {"method": "predict_proba", "link": "identity"}  # noqa: RUF012


class Fake:
    """Answers "yes" where size is 2; what it raises, it raises at every row."""

    name = "fake"
    engine = "lean"
    version = "0123456789abcdef"
    methods = ("predict", "predict_proba")
    manifest = Manifest()

    def __init__(self, raises=None):
        self.raises = raises
        self.signature = Signature(
            "table", [Field("size", "number", True, 0, 10), Field("kind", "string", categories=["x", "y"])]
        )

    def warm(self):
        return self

    def answer(self, row, probabilities=False, explain=False):
        if self.raises is not None:
            raise self.raises
        values, warnings = self.signature.read(row)
        answer = {"verdict": "yes" if values[0] == 2 else "no"}
        if probabilities:
            answer["probabilities"] = {"no": 0.25, "yes": 0.75}
        if explain:
            answer["explanation"] = {"base": 0.5, "contributions": {"size": 0.25, "kind": 0.0}}
        if warnings:
            answer["warnings"] = warnings
        return answer

    def answer_all(self, rows, probabilities=False, explain=False):
        from leanfn.errors import InvalidRows
        from leanfn.signature import at_row, joined

        answers, refusals = [], []
        for number, row in enumerate(rows):
            try:
                answers.append(self.answer(row, probabilities, explain))
            except InvalidRows as error:
                refusals.append(at_row(number, error))
        if refusals:
            raise joined(refusals)
        return answers


def post(value=GOOD, path="/predict", query=None, headers=None):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Request("POST", path, query, {"content-type": "application/json", **(headers or {})}, body)


def told(response):
    return json.loads(response.body)
