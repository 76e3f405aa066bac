"""One typed function is one command: its line is read, it is called, its errors become exit codes.

Nothing runs before the whole line is understood. fire takes lines apart, here and nowhere else, and it is
handed text alone, never the command: left to itself it runs first and rejects the typo afterwards, keeps the
last of two equal flags and turns 3.10 into 3.1.
"""

from __future__ import annotations

import difflib
import inspect
import math
import os
import re
import shutil
import sys
import textwrap
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, is_dataclass
from dataclasses import fields as members
from pathlib import Path
from typing import Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from leanfn.errors import LeanfnError, UsageError

Command: TypeAlias = Callable[..., object]
Commands: TypeAlias = Mapping[str, "Command | Commands"]

HELP = ("-h", "--help")
INTERRUPTED = 130  # 128 + SIGINT, as shells count
READER_GONE = 141  # 128 + SIGPIPE: what any other program gives before `| head`


def run(command: Command | Commands, argv: Sequence[str] | None = None, *, name: str) -> int:
    """Run a function, or one out of a table of functions, as the line says; return the exit code.

    Parameters are annotated with names that exist at run time, and described in a Google-style `Args:`
    section; keyword-only ones are flags, the others may also be given by place. One that is a dataclass is a flag for
    each of its fields, described in the class's own `Args:`; every field has a default. No result is printed.
    """
    try:
        _obey(command, sys.argv[1:] if argv is None else argv, name)
        sys.stdout.flush()  # here, where a closed pipe is still ours to answer
    except LeanfnError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        if not _reader_is_gone():  # some other pipe: a bug, which keeps its traceback
            raise
        return READER_GONE
    return 0


def _obey(command: Command | Commands, line: Sequence[str], name: str) -> None:
    left = [token for token in line if token not in HELP]
    try:
        while isinstance(command, Mapping) and left:
            word, *left = left
            if word not in command:
                raise _wrong(f"{name} has no command {word!r}", _nearest(word, list(command)))
            command, name = command[word], f"{name} {word}"
        if isinstance(command, Mapping):
            print(_listing(command, name))
            return
        if any(token in HELP for token in line):
            print(_help(command, name))
            return
        call = _bind(command, left, name)
    except UsageError as error:
        raise UsageError(f"{error}\nType '{name} --help' to see what it takes") from None
    command(*call.args, **call.kwargs)


def _reader_is_gone() -> bool:
    try:
        print(flush=True)  # an unbuffered stream has nothing left to flush, so it is asked with a line
    except BrokenPipeError:
        # What is left in the buffer would raise once more when the interpreter flushes it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


