"""An artifact as a notebook shows it: a small table."""

from __future__ import annotations

from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from leanfn.artifact import Artifact

FIELDS_SHOWN = 12


def facts(artifact: Artifact) -> list[tuple[str, str]]:
    """What an artifact is, as pairs of name and words."""
    from leanfn import certificate

    fields = artifact.signature.fields
    shown = [f"{field.name}: {field.expected}" for field in fields[:FIELDS_SHOWN]]
    if len(fields) > FIELDS_SHOWN:
        shown.append(f"and {len(fields) - FIELDS_SHOWN} more")
    size = sum([entry["size"] for entry in artifact.manifest.members.values()])
    rows = [
        ("name", artifact.name),
        ("engine", artifact.engine),
        ("version", artifact.version),
        ("task", artifact.manifest.task),
        ("methods", ", ".join(artifact.methods)),
        ("size", f"{size:,} bytes"),
        ("signature", "; ".join(shown) or "any object"),
        ("certificate", certificate.read(artifact).summary()),
    ]
    if artifact.manifest.training_rows:
        rows.append(("holds training rows", ", ".join(artifact.manifest.training_rows)))
    if artifact.manifest.code:
        rows.append(("holds code", ", ".join(artifact.manifest.code)))
    if artifact.manifest.requirements:
        rows.append(("requirements", ", ".join(artifact.manifest.requirements)))
    return rows


def card(artifact: Artifact) -> str:
    """The facts as an HTML table."""
    lines = [
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(words)}</td></tr>"
        for name, words in facts(artifact)
    ]
    return "<table>" + "".join(lines) + "</table>"
