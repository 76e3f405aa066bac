"""What a row looks like: its fields, their types, what may be missing, what the model was trained on.

A wrong row is told everything that is wrong with it at once; a right row that is suspicious (a number outside the
trained range, an unseen category) is read, with warnings.
"""

from __future__ import annotations

from operator import itemgetter
from sys import float_info

from leanfn.errors import ArtifactError, InvalidRows, RowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Values = Sequence[Any]
    Details = list[dict[str, object]]

PROBLEMS_LIMIT = 100  # that are listed of a request
WARNINGS_LIMIT = 20  # that are listed of a row
SHAPES_LIMIT = 256  # how many combinations of types are remembered as right
FOUND_LIMIT = 60  # characters of a wrong value, or of an unknown name, that a problem shows
TYPOS_LIMIT = (
    8  # more unknown fields than these are no slips of the pen, and are not compared with the known ones
)
KINDS = ("table", "bare", "record")

# field type -> (the Python types that JSON gives for it, its name in a sentence)
TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "number": ((int, float), "a number"),
    "string": ((str,), "a string"),
    "boolean": ((bool,), "true or false"),
    "any": ((str, int, float, bool), "a string, a number, true or false"),
    "list": ((list,), "a list of strings, numbers, true or false"),
}
ITEMS = TYPES["any"][0]  # what a list may hold


class Field:
    """One field of a row.

    nullable: null, or nothing at all, is a missing value that the model has an answer for.
    low, high: the range of the numbers it was trained on. categories: the values it was trained on;
    closed: it has no answer for any other.
    """

    __slots__ = ("categories", "closed", "high", "low", "name", "nullable", "type")

    def __init__(
        self,
        name: str,
        type: str,
        nullable: bool = False,
        low: float | None = None,
        high: float | None = None,
        categories: list[Any] | None = None,
        closed: bool = False,
    ) -> None:
        self.name = name
        self.type = type
        self.nullable = nullable
        self.low = low
        self.high = high
        self.categories = categories
        self.closed = closed

    def document(self) -> dict[str, Any]:
        return {
            name: getattr(self, name)
            for name in ("name", "type", "nullable", "low", "high", "categories", "closed")
        }

    @property
    def expected(self) -> str:
        """What the field takes, in words."""
        words = TYPES[self.type][1]
        if self.closed and self.categories:
            words = "one of " + ", ".join(map(show, self.categories[:20]))
        return f"{words} or null" if self.nullable else words


