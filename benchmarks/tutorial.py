"""The plain tutorial handler, as most people would write it for each cloud.

The pickled pipeline is loaded with joblib when the module is imported, and pandas carries the row.
"""

AWS = """\
import json

import joblib
import pandas as pd

LABELS = {0: "clear", 1: "heart-disease"}
MODEL = joblib.load("model.joblib")


def lambda_handler(event, context):
    rows = pd.DataFrame([json.loads(event["body"])])
    answer = {"diagnosis": LABELS[int(MODEL.predict(rows)[0])]}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
"""

GOOGLE = """\
import functions_framework
import joblib
import pandas as pd

LABELS = {0: "clear", 1: "heart-disease"}
MODEL = joblib.load("model.joblib")


@functions_framework.http
def predict_handler(request):
    rows = pd.DataFrame([request.get_json()])
    return {"diagnosis": LABELS[int(MODEL.predict(rows)[0])]}
"""

AZURE = """\
import json
from pathlib import Path

import azure.functions as func
import joblib
import pandas as pd

LABELS = {0: "clear", 1: "heart-disease"}
MODEL = joblib.load(Path(__file__).parent / "model.joblib")

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="{*route}")
def predict_handler(req: func.HttpRequest) -> func.HttpResponse:
    rows = pd.DataFrame([req.get_json()])
    answer = {"diagnosis": LABELS[int(MODEL.predict(rows)[0])]}
    return func.HttpResponse(json.dumps(answer), mimetype="application/json")
"""

HANDLERS = {"aws": AWS, "google": GOOGLE, "azure": AZURE}