# What an annotation looks like on a line


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` raises ValueError for text that is not wanted."""

    shape: str
    wanted: str
    read: Callable[[str], object]
    choices: tuple[str, ...] = ()


def _matching(pattern: str, build: Callable[[str], object]) -> Callable[[str], object]:
    """`build`, for text of one form only: Python's own int and float also take 2024_01, ' 7 ' and nan."""

    def read(text: str) -> object:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(text)
        return build(text)

    return read


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


SWITCH = Kind(
    "true|false", "true or false", _matching("(?i:true|false)", lambda text: text.lower() == "true")
)
KINDS: dict[object, Kind] = {
    str: Kind("TEXT", "text", str),
    int: Kind("N", "a whole number", _matching(r"[+-]?\d+", int)),
    float: Kind("X", "a number", _matching(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", _finite)),
    bool: SWITCH,
    Path: Kind("PATH", "a path", _matching(r"(?s:.+)", Path)),
}


def _kind(annotation: object) -> Kind:
    if annotation in KINDS:
        return KINDS[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        values = {str(value): value for value in inner}
        read = _matching("|".join(map(re.escape, values)), values.__getitem__)
        return Kind("|".join(values), f"one of {', '.join(values)}", read, tuple(values))
    if origin in (Union, types.UnionType):
        return _first_of([_kind(each) for each in inner if each is not type(None)])
    if origin in (list, Sequence) or (origin is tuple and inner[1:] == (...,)):
        return _several(_kind(inner[0]), tuple if origin is tuple else list)
    if origin in (dict, Mapping) and inner[0] is str:
        return _pairs(_kind(inner[1]))
    raise TypeError(f"no way to write {annotation!r} on a command line")


def _first_of(kinds: list[Kind]) -> Kind:
    def read(text: str) -> object:
        for kind in kinds:
            try:
                return kind.read(text)
            except ValueError:
                continue
        raise ValueError(text)

    shape, wanted = "|".join(kind.shape for kind in kinds), " or ".join(kind.wanted for kind in kinds)
    choices = tuple(choice for kind in kinds for choice in kind.choices)
    return kinds[0] if len(kinds) == 1 else Kind(shape, wanted, read, choices)


def _several(item: Kind, build: Callable[[list[object]], object]) -> Kind:
    def read(text: str) -> object:
        parts = text.split(",") if text else []
        if "" in parts:
            raise ValueError(text)
        return build([item.read(part) for part in parts])

    return Kind(f"{item.shape},…", f"{item.wanted}, or several with commas between", read)


def _pairs(item: Kind) -> Kind:
    def read(text: str) -> object:
        pairs: dict[str, object] = {}
        for part in text.split(",") if text else []:
            key, equals, value = part.partition("=")
            if not key or not equals or key in pairs:
                raise ValueError(text)
            pairs[key] = item.read(value)
        return pairs

    return Kind(f"KEY={item.shape},…", "KEY=VALUE, or several with commas between and no key twice", read)


# The line


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a command, or one field of a parameter that is a dataclass, which `within` then names."""

    name: str
    kind: Kind
    default: object
    by_place: bool = False
    within: str | None = None

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty


def _fields(command: Command) -> list[Field]:
    hints, fields = get_type_hints(command), []
    for each in inspect.signature(command).parameters.values():
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            raise TypeError(f"{command!r} takes {each}, which no help text can describe")
        annotation = hints.get(each.name)
        if isinstance(annotation, type) and is_dataclass(annotation):
            fields += _members(annotation, each.name)
        else:
            by_place = each.kind != each.KEYWORD_ONLY
            fields.append(Field(each.name, _kind(annotation), each.default, by_place))
    return fields


def _members(group: type, name: str) -> list[Field]:
    assert is_dataclass(group)
    hints = get_type_hints(group)
    return [
        Field(
            each.name,
            _kind(hints[each.name]),
            each.default if each.default_factory is MISSING else each.default_factory(),
            within=name,
        )
        for each in members(group)
    ]


def flags(command: Command) -> dict[str, str | None]:
    """The names of a command's flags, each with the parameter that it is a field of, if it is one."""
    return {field.name: field.within for field in _fields(command) if not field.by_place}


def _bind(command: Command, line: Sequence[str], name: str) -> inspect.BoundArguments:
    """The call that the line asks for, whole and converted; or UsageError, and then nothing has run."""
    fields = {field.name: field for field in _fields(command)}
    words, texts = _take_apart(_spell_out(line, fields, name))
    places = [field for field in fields.values() if field.by_place]
    if len(words) > len(places):
        raise _wrong(f"{name} has no place for {words[len(places)]!r}")
    for field, word in zip(places, words, strict=False):
        if field.name in texts:
            raise _wrong(f"{field.flag} is given twice", f"first: {texts[field.name]!r}", f"then:  {word!r}")
        texts[field.name] = word
    if missing := [field for field in fields.values() if field.required and field.name not in texts]:
        raise _wrong(
            f"{name} lacks what it needs", *(f"wanted: {each.flag}={each.kind.shape}" for each in missing)
        )
    call = inspect.signature(command).bind_partial()
    hints = get_type_hints(command)
    given: dict[str, dict[str, object]] = {each.within: {} for each in fields.values() if each.within}
    for key, text in texts.items():
        within = fields[key].within
        (call.arguments if within is None else given[within])[key] = _read(fields[key], text)
    call.arguments.update({name: hints[name](**values) for name, values in given.items()})
    return call


def convert(command: Command, name: str, text: str) -> object:
    """The value of a command's parameter that stands somewhere else than on a line; UsageError if it is none."""
    return _read(next(field for field in _fields(command) if field.name == name), text)


def _read(field: Field, text: str) -> object:
    try:
        return field.kind.read(text)
    except ValueError:
        sides = [f"wanted: {field.kind.wanted}", f"found:  {text!r}"]
        if near := difflib.get_close_matches(text, field.kind.choices, 1):
            sides.append(f"nearest: {near[0]}")
        raise _wrong(f"{field.flag} does not take this value", *sides) from None


def _spell_out(line: Sequence[str], fields: Mapping[str, Field], name: str) -> list[str]:
    """The line as fire reads it exactly, once all is refused that fire would let pass."""
    spelled: list[str] = []
    seen: set[str] = set()
    for token, following in zip(line, [*line[1:], None], strict=False):
        if not _is_flag(token):
            spelled.append(token)
            continue
        written, equals, text = token.partition("=")
        key = written[2:].replace("-", "_") if written.startswith("--") else ""
        off = key not in fields and key.startswith("no_")
        field = fields.get(key.removeprefix("no_") if off else key)
        if field is None or (off and field.kind is not SWITCH):
            flags = [each.flag for each in fields.values()]
            raise _wrong(f"{name} has no flag {written!r}", _nearest(written, flags))
        if field.name in seen:
            raise _wrong(f"{field.flag} is given twice", f"wanted: {field.flag}={field.kind.shape}")
        seen.add(field.name)
        if off and equals:
            raise _wrong(f"{written} takes no value", f"found:  {text!r}")
        if field.kind is SWITCH and not equals:
            if following is not None and following.lower() in ("true", "false"):
                raise _wrong(f"{written} takes its value after '='", f"wanted: {field.flag}={following}")
            equals, text = "=", "false" if off else "true"
        elif not equals and (following is None or _is_flag(following)):
            raise _wrong(f"{written} needs a value", f"wanted: {field.kind.wanted}")
        spelled.append(f"--{field.name}{equals}{text}")
    return spelled


def _is_flag(token: str) -> bool:
    """-1, -.5 and -1,2 are values; '-' and '--' alone mean something to fire, so they count as flags."""
    return token.startswith("-") and not re.match(r"-\.?\d", token, re.ASCII)


def _take_apart(line: list[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words in their order and the text of each flag."""
    import fire  # type: ignore[import-untyped]
    from fire.decorators import SetParseFn  # type: ignore[import-untyped]

    taken: list[tuple[tuple[str, ...], dict[str, str]]] = []

    def take(*words: str, **flags: str) -> None:
        taken.append((words, flags))

    fire.Fire(SetParseFn(str)(take), command=line)
    return taken[0]


def _nearest(found: str, known: Sequence[str]) -> str:
    bare = {each.lstrip("-"): each for each in known}  # two dashes in common make no likeness
    near = difflib.get_close_matches(found.lstrip("-"), bare, 1)
    return f"nearest: {bare[near[0]]}" if near else f"wanted: {', '.join(known) or 'none'}"


def _wrong(what: str, *sides: str) -> UsageError:
    return UsageError("\n  ".join([what, *sides]))


# Help


def _listing(commands: Commands, name: str) -> str:
    rows = [(each, _summary(commands, each)) for each in commands]
    return f"usage: {name} COMMAND …\n\n{_columns(rows)}\n\nType '{name} COMMAND --help' for more on one"


def _summary(commands: Commands, name: str) -> str:
    try:
        command = commands[name]
    except ImportError as error:  # one broken plug-in hides no other command
        return f"cannot be loaded: {error}"
    return ", ".join(command) if isinstance(command, Mapping) else _docstring(command)[0]


def _help(command: Command, name: str) -> str:
    summary, description, _ = _docstring(command)
    said = described(command)
    fields = sorted(_fields(command), key=lambda field: not field.by_place)
    usage = [name, *(_shape(field) for field in fields if field.required or field.by_place)]
    usage += ["[flags]"] if len(usage) <= len(fields) else []
    rows = [(_shape(field), f"{said.get(field.name, '')} {_default(field)}") for field in fields]
    return "\n\n".join(filter(None, [f"usage: {' '.join(usage)}", summary, description, _columns(rows)]))


def _shape(field: Field) -> str:
    if field.by_place:
        return field.name.upper() if field.required else f"[{field.name.upper()}]"
    if field.kind is not SWITCH:
        return f"{field.flag}={field.kind.shape}"
    return field.flag if field.default is False else f"--[no-]{field.flag[2:]}"


def _default(field: Field) -> str:
    value = field.default
    if field.required or value is None or value is False:
        return ""
    many = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"(default: {'yes' if value is True else many})" if many else ""


def _columns(rows: Sequence[tuple[str, str]]) -> str:
    indent = min(max((len(left) for left, _ in rows), default=0) + 4, 30)
    width = max(shutil.get_terminal_size().columns - indent, 30)
    lines = []
    for left, text in rows:
        start = f"  {left}".ljust(indent) if len(left) + 4 <= indent else f"  {left}\n{' ' * indent}"
        wrapped = textwrap.wrap(text.strip(), width, break_long_words=False, break_on_hyphens=False)
        lines.append((start + f"\n{' ' * indent}".join(wrapped)).rstrip())
    return "\n".join(lines)


def described(command: Command) -> dict[str, str]:
    """What is said of each parameter and each flag, by its name."""
    said = dict(_docstring(command)[2])
    for hint in get_type_hints(command).values():
        if isinstance(hint, type) and is_dataclass(hint):
            for group in reversed(hint.__mro__):  # what a class inherits is described where it stands
                said.update(_docstring(group)[2])
    return said


def _docstring(command: Command) -> tuple[str, str, dict[str, str]]:
    """The summary, the paragraphs after it, and what the Args section says of each parameter."""
    text, _, rows = (inspect.getdoc(command) or "").partition("\nArgs:\n")
    summary, _, description = text.partition("\n")
    said: dict[str, str] = {}
    name = ""
    for row in rows.splitlines():
        if row and not row[0].isspace():
            break  # the next section
        if entry := re.fullmatch(r" {4}(\w+)(?: \(.*?\))?:\s*(.*)", row):
            name, said[entry[1]] = entry[1], entry[2]
        elif name:
            said[name] = f"{said[name]} {row.strip()}".rstrip()
    description = re.split(r"(?m)^(?:Returns|Yields|Raises|Examples?):$", description)[0]
    return summary.rstrip("."), description.strip(), said