class Signature:
    """The fields of a row, and the function that reads one.

    kind: table (an object by field name, or a list in field order), bare (one field, whose value may stand alone) or
    record (an open object: any field is welcome).
    """

    __slots__ = ("_known", "_names", "_pick", "_ranges", "_shapes", "fields", "kind")

    def __init__(self, kind: str, fields: list[Field]) -> None:
        self.kind = kind
        self.fields = fields
        self._names = [field.name for field in fields]
        self._pick: Callable[[Any], Any] = itemgetter(*self._names) if len(fields) > 1 else self._pick_one
        self._shapes: set[tuple[type, ...]] = set()
        largest = float_info.max
        self._ranges = [
            (
                i,
                -largest if field.low is None or field.categories is not None else field.low,
                largest if field.high is None or field.categories is not None else field.high,
            )
            for i, field in enumerate(fields)
            if field.type == "number"
        ]
        self._known = [
            (i, frozenset([*field.categories, None]))
            for i, field in enumerate(fields)
            if field.categories is not None
        ]

    @property
    def _is_lists(self) -> bool:
        """Whether a row is a list of labels, whose items are looked at every time."""
        return any(field.type == "list" for field in self.fields)

    def _pick_one(self, row: Any) -> list[Any]:
        return [row[name] for name in self._names]

    def document(self) -> dict[str, Any]:
        """The signature as JSON values: what the manifest holds and GET /signature answers."""
        return {"kind": self.kind, "fields": [field.document() for field in self.fields]}

    def read(self, row: Any) -> tuple[Values, Details]:
        """A row's values in field order (an open record as it is), and warnings.

        Raises InvalidRows with every problem of the row.
        """
        try:
            values = self._pick(row)
        except (KeyError, TypeError, IndexError):
            return self._read_closely(row)
        if len(row) != len(self._names) or tuple(map(type, values)) not in self._shapes:
            return self._read_closely(row)
        for i, low, high in self._ranges:
            x = values[i]
            if x is not None and not low <= x <= high:
                return self._read_closely(row)
        for i, known in self._known:
            if values[i] not in known:
                return self._read_closely(row)
        return values, []

    def read_all(self, rows: Sequence[Any]) -> tuple[list[Values], Details]:
        """The values of many rows; problems and warnings point into the list."""
        read: list[Values] = []
        warnings: Details = []
        refusals: list[InvalidRows] = []
        for number, row in enumerate(rows):
            try:
                values, found = self.read(row)
            except InvalidRows as error:
                gather(refusals, number, error)
                continue
            read.append(values)
            warnings += _under(f"/{number}", found[: PROBLEMS_LIMIT - len(warnings)])
        if refusals:
            raise joined(refusals)
        return read, warnings

    def _read_closely(self, row: Any) -> tuple[Values, Details]:
        if self.kind == "record":
            return _read_record(row), []
        if self.kind == "bare" and (not isinstance(row, (dict, list, tuple)) or self._is_lists):
            row = row if isinstance(row, dict) else {self._names[0]: row}
        problems: Details = []
        warnings: Details = []
        if isinstance(row, dict):
            values = self._by_name(row, problems, warnings)
        elif isinstance(row, (list, tuple)):
            values = list(row)
            if len(row) != len(self._names):
                names = ", ".join(self._names)
                problems.append(
                    _detail(
                        "", "wrong number of values", f"{len(self._names)} values: {names}", f"{len(row)}"
                    )
                )
        else:
            problems.append(_detail("", "not a row", "an object, or a list of values", describe(row)))
            values = []
        if not problems or isinstance(row, dict):
            values = [
                self._check(field, value, problems, warnings) if value is not MISSING else None
                for field, value in zip(self.fields, values)
            ]
        if problems:
            raise InvalidRows(problems[:PROBLEMS_LIMIT], len(problems))
        if len(warnings) > WARNINGS_LIMIT:
            more = len(warnings) - WARNINGS_LIMIT
            warnings = [*warnings[:WARNINGS_LIMIT], {"pointer": "", "detail": f"and {more} more warnings"}]
        if not warnings and len(self._shapes) < SHAPES_LIMIT and not self._is_lists:
            self._shapes.add(tuple(map(type, values)))
        return values, warnings

    def _by_name(self, row: Mapping[Any, Any], problems: Details, warnings: Details) -> list[Any]:
        extra = [name for name in row if name not in self._names]
        typos = extra if len(extra) <= TYPOS_LIMIT else []
        values = []
        for field in self.fields:
            value = row.get(field.name, MISSING)
            values.append(value)
            if value is not MISSING:
                continue
            pointer = point(field.name)
            nearest = _nearest(field.name, typos)
            if field.nullable:
                warnings.append(_detail(pointer, "missing, read as null", field.expected, "nothing", nearest))
            else:
                problems.append(_detail(pointer, "missing field", field.expected, "nothing", nearest))
        for name in extra[:PROBLEMS_LIMIT]:
            warnings.append(
                _detail(
                    point(str(name)[:FOUND_LIMIT]),
                    "unknown field, not read",
                    "no such field",
                    show(row[name]),
                    _nearest(name, self._names) if typos else None,
                )
            )
        return values

    def _check(self, field: Field, value: Any, problems: Details, warnings: Details) -> Any:
        pointer = point(field.name)
        if value != value:  # NaN, from Python: JSON has none
            value = None
        if value is None:
            if not field.nullable:
                problems.append(
                    _detail(pointer, "null where the model needs a value", field.expected, "null")
                )
            return None
        kind = type(value)
        if kind not in TYPES[field.type][0]:
            plain = _plain(value, field)
            if plain is None:
                problems.append(_detail(pointer, "wrong type", field.expected, describe(value)))
                return value
            value = plain
        if type(value) is list:
            for place, item in enumerate(value):
                if type(item) not in ITEMS:
                    problems.append(
                        _detail(f"{pointer}/{place}", "wrong type", TYPES["any"][1], describe(item))
                    )
        elif type(value) in (int, float) and not -float_info.max <= value <= float_info.max:
            problems.append(_detail(pointer, "number out of reach", "a finite 64-bit float", show(value)))
        elif field.categories is not None and value not in field.categories:
            words = ", ".join(map(show, field.categories[:20]))
            nearest = _nearest(value, field.categories)
            if field.closed:
                problems.append(_detail(pointer, "unknown category", field.expected, show(value), nearest))
            else:
                warnings.append(
                    _detail(pointer, "category not seen in training", f"one of {words}", show(value), nearest)
                )
        elif field.categories is None and field.low is not None and field.high is not None:
            if type(value) in (int, float) and not field.low <= value <= field.high:
                trained = f"between {show(field.low)} and {show(field.high)}"
                warnings.append(_detail(pointer, "outside the trained range", trained, show(value)))
        return value


MISSING: Any = object()


