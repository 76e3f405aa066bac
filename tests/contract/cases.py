"""What each runtime is asked: name of the case -> the call. Nothing in it knows what stands behind the door."""

import json
from urllib.parse import quote

from emulators.function_url import Call
from tests.contract.runtimes import KEY

JSON = {"content-type": "application/json"}
PATIENT = {
    "age": 63,
    "sex": 1,
    "cp": 3,
    "trestbps": 145,
    "chol": 233,
    "fbs": 1,
    "restecg": 0,
    "thalach": 150,
    "exang": 0,
    "oldpeak": 2.3,
    "slope": 0,
    "ca": 0,
    "thal": 1,
}
NAMES = list(PATIENT)
TABLE = ",".join(NAMES) + "\n" + ",".join(map(str, PATIENT.values())) + "\n"


def post(value, path="/predict", **headers):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    named = {
        name.replace("_", "-"): text
        for name, text in {"content_type": JSON["content-type"], **headers}.items()
    }
    return Call("POST", path, {"x-api-key": KEY, **named}, body)


def ask(method, path, **headers):
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Call(method, path, {"x-api-key": KEY, **named}, b"")


def tensors(**changes):
    inputs = [
        {"name": name, "shape": [1], "datatype": "FP64", "data": [value]} for name, value in PATIENT.items()
    ]
    return {"id": "a", "inputs": inputs, **changes}


GOOD = post(PATIENT, "/predict?probabilities=true")

PAGES = [
    "/",
    "/health",
    "/version",
    "/signature",
    "/openapi.json",
    "/v2",
    "/v2/health/live",
    "/v2/health/ready",
]
PAGES += ["/v2/models/hearts", "/v2/models/hearts/ready"]
NOWHERE = [
    "/nowhere",
    "/predict/x",
    "/Predict",
    "/v1",
    "/v2/models/other",
    "/v2/models/hearts/other",
    "/healthz",
]
NOWHERE += [
    quote("/été/日本"),
    "/a%20b",
    "/%00",
    "/%ff",
    "/a%2Fb",
    "/predict%3Fa",
    "/a+b",
    "/~a",
    "/a;b=1",
    "/." * 3,
]
ROWS = {
    "a row": PATIENT,
    "a list of a row": [PATIENT],
    "no rows": [],
    "500 rows": [PATIENT] * 500,
    "10,001 rows": [{}] * 10_001,
    "values in order": [list(PATIENT.values())],
    "too few values": [[1, 2]],
    "an unseen category": {**PATIENT, "cp": 9},
    "a number outside the range": {**PATIENT, "chol": 23300},
    "another field": {**PATIENT, "choll": 1, "": 2, "日本/~": 3},
    "nothing in it": {},
    "all missing": dict.fromkeys(PATIENT),
    "a number as text": {**PATIENT, "cp": "3"},
    "everything wrong": dict.fromkeys(PATIENT, "x"),
    "more problems than are listed": [{name: [] for name in PATIENT}] * 20,
    "a boolean for a number": {**PATIENT, "age": True},
    "huge and tiny numbers": {**PATIENT, "age": 1e308, "chol": 5e-324, "oldpeak": -0.0},
    "a long integer": {**PATIENT, "age": 10**300},
    "a scalar": 1,
    "a text": "é\u2028😀",
    "null": None,
    "instances": {"instances": [PATIENT, PATIENT]},
    "instances and parameters": {
        "instances": [PATIENT],
        "parameters": {"probabilities": True, "explain": True},
    },
    "instances that are wrong": {"instances": [PATIENT, {**PATIENT, "cp": "3"}]},
    "instances and more": {"instances": [PATIENT], "more": 1},
    "records of a data frame": {"dataframe_records": [PATIENT]},
    "a split data frame": {"dataframe_split": {"columns": NAMES, "data": [list(PATIENT.values())]}},
    "a split data frame that is torn": {"dataframe_split": {"columns": NAMES, "data": [[1]]}},
}
QUERIES = [
    "probabilities=true",
    "explain=true",
    "probabilities=1&explain=1",
    "probabilities",
    "probabilities=&explain=0",
]
QUERIES += [
    "probabilities=yes",
    "nothing=1",
    "probabilities=true&probabilities=false",
    "explain=tr%75e",
    "a%20b=c%26d",
]
QUERIES += ["", "&&", "=", "%ff=1", "explain=true,false", "probabilities=TRUE"]
KINDS = [
    "application/json; charset=utf-8",
    "application/vnd.x+json",
    "APPLICATION/JSON",
    "text/plain",
    "application/xml",
]
KINDS += [
    "application/json; charset=latin-1",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    ";",
    "text",
]
KINDS += ["multipart/form-data; boundary=x"]
TABLES = {
    "a table": TABLE.encode(),
    "a table with empty cells": (",".join(NAMES) + "\n" + "," * 12 + "\n").encode(),
    "a table of another": b"a,b\n1,2\n",
    "a table with a torn line": TABLE.encode() + b"1,2\n",
    "a table with an open quote": b'age,sex\n"1,2\n',
    "a table that is not UTF-8": b"age\n\xff\n",
    "no table": b"",
}
INFERENCES = {
    "tensors": tensors(),
    "a tensor of two axes": {
        "inputs": [{"name": "rows", "shape": [1, 13], "datatype": "FP64", "data": list(PATIENT.values())}]
    },
    "tensors and an output": tensors(outputs=[{"name": "probabilities"}]),
    "tensors and no such output": tensors(outputs=[{"name": "nothing"}]),
    "no tensors": {"inputs": []},
    "a tensor of the wrong length": {
        "inputs": [{"name": "age", "shape": [2], "datatype": "FP64", "data": [1]}]
    },
    "a tensor of no datatype": {"inputs": [{"name": "age", "shape": [1], "datatype": "X", "data": [1]}]},
}

