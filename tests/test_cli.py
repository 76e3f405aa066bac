import contextlib
import functools
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leanfn.cli import _fields, described, run
from leanfn.errors import ArtifactError, UsageError


class Recorder:
    """A command that writes down how it was called."""

    def __init__(self):
        self.calls = []

    def deploy(
        self,
        artifact: Path,
        stage: str = "dev",
        *,
        memory: int = 256,
        ratio: float = 0.5,
        python: str = "3.13",
        dry_run: bool = False,
        verify: bool = True,
        cloud: Literal["aws", "google", "azure"] = "aws",
        env: dict[str, str] | None = None,
        tags: list[str] | None = None,
        weights: tuple[float, ...] = (),
        limit: int | Literal["auto"] = "auto",
    ) -> None:
        """Deploy an artifact.

        Nothing is deleted that was not created here.

        Args:
            artifact: the folder, as 'export'
                wrote it: manifest and all
            memory: megabytes (never: gigabytes)
            dry_run: show the plan and stop

        Returns:
            nothing
        """
        given = {key: value for key, value in locals().items() if key not in ("self", "given")}
        self.calls.append(given)

    def destroy(self, name: str) -> None:
        """Remove what deploy created."""
        self.calls.append(name)


DEFAULTS = {
    "stage": "dev",
    "memory": 256,
    "ratio": 0.5,
    "python": "3.13",
    "dry_run": False,
    "verify": True,
    "cloud": "aws",
    "env": None,
    "tags": None,
    "weights": (),
    "limit": "auto",
}


def tried(line, recorder=None, table=None):
    """Exit code, stdout, stderr and calls of one line."""
    recorder = recorder or Recorder()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(table or recorder.deploy, line, name="deploy")
    return code, out.getvalue(), err.getvalue(), recorder.calls


def called(*line):
    code, out, err, calls = tried(line)
    assert (code, out, err, len(calls)) == (0, "", "", 1)
    return {key: value for key, value in calls[0].items() if key not in DEFAULTS or value != DEFAULTS[key]}


def refused(*line):
    code, out, err, calls = tried(line)
    assert (code, out, calls) == (2, "", [])
    assert err.endswith("Type 'deploy --help' to see what it takes\n")
    return err


