"""How a function will do, measured before anything is uploaded: its bundle, run on this machine as its cloud runs it.

The bundle is made in a temporary folder and started in processes of its own, of the Python that the cloud runs, with
the folder alone on their path (and for Google and Azure the libraries that their build installs). Through the cloud's
entry it answers the artifact's examples, which must lie within the certificate's bound.
"""

from __future__ import annotations

import json as documents
import math
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import leanfn
from leanfn import certificate as certificates
from leanfn import manifest as manifests
from leanfn.errors import BundleError
from leanfn.http import JSON, Request, encode
from leanfn.interpreters import find_python
from leanfn.platforms import MB, PLATFORMS, Platform
from leanfn.replay import replay

from .bundle import Arch, Bundle, Cloud, bundle, table
from .bytecode import compile_each
from .libraries import REQUIREMENTS
from .trial import Trial, can_run, check_trust
from .wheels import System, install

RUNS = 5  # cold starts, each in a new process, and no more of them once they took
ENOUGH = 10_000.0  # milliseconds
WARM = 200  # requests to one more
# Memory that Lambda counts beside the process that is measured here: its runtime client and what supervises it.
SUPERVISOR_MB = {"aws": 32.0, "google": 0.0, "azure": 0.0}
HEADROOM = 1.5  # times what was seen: other requests are larger, and allocators keep some
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: below it a function has a part of a processor
PROCESSOR_MB = 1769


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was measured. Sizes are bytes; times are medians of several cold starts, and of many warm requests.

    import_ms: of the entry. load_ms: reading the artifact and building the model, with the libraries that are imported
    for that. first_ms: from the process's start to its first answer, all of these included. memory_mb: the most that
    was resident. largest_difference: of the examples' answers through the entry, beside the original's; bound: what
    the certificate allows. recommended_memory_mb: one of the platform's sizes.
    """

    name: str
    version: str
    engine: str
    cloud: str
    python: str
    arch: str
    zipped: int
    unpacked: int
    import_ms: float
    load_ms: float
    first_ms: float
    warm_ms: float
    memory_mb: float
    examples: int
    largest_difference: float
    bound: float
    recommended_memory_mb: int


def command(
    artifact: Path, *, cloud: Cloud, python: str | None = None, arch: Arch = "x86_64", json: bool = False
) -> None:
    """Run an artifact's bundle here as its cloud would, and measure it.

    Args:
        artifact: the artifact's folder
        cloud: where the function will run
        python: the version of Python that the cloud will run, such as 3.13; it must be on this machine
        arch: the processor that it will run on; it must be this machine's
        json: print what was measured as JSON, for programs
    """
    with tempfile.TemporaryDirectory(prefix="leanfn-") as scratch:
        made, found = _diagnose(artifact, cloud, Path(scratch), python, arch)
        print(table(made).partition("\n")[2], file=sys.stderr)
    show(found)
    if json:
        print(documents.dumps(asdict(found), indent=1))


def diagnose(artifact: Path, cloud: str, *, python: str | None = None, arch: str = "x86_64") -> Diagnosis:
    """Make the bundle, run it and measure it.

    Raises BundleError for what cannot be bundled or does not run, CertificateError for an answer that is too far off,
    TrustError for an artifact whose code nobody here has trusted.
    """
    with tempfile.TemporaryDirectory(prefix="leanfn-") as scratch:
        return _diagnose(artifact, cloud, Path(scratch), python, arch)[1]


def _diagnose(
    artifact: Path, cloud: str, scratch: Path, python: str | None, arch: str
) -> tuple[Bundle, Diagnosis]:
    manifest = manifests.read(artifact)
    check_trust(manifest)
    version = python or PLATFORMS[cloud].default_python
    interpreter = find_python(version)
    if interpreter is None or not can_run(arch):
        raise BundleError(
            f"the function cannot be run on this machine\n  wanted: Linux on {arch} with a python{version}\n"
            f"  found:  {'no such Python' if interpreter is None else 'another machine'}\n"
            "Name another --python or --arch, or run it where they are"
        )
    made = bundle(artifact, cloud, scratch, python=python, arch=arch)
    loaded = leanfn.load(artifact)
    rows, _ = certificates.examples(loaded)
    requests = [_request(row) for row in rows]
    libraries = _libraries(made, scratch, interpreter)
    imports: list[float] = []
    loads: list[float] = []
    firsts: list[float] = []
    while len(firsts) < RUNS and sum(firsts) < ENOUGH:
        with Trial(cloud, made.folder, interpreter, libraries) as trial:
            imports.append(trial.import_ms)
            loads.append(_timed(trial, Request("GET", "/health"))[0])
            firsts.append(_timed(trial, requests[0])[1] * 1000)
    with Trial(cloud, made.folder, interpreter, libraries) as trial:
        warm = [_timed(trial, requests[i % len(requests)])[0] for i in range(WARM)]
        proof = replay(loaded, trial.ask)
        memory = trial.memory_mb()
    first = median(firsts)
    return made, Diagnosis(
        name=manifest.name,
        version=manifest.version,
        engine=manifest.engine,
        cloud=cloud,
        python=made.python,
        arch=made.arch,
        zipped=made.archive.stat().st_size,
        unpacked=sum(made.sizes.values()),
        import_ms=round(median(imports), 3),
        load_ms=round(median(loads), 3),
        first_ms=round(first, 3),
        warm_ms=round(median(warm), 3),
        memory_mb=round(memory, 1),
        examples=proof.rows,
        largest_difference=proof.largest,
        bound=proof.bound["relative"],
        recommended_memory_mb=recommended(PLATFORMS[cloud], memory, first),
    )


def _libraries(made: Bundle, scratch: Path, interpreter: Path) -> list[Path]:
    """What the cloud's build would install and compile, for this machine."""
    if REQUIREMENTS not in made.sizes:
        return []
    target = scratch / "libraries"
    install(made.folder / REQUIREMENTS, target, System(made.cloud, made.python, made.arch))
    sources = [path.relative_to(target).as_posix() for path in target.rglob("*.py")]
    compile_each(interpreter, target, str(target), sources)
    return [target]


