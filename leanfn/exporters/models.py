"""Fitted models from files: joblib, pickle, skops, ONNX and those of the boosters' libraries. Unpickling runs code, so it is done only when asked for."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

from leanfn.errors import ExportError, TrustError

from . import boosters

PICKLES = (".joblib", ".pkl", ".pickle", ".gz", ".z")
SUFFIXES = (*PICKLES, ".skops", ".onnx", *boosters.SUFFIXES)


def read_model(path: Path, trust: bool) -> Any:
    """The model in a file.

    trust: whether the file may run code: a pickle always can, a skops file when it names types that skops does not
    know. Raises TrustError without it, ExportError for a file that is no model.
    """
    if not path.is_file():
        raise ExportError(f"no model at {path}")
    if path.suffix == ".onnx":
        from .onnx_model import read_onnx

        return read_onnx(path)
    if path.suffix in boosters.SUFFIXES:
        return boosters.read_booster(path)
    if path.suffix == ".skops":
        return _read_skops(path, trust)
    if path.suffix not in PICKLES:
        raise ExportError(
            f"{path} is of a kind that is not read\n  wanted: {', '.join(SUFFIXES)}\n  found:  {path.suffix or 'no suffix'}"
        )
    if not trust:
        raise TrustError(
            f"{path} is a pickle: reading it can run any code, whoever wrote it\n"
            "If you know where it comes from, say so with --trust (or save it with skops, which runs none)"
        )
    try:
        return _unpickle(path)
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        ImportError,
        AttributeError,
        KeyError,
        IndexError,
    ) as error:
        raise ExportError(
            f"{path} cannot be read as a model: {type(error).__name__}: {error}\n"
            "  wanted: a file of joblib.dump or pickle.dump, and the libraries that made it"
        ) from error


def _unpickle(path: Path) -> Any:
    import joblib

    if path.suffix in (".pkl", ".pickle"):
        with path.open("rb") as file:
            try:
                return pickle.load(file)
            except pickle.UnpicklingError:
                pass  # many name a joblib file so
    return joblib.load(path)


def _read_skops(path: Path, trust: bool) -> Any:
    try:
        from skops import io
    except ImportError:
        raise ExportError(
            "reading a skops file needs skops\nInstall it: pip install 'leanfn[train]'"
        ) from None
    try:
        unknown = io.get_untrusted_types(file=path)
        if unknown and not trust:
            raise TrustError(
                f"{path} names types that skops does not know: {', '.join(unknown)}\n"
                "If you know where it comes from, say so with --trust"
            )
        return io.load(path, trusted=unknown)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise ExportError(f"{path} cannot be read as a skops file: {error}") from error