def raising(error):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("line", "bound"),
    [
        (["heart"], {}),
        (["--artifact=heart"], {}),
        (["--artifact", "heart"], {}),
        (["heart", "prod"], {"stage": "prod"}),
        (["heart", "--python=3.10"], {"python": "3.10"}),
        (["heart", "--stage=2024_01"], {"stage": "2024_01"}),
        (["heart", "--stage="], {"stage": ""}),
        (["heart", "--stage=--prod=1"], {"stage": "--prod=1"}),
        (["heart", "--stage", "a b=c"], {"stage": "a b=c"}),
        (["heart", "--memory", "-5"], {"memory": -5}),
        (["heart", "-5"], {"stage": "-5"}),
        (["heart", "--ratio=1e-3"], {"ratio": 0.001}),
        (["heart", "--dry-run"], {"dry_run": True}),
        (["--dry_run", "heart"], {"dry_run": True}),
        (["heart", "--dry-run=True"], {"dry_run": True}),
        (["heart", "--dry-run=false"], {}),
        (["heart", "--no-verify"], {"verify": False}),
        (["heart", "--no_verify"], {"verify": False}),
        (["heart", "--verify=false"], {"verify": False}),
        (["heart", "--cloud=azure"], {"cloud": "azure"}),
        (["heart", "--env=A=1,B=2"], {"env": {"A": "1", "B": "2"}}),
        (["heart", "--env=URL=x=y"], {"env": {"URL": "x=y"}}),
        (["heart", "--tags=a,b c"], {"tags": ["a", "b c"]}),
        (["heart", "--tags="], {"tags": []}),
        (["heart", "--weights", "-1,.5"], {"weights": (-1.0, 0.5)}),
        (["heart", "--limit=7"], {"limit": 7}),
        (["heart", "--limit=auto"], {}),
    ],
)
def test_a_line_binds_as_its_annotations_say(line, bound):
    assert called(*line) == {"artifact": Path("heart"), **bound}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["heart", "--dry-rnu"], ["deploy has no flag '--dry-rnu'", "nearest: --dry-run"]),
        (["heart", "--no-dry-rnu"], ["deploy has no flag '--no-dry-rnu'", "nearest: --dry-run"]),
        (["heart", "--no-stage"], ["deploy has no flag '--no-stage'", "nearest: --stage"]),
        (["heart", "--no-verify=true"], ["--no-verify takes no value"]),
        (["heart", "-d"], ["deploy has no flag '-d'", "wanted: --artifact, --stage"]),
        (["heart", "--a=1"], ["deploy has no flag '--a'", "wanted: --artifact, --stage"]),
        (["heart", "-cloud=aws"], ["deploy has no flag '-cloud'", "nearest: --cloud"]),
        (["heart", "---cloud=aws"], ["deploy has no flag '---cloud'"]),
        (["heart", "-"], ["deploy has no flag '-'"]),
        (["heart", "--", "--interactive"], ["deploy has no flag '--'"]),
        (["heart", "--env=A=1", "--env=B=2"], ["--env is given twice", "wanted: --env=KEY=TEXT,…"]),
        (["heart", "--dry-run", "--dry_run"], ["--dry-run is given twice"]),
        (["heart", "--verify", "--no-verify"], ["--verify is given twice"]),
        (["heart", "--artifact=lung"], ["--artifact is given twice", "first: 'lung'", "then:  'heart'"]),
        (["heart", "--public", "false"], ["deploy has no flag '--public'"]),
        (["heart", "--dry-run", "false"], ["--dry-run takes its value after '='", "--dry-run=false"]),
        (["heart", "--dry-run=no"], ["wanted: true or false", "found:  'no'"]),
        (["heart", "prod", "extra"], ["deploy has no place for 'extra'"]),
        (["--dry-run"], ["deploy lacks what it needs", "wanted: --artifact=PATH"]),
        (["heart", "--stage"], ["--stage needs a value", "wanted: text"]),
        (["heart", "--stage", "--dry-run"], ["--stage needs a value"]),
        (["heart", "--memory=1_000"], ["--memory does not take this", "a whole number", "found:  '1_000'"]),
        (["heart", "--memory=1.0"], ["wanted: a whole number"]),
        (["heart", "--memory=٣"], ["wanted: a whole number"]),
        (["heart", "--memory= 7"], ["wanted: a whole number"]),
        (["heart", "--memory=" + "9" * 5000], ["wanted: a whole number"]),
        (["heart", "--ratio=nan"], ["wanted: a number"]),
        (["heart", "--ratio=1e400"], ["wanted: a number"]),
        (["heart", "--cloud=asure"], ["wanted: one of aws, google, azure", "'asure'", "nearest: azure"]),
        (["heart", "--limit=autp"], ["wanted: a whole number or one of auto", "nearest: auto"]),
        (["heart", "--env=A"], ["wanted: KEY=VALUE"]),
        (["heart", "--env=A=1,A=2"], ["no key twice"]),
        (["heart", "--env=A=1,2"], ["wanted: KEY=VALUE"]),
        (["heart", "--tags=a,,b"], ["wanted: text, or several with commas between"]),
        (["heart", "--weights=1,x"], ["wanted: a number, or several"]),
        ([""], ["--artifact does not take this value", "wanted: a path"]),
    ],
)
def test_a_wrong_line_is_named_and_nothing_runs(line, words):
    said = refused(*line)
    assert all(word in said for word in words), said


@pytest.mark.parametrize("line", [["-h"], ["--help"], ["heart", "--help", "--dry-rnu"], ["--stage", "-h"]])
def test_help_anywhere_is_printed_and_nothing_runs(line):
    code, out, err, calls = tried(line)
    assert (code, err, calls) == (0, "", [])
    assert out.startswith(
        "usage: deploy ARTIFACT [STAGE] [flags]\n\nDeploy an artifact\n\nNothing is deleted"
    )