def _request(row: object) -> Request:
    return Request("POST", "/predict", headers={"content-type": JSON}, body=encode(row))


def _timed(trial: Trial, request: Request) -> tuple[float, float]:
    """Milliseconds inside the function, and seconds since its process began."""
    response, ms, at = trial.timed(request)
    if response.status not in (200, 422):  # an example may be one that the original refuses too
        raise trial.failure(f"{response.status} {response.body.decode()[:500]}")
    return ms, at


def recommended(platform: Platform, memory_mb: float, first_ms: float) -> int:
    """The platform's smallest size that holds what was seen, with headroom.

    On Lambda less memory is also less of a processor: the first answer must come within the usual timeout.
    """
    needed = (memory_mb + SUPERVISOR_MB[platform.name]) * HEADROOM
    if platform.name == "aws":
        needed = max(needed, PROCESSOR_MB * min(first_ms / 1000 / platform.default_timeout, 1.0))
    if platform.memory_step is None:
        return next((size for size in platform.memory_sizes if size >= needed), platform.memory_sizes[-1])
    lowest, highest = platform.memory_sizes
    return min(max(math.ceil(needed / platform.memory_step) * platform.memory_step, lowest), highest)


def show(found: Diagnosis) -> None:
    """The measurements for people, on stderr."""
    rows = [
        ("size", f"{found.zipped / MB:.2f} MB zipped, {found.unpacked / MB:.2f} MB unpacked"),
        ("import", f"{found.import_ms:.1f} ms"),
        ("load", f"{found.load_ms:.1f} ms"),
        ("first answer", f"{found.first_ms:.1f} ms after the process's start"),
        ("warm", f"{found.warm_ms:.3f} ms (p50 of {WARM})"),
        ("memory", f"{found.memory_mb:.1f} MB at most"),
        (
            "examples",
            f"{found.examples} answered within {found.bound:g} ({found.largest_difference:.1e} apart)",
        ),
        ("recommended", f"{found.recommended_memory_mb} MB of memory"),
    ]
    title = f"{found.name} {found.version} on {found.cloud}, Python {found.python}, {found.arch}, {found.engine} engine"
    if not sys.stderr.isatty():
        print(title, *(f"  {name + ':':<14}{words}" for name, words in rows), sep="\n", file=sys.stderr)
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 2))
    for row in rows:
        shown.add_row(*row)
    Console(stderr=True).print(shown)
