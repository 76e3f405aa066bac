"""What a function takes up, for each engine and processor, beside scikit-learn and pandas as pip installs them.

    python -m benchmarks.bundle_sizes

Fits the heart-disease pipeline, exports it for each engine, bundles it for AWS and prints the table of docs/bundles.md.
It needs uv, an index of packages and a Python 3.13; a bundle that this machine can run answers an example before its
size is printed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import leanfn
from adapters.bundle import bundle
from adapters.wheels import System, install
from leanfn.platforms import MB
from steps.train import build

ROOT = Path(__file__).parent.parent
PYTHON = "3.13"
ENGINES = ("lean", "onnx", "sklearn")
ARCHES = ("x86_64", "arm64")
USUAL = "scikit-learn\npandas\n"  # what a function has otherwise; scikit-learn brings joblib


def main() -> None:
    """Print a row for each engine and processor, and one for what is installed otherwise."""
    model, rows = fitted()
    print("| engine | processor | unpacked | zipped | without bytecode |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for engine in ENGINES:
            artifact = leanfn.export(model, rows, name=f"heart_{engine}", out=folder, engine=engine).path
            for arch in ARCHES:
                made = bundle(artifact, "aws", folder / arch, python=PYTHON, arch=arch)
                unpacked = sum(made.sizes.values())
                cells = [unpacked, made.archive.stat().st_size, unpacked - made.parts.get("bytecode", 0)]
                print(f"| {engine} | {arch} | {' | '.join(map(size, cells))} |", flush=True)
        listed = folder / "usual.txt"
        listed.write_text(USUAL)
        for arch in ARCHES:
            target = folder / "usual" / arch
            install(listed, target, System("aws", PYTHON, arch))
            took = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
            print(f"| `pip install scikit-learn pandas` | {arch} | | | {size(took)} |", flush=True)


def fitted() -> tuple[Any, Any]:
    """The example's pipeline and its rows."""
    import pandas as pd

    table = pd.read_csv(ROOT / "datasets" / "default.csv")
    rows = table.drop(columns="target")
    measured = ["age", "trestbps", "chol", "thalach", "oldpeak"]
    model = build(rows, measured, [str(name) for name in rows if name not in measured])
    return model.fit(rows, table["target"]), rows


def size(count: int) -> str:
    """Bytes for people."""
    return f"{count / MB:.1f} MB" if count >= MB else f"{count / 1024:.0f} KB"


if __name__ == "__main__":
    main()
