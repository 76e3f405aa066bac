"""The documents hold what the code says. UPDATE_DOCS=1 writes what they should hold."""

import os
import re
from pathlib import Path

import pytest

from leanfn import manifest
from leanfn.engines.lean import operations

ROOT = Path(__file__).parent.parent
FAMILIES = ROOT / "leanfn" / "engines" / "lean"


def meaning(name):
    """The comment above an operation's entry in its family's table."""
    source = (FAMILIES / f"{operations.FAMILY[name]}.py").read_text()
    found = re.search(rf'((?:^ +# .*\n)+) +"{re.escape(name)}": ', source, re.MULTILINE)
    return " ".join(line.strip().removeprefix("#").strip() for line in found[1].splitlines()) if found else ""


def operation_table():
    lines = [
        "| operation | takes | gives | parameters | arrays | what it does |",
        "|---|---|---|---|---|---|",
    ]
    for name in sorted(operations.FAMILY):
        declared = operations.find(name)
        params = ", ".join(
            f"`{key}` {wanted if isinstance(wanted, str) else ' or '.join(map(str, wanted))}"
            for key, wanted in declared.params.items()
        )
        arrays = ", ".join(f"`{key}` {wanted}" for key, wanted in declared.arrays.items())
        takes = ", ".join(declared.takes)
        cells = [f"`{name}`", takes, declared.gives, params, arrays, meaning(name)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def test_the_table_of_operations_is_the_codes_own():
    path = ROOT / "docs" / "format.md"
    text = path.read_text()
    start, end = "tests/test_docs.py -->\n", "<!-- end of operations -->"
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    wanted = before + start + operation_table() + "\n" + end + after
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(wanted)
    assert path.read_text() == wanted, (
        "docs/format.md is stale: UPDATE_DOCS=1 make test ARGS=tests/test_docs.py"
    )


@pytest.mark.parametrize("name", sorted(operations.FAMILY))
def test_every_operation_says_what_it_does(name):
    assert meaning(name), (
        f"a comment above {name} in leanfn/engines/lean/{operations.FAMILY[name]}.py says what it does"
    )


def test_every_member_is_described():
    text = (ROOT / "docs" / "format.md").read_text()
    assert not [name for name in manifest.MEMBERS if f"| `{name}` |" not in text]
