"""Artifacts that answer in a bare Python, which sees the standard library and the runtime set alone."""

import json
import subprocess
import sys

import leanfn
from adapters.archive import fill
from adapters.runtime_set import runtime_set
from leanfn.certificate import difference, small
from leanfn.exporters import describe
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import REFUSED, Original
from leanfn.exporters.prove import record
from leanfn.exporters.write import write

WORD = "(refused)"

BARE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from leanfn.artifact import load
from leanfn.errors import InvalidRows
def answer(artifact, method, row):
    try:
        return artifact.call(method, [row])[0]
    except InvalidRows:
        return "(refused)"
answers = []
for folder, rows in json.load(sys.stdin):
    artifact = load(folder)
    answers.append({method: [answer(artifact, method, row) for row in rows] for method in artifact.methods})
assert not {"numpy", "sklearn", "leanfn.exporters"} & set(sys.modules), sorted(sys.modules)
print(json.dumps(answers))
"""


def write_unproved(model, X, folder):
    """An artifact without its proof; what its answers may differ by."""
    original = Original(model, X)
    signature = describe.describe(original, lean.notes(original))
    candidate = lean.build(original)
    write(
        folder,
        candidate.members,
        name=folder.name,
        engine="lean",
        task="prediction",
        methods=candidate.methods,
        output="prediction",
        classes=None,
        labels=None,
        explains=candidate.explains,
        signature=signature.document(),
        model_signature=None,
        requirements=[],
        training_rows=candidate.training_rows,
        metrics={},
        made_with={},
    )
    return candidate.bound


def bare_answers(jobs, folder):
    """From artifacts and the original's rows to answers. folder: an empty one, for the runtime set."""
    sent = []
    for path, rows in jobs:
        artifact = leanfn.load(path)
        fill(folder, runtime_set(artifact.manifest, "aws"))
        sent.append([str(path), [record(artifact.signature, row) for row in rows]])
    assert not (folder / "leanfn" / "exporters").exists()
    line = [sys.executable, "-I", "-S", "-B", "-c", BARE, str(folder)]
    done = subprocess.run(line, input=json.dumps(sent), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wrong_answer(original, rows, bound, answers):
    """The first answer of a bare Python that is not the original's; nothing where there is none.

    A row whose answer differs is asked alone, for some answers of the original's depend on the rows beside it.
    """
    for method, found in answers.items():
        for row, answer, wanted in zip(rows, found, original.ask(method, rows), strict=True):
            if _differs(answer, wanted, bound):
                (wanted,) = original.ask(method, [row])
                if _differs(answer, wanted, bound):
                    return f"WRONG: {method} of {row} gives {str(answer)[:60]} for {str(wanted)[:60]}"
    return ""


def _differs(answer, wanted, bound):
    if answer == WORD or wanted is REFUSED:
        return answer != WORD or wanted is not REFUSED
    return difference(answer, wanted, small(bound)) > bound["relative"]