def point(name: object) -> str:
    """A JSON pointer to a member (RFC 6901)."""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def show(value: object) -> str:
    """A value as JSON would write it, shortened."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, str):
        text = '"' + (value if len(value) <= FOUND_LIMIT else value[:FOUND_LIMIT] + "…") + '"'
    elif isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    elif isinstance(value, int) and abs(value) >= 10**18:
        text = "an integer of more than 18 digits"
    elif isinstance(value, (int, float)):
        text = repr(value)
    else:
        text = describe(value)
    return text


def describe(value: object) -> str:
    """A value with its JSON type, for a problem's "found"."""
    if isinstance(value, dict):
        return f"an object with {len(value)} members"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if value is None:
        return "null"
    if isinstance(value, (str, bool, int, float)):
        name = (
            "a string" if isinstance(value, str) else "a boolean" if isinstance(value, bool) else "a number"
        )
        return f"{show(value)} ({name})"
    return f"a {type(value).__name__}"


def _detail(
    pointer: str, detail: str, expected: str, found: str, nearest: object = None
) -> dict[str, object]:
    member: dict[str, object] = {"pointer": pointer, "detail": detail, "expected": expected, "found": found}
    if nearest is not None:
        member["nearest"] = nearest
    return member


def _under(prefix: str, details: Details) -> Details:
    return [{**detail, "pointer": prefix + str(detail["pointer"])} for detail in details]


def _nearest(name: object, names: Sequence[Any]) -> object:
    if not isinstance(name, str) or len(name) > FOUND_LIMIT:
        return None
    near = [other for other in names[:1000] if isinstance(other, str) and _may_be_near(name, other)]
    if not near:
        return None
    from difflib import get_close_matches

    close = get_close_matches(name, near, 1)
    return close[0] if close else None


def _may_be_near(one: str, other: str) -> bool:
    """Whether difflib could call them close: asking it costs twenty times as much, and a body holds many names."""
    alike = min(len(one) - len(set(one) - set(other)), len(other) - len(set(other) - set(one)))
    return 2 * alike >= 0.6 * (len(one) + len(other))


def _plain(value: Any, field: Field) -> Any:
    """A numpy scalar as the Python value it stands for; None for anything else that is no JSON scalar."""
    item = getattr(value, "item", None)
    if item is None or getattr(value, "shape", None) != ():
        return None
    value = item()
    return value if type(value) in TYPES[field.type][0] else None


def _read_record(row: Any) -> Values:
    if not isinstance(row, dict):
        raise InvalidRows([_detail("", "not a row", "an object", describe(row))], 1)
    problems = []
    for name, value in row.items():
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, (str, int, float)) or item != item:
                problems.append(
                    _detail(
                        point(name), "wrong type", "a number, a string or a list of strings", describe(item)
                    )
                )
    if problems:
        raise InvalidRows(problems[:PROBLEMS_LIMIT], len(problems))
    return row  # type: ignore[return-value]


def read(document: Any) -> Signature:
    """A signature from its document; ArtifactError for anything this version does not know."""
    try:
        kind, entries = document["kind"], document["fields"]
        fields = [Field(**entry) for entry in entries]
    except (KeyError, TypeError):
        raise ArtifactError("manifest.json: the signature is not one of this version") from None
    names = [field.name for field in fields]
    right = (
        kind in KINDS
        and (bool(fields) != (kind == "record"))
        and (kind != "bare" or len(fields) == 1)
        and all(type(name) is str for name in names)
        and len(set(names)) == len(names)
        and all(type(field.type) is str and field.type in TYPES for field in fields)
        and all(
            type(bound) in (int, float, type(None)) for field in fields for bound in (field.low, field.high)
        )
        and all(field.categories is None or type(field.categories) is list for field in fields)
    )
    if not right:
        raise ArtifactError("manifest.json: the signature does not hold together")
    return Signature(kind, fields)


def refused(error: RowError) -> InvalidRows:
    """A row that the model itself has no answer for, in the form of every other problem."""
    pointer = "" if error.field is None else point(error.field)
    return InvalidRows(
        [_detail(pointer, str(error), "a row that the model has an answer for", "this row")], 1
    )


def at_row(number: int, error: InvalidRows) -> InvalidRows:
    """A row's problems as those of a list's row with this number."""
    return InvalidRows(_under(f"/{number}", error.problems), error.count)


def gather(refusals: list[InvalidRows], number: int, error: InvalidRows) -> None:
    """Add a row's problems to those of the rows before it, without keeping more than will be listed."""
    if not refusals:
        refusals.append(at_row(number, error))
        return
    first = refusals[0]
    first.problems += _under(f"/{number}", error.problems[: PROBLEMS_LIMIT - len(first.problems)])
    first.count += error.count


def joined(errors: Sequence[InvalidRows]) -> InvalidRows:
    """The problems of several rows as one, the first of them listed, all of them counted."""
    problems: Details = []
    for error in errors:
        problems += error.problems[: PROBLEMS_LIMIT - len(problems)]
    return InvalidRows(problems, sum([error.count for error in errors]))
