import sys

import pytest

from emulators.google.instances import BuildError, FunctionsFramework
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
        self.asked.append(list(packages))
        return folder / "bin" / "python"


@pytest.mark.parametrize(
    ("requirements", "installed"),
    [
        (None, None),
        ("functions-framework>=3.8,<4\n", None),
        ("# nothing\n\n", None),
        ("no-such-package==1\n", ["no-such-package==1", "functions-framework"]),
        ("flask<0.1\nfunctions-framework\n", ["flask<0.1", "functions-framework"]),
    ],
)
def test_what_this_python_has_is_not_installed_again(tmp_path, requirements, installed):
    install = Install()
    python = FunctionsFramework(install).build(source(tmp_path, requirements))
    assert install.asked == ([] if installed is None else [installed])
    assert (str(python) == sys.executable) == (installed is None)


def test_what_cannot_be_installed_fails_the_build_with_its_last_lines(tmp_path):
    def install(folder, base, packages):
        raise EmulatorError("x cannot be set up\n  said: ERROR: No matching distribution found for x==1")

    with pytest.raises(BuildError, match=r"Build failed: installing(.|\n)*No matching distribution"):
        FunctionsFramework(install).build(source(tmp_path, "x==1"))
