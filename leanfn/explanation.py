"""An explanation as users read it: the base, and what each field of the row adds to it. Imported when one is asked for."""

from __future__ import annotations

from leanfn.artifact import without_nan
from leanfn.errors import ArtifactError, MethodError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leanfn.artifact import Artifact
    from leanfn.signature import Details, Values

    Explanation = dict[str, Any]


def explained(
    artifact: Artifact, values: Values, answer: Any, warnings: Details
) -> Explanation | list[Explanation]:
    """What the model's answer to a row is made of; MethodError where the artifact has no explanations.

    values: the row as the model reads it. answer: what the model's predict says of it. warnings: that a number has no
    word in JSON is added to them. Of two classes the second is explained, of several the predicted one; of several
    outputs each, in a list.
    """
    manifest = artifact.manifest
    if manifest.explains is None:
        raise MethodError(f"{artifact.name} has no explanations; linear models and trees have them")
    outputs: list[list[float]] = artifact.run("explain")(values)
    fields = (manifest.model_signature or manifest.signature)["fields"]
    names = [field["name"] for field in fields]
    if any(len(parts) != len(names) + 1 for parts in outputs):
        raise ArtifactError(f"{manifest.folder}: explain.json explains other fields than the signature's")

    about = {"method": manifest.explains["method"]}
    if manifest.explains["link"] != "identity":
        about["link"] = manifest.explains["link"]

    def told(about: dict[str, Any], parts: list[float]) -> Explanation:
        base, *added = without_nan(parts, warnings)
        return {**about, "base": base, "contributions": dict(zip(names, added))}

    classes = manifest.classes
    if classes is None or isinstance(answer, list):
        several = [told(about, parts) for parts in outputs]
        return several if len(several) > 1 else several[0]
    number = 1 if len(classes) == 2 else classes.index(answer)
    label = dict(manifest.labels or ()).get(classes[number], classes[number])
    return told({"of": label, **about}, outputs[number] if len(outputs) > 1 else outputs[0])