def test_help_describes_parameters_from_annotations_defaults_and_the_docstring(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _, _ = tried(["--help"])
    assert out.endswith(
        """
  ARTIFACT                  the folder, as 'export' wrote
                            it: manifest and all
  [STAGE]                   (default: dev)
  --memory=N                megabytes (never: gigabytes)
                            (default: 256)
  --ratio=X                 (default: 0.5)
  --python=TEXT             (default: 3.13)
  --dry-run                 show the plan and stop
  --[no-]verify             (default: yes)
  --cloud=aws|google|azure  (default: aws)
  --env=KEY=TEXT,…
  --tags=TEXT,…
  --weights=X,…
  --limit=N|auto            (default: auto)
"""
    )


def test_a_table_of_commands_nests_and_names_the_nearest():
    recorder = Recorder()
    table = {"aws": {"deploy": recorder.deploy, "destroy": recorder.destroy}, "remove": recorder.destroy}
    assert tried(["aws", "destroy", "heart"], recorder, table)[0] == 0
    assert recorder.calls == ["heart"]
    code, _, err, _ = tried(["aws", "destory", "heart"], recorder, table)
    assert code == 2
    assert err == (
        "deploy aws has no command 'destory'\n  nearest: destroy\n"
        "Type 'deploy aws --help' to see what it takes\n"
    )
    assert "wanted: deploy, destroy" in tried(["aws", "--quiet"], recorder, table)[2]
    assert (
        "deploy aws destroy has no flag '--nmae'" in tried(["aws", "destroy", "--nmae=x"], recorder, table)[2]
    )
    assert recorder.calls == ["heart"]


@pytest.mark.parametrize("line", [[], ["--help"], ["-h"]])
def test_a_table_is_listed_with_one_line_each(line):
    recorder = Recorder()
    table = {"aws": {"deploy": recorder.deploy, "destroy": recorder.destroy}, "remove": recorder.destroy}
    code, out, err, calls = tried(line, recorder, table)
    assert (code, err, calls) == (0, "", [])
    assert "  aws     deploy, destroy\n  remove  Remove what deploy created\n" in out
    assert "usage: deploy aws destroy NAME\n" in tried(["aws", "--help", "destroy"], recorder, table)[1]


def test_an_error_on_purpose_is_printed_plainly_and_gives_1():
    error = ArtifactError("artifacts/m is damaged\n  wanted: a\n  found:  b")
    assert tried([], table=raising(error))[:3] == (1, "", f"{error}\n")


def test_a_command_may_call_its_own_line_wrong():
    assert tried([], table=raising(UsageError("--a and --b exclude each other")))[0] == 2


def test_an_interrupt_gives_130_and_one_line():
    assert tried([], table=raising(KeyboardInterrupt()))[:3] == (130, "", "interrupted\n")


@pytest.mark.parametrize("error", [KeyError("slope"), BrokenPipeError("a socket")])
def test_a_bug_keeps_its_traceback(error):
    with pytest.raises(type(error)):
        tried([], table=raising(error))


def test_the_result_is_not_printed():
    def command() -> dict[str, int]:
        return {"a": 1}

    assert tried([], table=command)[:3] == (0, "", "")


def test_a_parameter_that_no_line_can_carry_is_a_bug_before_anything_runs():
    def command(each: bytes) -> None: ...

    def rest(*each: str) -> None: ...

    for wrong in (command, rest):
        with pytest.raises(TypeError):
            tried(["x"], table=wrong)


@pytest.mark.parametrize("flags", [[], ["-u"]])
def test_a_reader_that_leaves_is_no_error(flags):
    code = """
from leanfn.cli import _fields, described, run
def talk() -> None:
    while True:
        print('x' * 50)
raise SystemExit(run(talk, [], name='talk'))
"""
    talk = subprocess.Popen(
        [sys.executable, *flags, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    talk.stdout.readline()
    talk.stdout.close()
    assert talk.wait(timeout=30) == 141
    assert talk.stderr.read() == ""
    talk.stderr.close()


def test_no_colours_are_printed_even_where_they_are_forced():
    code = """
from leanfn.cli import _fields, described, run
def talk(a: int) -> None: ...
run(talk, ["--help"], name="talk")
run(talk, ["--b"], name="talk")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "FORCE_COLOR": "1"}
    )
    assert done.stdout and done.stderr
    assert b"\x1b" not in done.stdout + done.stderr


def test_importing_the_command_line_imports_nothing_heavy():
    code = "import sys, leanfn.cli, leanfn.__main__; print(*sys.modules)"
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"fire", "rich", "numpy", "asyncio"} & set(seen)


# Any line at all

TEXTS = st.text(max_size=6) | st.sampled_from(
    ["heart", "1", "-1", "1e3", "true", "A=1", "a,b", "aws", "--", "-"]
)
FLAGS = st.sampled_from(
    [
        "artifact",
        "stage",
        "memory",
        "ratio",
        "python",
        "dry-run",
        "dry_run",
        "verify",
        "no-verify",
        "cloud",
        "env",
        "tags",
        "weights",
        "limit",
        "dry-rnu",
        "no-x",
    ]
)
TOKENS = (
    TEXTS | FLAGS.map("--{}".format) | st.builds("--{}={}".format, FLAGS, TEXTS) | TEXTS.map("-{}".format)
)


def reference(line):
    """What a line says, read with no care for wrong ones; wherever a command runs, it was given just this."""
    said, words, tokens = {}, [], iter(line)
    for token in tokens:
        name, equals, text = token[2:].partition("=")
        name = name.replace("-", "_")
        if not token.startswith("--"):
            words.append(token)
        elif name == "no_verify":
            said["verify"] = "false"
        else:
            said[name] = text if equals else "true" if name in ("dry_run", "verify") else next(tokens)
    return said | dict(zip(("artifact", "stage"), words, strict=False))


def value(name, text):
    if name in ("dry_run", "verify"):
        return text.lower() == "true"
    if name == "env":
        return dict(pair.split("=", 1) for pair in text.split(",")) if text else {}
    if name in ("tags", "weights"):
        parts = text.split(",") if text else []
        return parts if name == "tags" else tuple(float(part) for part in parts)
    if name == "limit":
        return text if text == "auto" else int(text)
    return {"artifact": Path, "memory": int, "ratio": float}.get(name, str)(text)


@settings(max_examples=500)
@given(st.lists(TOKENS, max_size=4), st.booleans())
@example(["__class__", "__doc__", "__init__"], True)
@example(["--stage=", "\n", "--tags=-,--"], True)
def test_any_line_binds_exactly_or_exits_2(line, named):
    line = ["heart", *line] if named else line
    code, _, err, calls = tried(line)
    assert code in (0, 2)
    if code == 2:
        assert err and not calls
    elif calls:
        said = {name: value(name, text) for name, text in reference(line).items()}
        assert calls == [{**DEFAULTS, **said}]
    else:
        assert {"-h", "--help"} & set(line)


VALUES = st.fixed_dictionaries(
    {"artifact": st.text(min_size=1).map(lambda text: str(Path(text)))},
    optional={
        "stage": st.text(),
        "memory": st.integers(),
        "ratio": st.floats(allow_nan=False, allow_infinity=False),
        "dry_run": st.booleans(),
        "verify": st.booleans(),
        "cloud": st.sampled_from(["aws", "google", "azure"]),
        "tags": st.lists(st.text(min_size=1).filter(lambda text: "," not in text)),
        "weights": st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple),
    },
)


def spelled(name, value, hyphens, apart):
    flag = "--" + (name.replace("_", "-") if hyphens else name)
    if isinstance(value, bool):
        return (
            [f"{flag}={str(value).lower()}"] if apart else [flag if value else flag.replace("--", "--no-", 1)]
        )
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return [flag, text] if apart and not text.startswith("-") else [f"{flag}={text}"]


@given(VALUES, st.randoms(use_true_random=False))
def test_a_call_spelled_in_any_way_is_that_call_and_with_any_flag_twice_or_misspelt_it_is_none(call, random):
    flags = [(name, spelled(name, call[name], random.random() < 0.5, random.random() < 0.5)) for name in call]
    random.shuffle(flags)
    line = [token for _, tokens in flags for token in tokens]
    code, _, err, calls = tried(line)
    assert (code, err) == (0, "")
    assert calls == [{**DEFAULTS, **call, "artifact": Path(call["artifact"])}]

    name, tokens = random.choice(flags)
    assert f"--{name.replace('_', '-')} is given twice" in refused(*line, *tokens)
    assert "has no flag" in refused(*line, tokens[0].replace("--", "--x", 1), *tokens[1:])


# Every command that is installed


def leaves(commands, name="leanfn"):
    for word, command in commands.items():
        if isinstance(command, Mapping):
            yield from leaves(command, f"{name} {word}")
        else:
            yield pytest.param(command, f"{name} {word}", id=f"{name} {word}")


def installed():
    return list(leaves({entry.name: entry.load() for entry in entry_points(group="leanfn.commands")}))


def samples():
    recorder = Recorder()
    return leaves({"deploy": recorder.deploy, "destroy": recorder.destroy}, "sample")


def plausible(field):
    """A flag with a value that it takes."""
    kind = field.kind
    text = (
        kind.choices[0] if kind.choices else {"N": "1", "X": "1", "true|false": "true"}.get(kind.shape, "A=1")
    )
    return f"--{field.name}={text}"


@pytest.mark.parametrize(("command", "name"), [*samples(), *installed()])
def test_a_misspelt_line_runs_no_command(command, name):
    calls = []

    @functools.wraps(command)
    def spy(*args, **flags):
        calls.append((args, flags))

    parameters = _fields(command)
    every = [plausible(field) for field in parameters]
    needed = [plausible(field) for field in parameters if field.required]
    assert tried(needed, table=spy)[0] == 0 and len(calls) == 1, "the right line runs"
    for flag in every:
        key, _, text = flag.partition("=")
        for wrong in (f"{key}x={text}", f"--{key[3:]}{key[2]}={text}", f"{key[1:]}={text}", f"{key}-"):
            code, out, err, _ = tried([*needed, wrong], table=spy)
            assert (code, out, len(calls)) == (2, "", 1), wrong
            assert f"has no flag {wrong.partition('=')[0]!r}" in err
        assert tried([*needed, flag, flag], table=spy)[0] == 2
    assert tried([*needed, *["surplus"] * (len(parameters) + 1)], table=spy)[0] == 2
    assert len(calls) == 1


@pytest.mark.parametrize(("command", "name"), installed())
def test_an_installed_command_describes_itself_and_each_parameter(command, name):
    code = tried(["--help"], table=command)[0]
    assert code == 0
    assert command.__doc__, name
    said = described(command)
    for each in _fields(command):
        assert said.get(each.name), f"{name}: no Args section describes {each.name}"


@dataclass(frozen=True)
class Where:
    """Where it is.

    Args:
        region: such as eu-west-1
    """

    region: str | None = None


@dataclass(frozen=True)
class Wanted(Where):
    """What is wanted.

    Args:
        memory: in MB
        env: variables
    """

    memory: int = 128
    env: dict[str, str] = field(default_factory=dict)


def deploy(name: str, *, wanted: Wanted = Wanted(), dry_run: bool = False) -> None:
    """Deploy it.

    Args:
        name: of the function
        dry_run: only say so
    """
    print(name, wanted, dry_run)


def test_a_dataclass_is_a_flag_for_each_of_its_fields(capsys):
    assert run(deploy, ["heart", "--memory=256", "--env=A=1", "--dry-run"], name="x") == 0
    assert capsys.readouterr().out == "heart Wanted(region=None, memory=256, env={'A': '1'}) True\n"
    assert run(deploy, ["heart"], name="x") == 0
    assert capsys.readouterr().out == "heart Wanted(region=None, memory=128, env={}) False\n"


def test_a_dataclass_is_described_where_its_fields_stand(capsys):
    run(deploy, ["--help"], name="x")
    shown = capsys.readouterr().out
    for line in ("--region=TEXT", "such as eu-west-1", "in MB (default: 128)", "variables"):
        assert line in shown
    assert "--wanted" not in shown


def test_a_misspelt_field_is_refused_as_any_flag_is(capsys):
    assert run(deploy, ["heart", "--memroy=256"], name="x") == 2
    assert "nearest: --memory" in capsys.readouterr().err
