"""Is a model carried right? Every test of a lowering asks this of the real proof, without writing an artifact."""

from leanfn.errors import RowError
from leanfn.exporters import describe
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import REFUSED, Original
from leanfn.exporters.prove import prove
from leanfn.exporters.rows import proof_rows


def prove_lean(model, X, methods=None):
    """The certificate of the lean engine for a fitted model; raises Refusal or CertificateError.

    methods: what must be carried, by default all that the model has.
    """
    original = Original(model, X)
    candidate = lean.build(original)
    assert set(original.methods if methods is None else methods) <= set(candidate.methods), candidate.methods
    signature = describe.describe(original, candidate.notes)
    return prove(candidate, original, signature, proof_rows(original, signature.fields, candidate.notes))


def lean_answers(model, X, method):
    """The lean engine's answers to the sample's own rows, and the original's."""
    return answers_to(model, X, Original(model, X).rows)(method)


def answers_to(model, X, rows):
    """From a method to the lean engine's answers to some rows and the original's; REFUSED where there is none."""
    original = Original(model, X)
    candidate = lean.build(original)

    def both(method):
        run = candidate.compile(method)
        return [_answer(run, row) for row in rows], [original.ask(method, [row])[0] for row in rows]

    return both


def _answer(run, row):
    try:
        return run(row)
    except RowError:
        return REFUSED
