"""Keep a model for each operation that has none: see README.md."""

import base64
import json
import warnings
from pathlib import Path

import numpy as np

from leanfn.certificate import plain
from leanfn.engines.lean.operations import FAMILY
from leanfn.errors import ExportError, HookError, RowError
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import Original
from tests.golden.models import models

FOLDER = Path(__file__).parent
ROWS = 4


def operations(document):
    """The operations that a kept model holds."""
    members = [document["members"][name] for name in document["members"] if name.endswith(".json")]
    return {node["op"] for member in members for node in json.loads(member)["nodes"]}


def kept():
    """The kept models by name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def text(name, data):
    """A member as text: arrays in base64."""
    return base64.b64encode(data).decode() if name.endswith(".safetensors") else data.decode()


def document(model, rows):
    original = Original(model, rows)
    candidate = lean.build(original)
    chosen = original.rows[:: max(1, len(original.rows) // ROWS)][:ROWS]
    methods = [*candidate.methods, *(["explain"] if candidate.explains else [])]
    answers = {}
    for method in methods:
        run = candidate.compile(method)
        try:
            answers[method] = [plain(_items(run(row))) for row in chosen]
        except (RowError, HookError) as error:
            raise ExportError(str(error)) from error
    members = {name: text(name, data) for name, data in candidate.members.items()}
    return {"members": members, "rows": chosen, "answers": answers}


def _items(answer):
    if isinstance(answer, (list, tuple)):
        return [_items(item) for item in answer]
    return answer.item() if isinstance(answer, np.generic) else answer


def main():
    missing = set(FAMILY).difference(*map(operations, kept().values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, model, rows in models():
            if not missing:
                break
            try:
                made = document(model, rows)
            except ExportError:
                continue
            if new := operations(made) & missing:
                missing -= new
                path = FOLDER / f"{name}.json"
                path.write_text(json.dumps(made, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
                print(f"{path.name}: {', '.join(sorted(new))}")
    if missing:
        print(f"no model holds {', '.join(sorted(missing))}: write one in models.py")


if __name__ == "__main__":
    main()
