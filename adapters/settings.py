"""Flags that stand in a file: [tool.leanfn] of the pyproject.toml where a command is typed.

    [tool.leanfn]                  # every cloud
    memory = 256
    [tool.leanfn.aws]              # one cloud
    region = "eu-west-1"
    [tool.leanfn.stage.prod]       # --stage=prod, every cloud
    [tool.leanfn.stage.prod.aws]   # --stage=prod, one cloud

A flag that is typed comes first, then the most particular table. Keys are flags without their dashes; a key that no
command of the cloud has is refused, and one that another command has is passed over: what only one cloud has stands in
that cloud's table.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from leanfn.cli import Command, convert, flags
from leanfn.errors import UsageError

FILE = "pyproject.toml"
CLOUDS = ("aws", "google", "azure")
NEVER = {"stage", "yes", "dry_run", "json", "emulate"}  # what is said of one run


def with_settings(cloud: str, commands: Mapping[str, Command]) -> dict[str, Command]:
    """The commands, each filled up from the file in the working folder where a flag was not typed."""
    known = {name for command in commands.values() for name in flags(command)} - NEVER
    return {name: _filled(cloud, command, known) for name, command in commands.items()}


def _filled(cloud: str, command: Command, known: set[str]) -> Command:
    @functools.wraps(command)
    def filled(*places: Any, **given: Any) -> object:
        own = flags(command)
        for key, text in read(Path(FILE), cloud, _value(given, own, "stage"), known).items():
            if key in own and _value(given, own, key) is None:
                value, within = convert(command, key, text), own[key]
                if within is None:
                    given[key] = value
                else:
                    given[within] = replace(given[within], **{key: value})
        return command(*places, **given)

    return filled


def _value(given: Mapping[str, Any], own: Mapping[str, str | None], key: str) -> Any:
    """What was typed for a flag, if anything was."""
    within = own.get(key)
    return given.get(key) if within is None else getattr(given[within], key)


def read(file: Path, cloud: str, stage: str | None, known: set[str]) -> dict[str, str]:
    """The settings for a cloud and a stage, as text that a flag would take; UsageError for what is none."""
    if not file.is_file():
        return {}
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("tool", {}).get("leanfn", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is no TOML\n  found: {error}") from None
    stages = tables.get("stage", {})
    if stage is not None and stages and stage not in stages:
        raise UsageError(f"{file} has no stage {stage!r}\n  wanted: one of {', '.join(sorted(stages))}")
    found: dict[str, str] = {}
    for where, table in _tables(tables, stages.get(stage or "", {}), cloud, stage):
        for key, value in table.items():
            if isinstance(value, Mapping) and key in (*CLOUDS, "stage"):
                continue
            name = key.replace("-", "_")
            if name not in known:
                raise _unknown(file, where, key, known)
            found[name] = _text(file, key, value)
    return found


def _tables(
    tables: Mapping[str, Any], own: Mapping[str, Any], cloud: str, stage: str | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """From the most general to the most particular."""
    yield "tool.leanfn", tables
    yield f"tool.leanfn.{cloud}", tables.get(cloud, {})
    yield f"tool.leanfn.stage.{stage}", own
    yield f"tool.leanfn.stage.{stage}.{cloud}", own.get(cloud, {})


def _text(file: Path, key: str, value: object) -> str:
    """A value as one would type it after the flag."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        items = [f"{name}={item}" for name, item in value.items()] if isinstance(value, Mapping) else value
        if held := [item for item in map(str, items) if "," in item]:
            raise UsageError(
                f"{file}: {key} has an item with a comma, which no flag can hold\n  found:  {held[0]!r}"
            )
        return ",".join(map(str, items))
    return str(value)


def _unknown(file: Path, where: str, key: str, known: set[str]) -> UsageError:
    near = difflib.get_close_matches(key, [name.replace("_", "-") for name in known], 1)
    side = f"nearest: {near[0]}" if near else f"wanted: {', '.join(sorted(known))}"
    return UsageError(f"{file}: [{where}] has no setting {key!r}\n  {side}")
