"""What a shared object says of itself is read as binutils' readelf reads it."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.elf import glibc, machine
from tests.adapters.wheelhouse import shared_object


def test_the_machine_and_the_newest_glibc_are_read():
    for arch in ("x86_64", "arm64"):
        assert machine(shared_object(arch)) == arch
    assert glibc(shared_object(glibc="2.34")) == (2, 34)
    assert glibc(shared_object(glibc="2.2.5")) == (2, 2, 5)


def test_what_is_no_shared_object_has_no_machine():
    assert machine(b"MZ" + b"\0" * 100) is None
    assert machine(b"") is None
    assert machine(shared_object(machine=40)) is None  # 32-bit ARM
    assert machine(b"\x7fELF\x01\x01" + b"\0" * 100) is None  # 32 bits


def test_installed_libraries_are_read_as_readelf_reads_them():
    readelf = shutil.which("readelf")
    if readelf is None:
        pytest.skip("no readelf on this machine")
    found = sorted(Path(sysconfig.get_path("platlib")).glob("numpy*/**/*.so*"))
    assert found
    for path in found:
        data = path.read_bytes()
        told = subprocess.run([readelf, "-VW", str(path)], capture_output=True, text=True, check=True).stdout
        needs = told.partition("Version needs section")[2]
        versions = [tuple(map(int, text.split("."))) for text in re.findall(r"Name: GLIBC_([0-9.]+)", needs)]
        assert glibc(data) == max(versions, default=()), path


@given(st.data())
def test_a_damaged_file_is_an_error_and_never_a_loop(data):
    whole = bytearray(shared_object())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(6, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    if machine(cut) is not None:
        try:
            assert isinstance(glibc(cut), tuple)
        except ValueError:
            pass
