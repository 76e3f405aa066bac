"""The estimators that people use, in the pipelines they write, asked in a bare Python that has the runtime set alone.

Every run asks a part of them. EVERY_PIPELINE=1 asks them all and compares what came out with docs/pipelines.md;
UPDATE_DOCS=1 writes it. Answers are compared on rows that no fit saw, and the artifacts come without the proof: what
it would find is to be seen here.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import sklearn

import leanfn
from adapters.archive import fill
from adapters.runtime_set import runtime_set
from leanfn.certificate import difference, small
from leanfn.errors import Refusal
from leanfn.exporters import describe
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import REFUSED, Original
from leanfn.exporters.prove import record
from leanfn.exporters.write import write
from tests import pipelines

DOCUMENT = Path(__file__).parent.parent / "docs" / "pipelines.md"
ALL = bool(os.environ.get("EVERY_PIPELINE"))
BATCH = 100  # artifacts that one bare Python answers for
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


def chosen():
    """The cases of this run: all, or one of each estimator, of every way and task in turn."""
    for number, name in enumerate(pipelines.TIERS):
        cases = list(pipelines.cases(name))
        yield from cases if ALL else [cases[number % len(cases)]]


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
    """From artifacts and rows to the answers of a Python that sees the standard library and the runtime set."""
    for artifact, _ in jobs:
        fill(folder, runtime_set(leanfn.load(artifact).manifest, "aws"))
    assert not (folder / "leanfn" / "exporters").exists()
    line = [sys.executable, "-I", "-S", "-B", "-c", BARE, str(folder)]
    sent = json.dumps([[str(artifact), rows] for artifact, rows in jobs])
    done = subprocess.run(line, input=sent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def verdict(original, rows, bound, answers):
    """ "right", or the first answer that is not the original's."""
    if set(answers) != set(original.methods):
        return f"without {set(original.methods) - set(answers)}"
    for method, found in answers.items():
        for row, answer, wanted in zip(rows, found, original.ask(method, rows)):
            if answer == WORD or wanted is REFUSED:
                wrong = answer != WORD or wanted is not REFUSED
            else:
                wrong = difference(answer, wanted, small(bound)) > bound["relative"]
            if wrong:
                return f"WRONG: {method} of {row} gives {str(answer)[:60]} for {str(wanted)[:60]}"
    return "right"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Name, way and task of each case -> what came out."""
    found, waiting = {}, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in chosen():
            key = case.name, case.way, case.task
            folder = tmp_path_factory.mktemp("artifacts") / "-".join(key)
            try:
                model, X, fresh = case.fit()
                bound = write_unproved(model, X, folder)
                waiting.append((key, folder, Original(model, X), Original(model, fresh).rows, bound))
            except Refusal as error:
                found[key] = f"refused: {str(error).splitlines()[0]}"
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            jobs = [(folder, sent(folder, rows)) for _, folder, _, rows, _ in batch]
            answers = bare_answers(jobs, tmp_path_factory.mktemp("bare"))
            for (key, _, original, rows, bound), answered in zip(batch, answers):
                found[key] = verdict(original, rows, bound, answered)
    return found


def sent(folder, rows):
    signature = leanfn.load(folder).signature
    return [record(signature, row) for row in rows]


def document(verdicts):
    right = sum(what == "right" for what in verdicts.values())
    counts = f"{len(verdicts)} pipelines, {right} right, {len(verdicts) - right} refused, none wrong."
    lines = [
        "# The estimators that people use, in the pipelines they write",
        "",
        f"{len(pipelines.TIER_1)} estimators make up 72 % of the uses in public training scripts, {len(pipelines.TIERS)} make up 94 %.",
        "Each stands here raw (alone), prepared (behind imputing, scaling and one-hot encoding, or among them) and searched",
        "(all that in a search or a calibration), for each task it is for. Every artifact answered, with every method of its",
        f"original, for {pipelines.COUNT - pipelines.FITTED} rows that the fit had not seen, in a bare `python -I -S` that sees the runtime set alone.",
        "",
        counts,
        "Generated by `EVERY_PIPELINE=1 UPDATE_DOCS=1 make test ARGS=tests/test_pipelines.py`.",
        "",
        "| estimator | tier | raw | prepared | searched |",
        "|---|---|---|---|---|",
    ]
    for name in pipelines.TIERS:
        cells = []
        for way in pipelines.WAYS:
            tasks = {task: what for (of, how, task), what in verdicts.items() if (of, how) == (name, way)}
            cells.append("; ".join(f"{task}{_said(what)}" for task, what in tasks.items()) or "-")
        lines.append(f"| {name} | {1 if name in pipelines.TIER_1 else 2} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _said(what):
    return "" if what == "right" else f" ({what.replace('|', ' ')})"


def test_none_is_wrong(verdicts):
    assert not {key: what for key, what in verdicts.items() if not what.startswith(("right", "refused: "))}


def test_a_refusal_names_the_parameter(verdicts):
    refused = {key: what for key, what in verdicts.items() if what.startswith("refused: ")}
    assert not {key: what for key, what in refused.items() if "parameter" not in what}


def test_the_document_says_what_came_out(verdicts):
    if sklearn.__version__ < "1.9":
        pytest.skip("the document is of scikit-learn 1.9")
    if ALL and os.environ.get("UPDATE_DOCS"):
        DOCUMENT.write_text(document(verdicts))
    said = DOCUMENT.read_text()
    if ALL:
        assert said == document(verdicts)
    table = {
        line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ")[2:]
        for line in said.splitlines()
        if line.startswith("| ")
    }
    for (name, way, task), what in verdicts.items():
        cell = table[name][pipelines.WAYS.index(way)]
        assert f"{task}{_said(what)}" in cell.split("; "), f"{name} {way}: docs/pipelines.md is stale"
