import sys
from pathlib import Path

import pytest

from emulators.google.instances import BuildError, FunctionsFramework, requirements
from leanfn.errors import EmulatorError


def source(folder, requirements):
    (folder / "main.py").write_text("")
    if requirements is not None:
        (folder / "requirements.txt").write_text(requirements)
    return folder


class Install:
    """Environments that are only written down."""

    def __init__(self):
        self.asked = []

    def __call__(self, folder, base, packages):
        listed, *others = packages
        text = Path(listed.removeprefix("--requirement=")).read_text()
        self.asked.append((str(base), text, others))
        return folder / "bin" / "python"


def test_a_requirement_is_read_as_pip_reads_it():
    text = "# all\na==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\nb>=2  # why\n\n"
    assert requirements(text) == ["a==1", "b>=2"]


@pytest.mark.parametrize("text", [None, "functions-framework>=3.8,<4\n", "# nothing\n\nflask\n"])
def test_what_this_python_has_is_not_installed_again(tmp_path, text):
    install = Install()
    assert str(FunctionsFramework(install).build(source(tmp_path, text), "3.13")) == sys.executable
    assert install.asked == []


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("no-such-package==1\n", ["functions-framework"]),
        ("flask<0.1\nfunctions-framework==3.8.0 --hash=sha256:00\n", []),
    ],
)
def test_what_it_does_not_have_is_installed_for_the_functions_own_python(tmp_path, text, others):
    install = Install()
    FunctionsFramework(install, {"3.13": Path("/python3.13")}.get).build(source(tmp_path, text), "3.13")
    assert install.asked == [("/python3.13", text, others)]


def test_a_python_that_this_machine_does_not_have_is_stood_in_for(tmp_path):
    install = Install()
    FunctionsFramework(install, {}.get).build(source(tmp_path, "no-such-package\n"), "3.14")
    assert install.asked[0][0] == sys.executable


def test_what_cannot_be_installed_fails_the_build_with_its_last_lines(tmp_path):
    def install(folder, base, packages):
        raise EmulatorError("x cannot be set up\n  said: ERROR: No matching distribution found for x==1")

    with pytest.raises(BuildError, match=r"Build failed: installing(.|\n)*No matching distribution"):
        FunctionsFramework(install).build(source(tmp_path, "x==1"), "3.13")