CASES = {
    **{
        f"{method} {path}": ask(method, path)
        for path in PAGES
        for method in ("GET", "HEAD", "OPTIONS", "POST")
    },
    **{
        f"{method} {path}": ask(method, path)
        for path in ("/", "/predict")
        for method in ("PUT", "DELETE", "PATCH")
    },
    **{f"{method} {path}": ask(method, path) for path in NOWHERE for method in ("GET", "POST")},
    "GET /predict/": ask("GET", "/predict/"),
    "a browser": ask("GET", "/", accept="text/html,application/xhtml+xml,*/*;q=0.8"),
    "a browser without a key": Call("GET", "/", {"accept": "text/html"}, b""),
    "a client that wants JSON": ask("GET", "/", accept="application/json"),
    "no key": Call("POST", "/predict", JSON, b"{}"),
    "a wrong key": Call("POST", "/predict", {**JSON, "x-api-key": "wrong"}, b"{}"),
    "health without a key": Call("GET", "/health", {}, b""),
    "a page of the origin that may": post(PATIENT, origin="https://app.example"),
    "a page of another origin": post(PATIENT, origin="https://evil.example"),
    "an error for a page of the origin that may": post(b"[", origin="https://app.example"),
    "a browser that asks before it calls": ask(
        "OPTIONS", "/predict", origin="https://app.example", access_control_request_method="POST"
    ),
    "a trace": post(PATIENT, traceparent=f"00-{'a' * 32}-{'b' * 16}-01"),
    "a trace that is none": post(PATIENT, traceparent="00-é-01".encode().decode("latin-1")),
    "a body that is encoded": post(PATIENT, content_encoding="gzip"),
    "a body that says it is not": post(PATIENT, content_encoding="identity"),
    "a body of no kind": Call("POST", "/predict", {"x-api-key": KEY}, json.dumps(PATIENT).encode()),
    "to the root": post(PATIENT, "/"),
    "to a path with a slash": post(PATIENT, "/predict/"),
    "to a model of another version": post(tensors(), "/v2/models/hearts/versions/0/infer"),
    "a table as tensors": post(TABLE.encode(), "/v2/models/hearts/infer", content_type="text/csv"),
    **{name: post(row) for name, row in ROWS.items()},
    **{f"{name} with an explanation": post(row, "/predict?explain=1") for name, row in ROWS.items()},
    **{f"?{query}": post(PATIENT, f"/predict?{query}") for query in QUERIES},
    **{f"content-type: {kind}": post(PATIENT, content_type=kind) for kind in KINDS},
    **{name: post(table, content_type="text/csv") for name, table in TABLES.items()},
    **{name: post(body, "/v2/models/hearts/infer") for name, body in INFERENCES.items()},
}
