"""Small wheels of a test's own, honest ones and others, in a folder that uv is told to take them from."""

import base64
import hashlib
import struct
import zipfile

import pytest

MACHINES = {"x86_64": 62, "arm64": 183}


def uv_index(monkeypatch, folder):
    """uv finds wheels in this folder and nowhere else, and keeps nothing of them elsewhere."""
    pytest.importorskip("uv")
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder.parent / "uv.toml"
    settings.write_text(f"no-index = true\nfind-links = [{str(folder)!r}]\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))
    monkeypatch.setenv("UV_CACHE_DIR", str(folder.parent / "uv-cache"))
    return folder


def wheel(house, name, version, files=(), tag="py3-none-any", metadata="", entries=(), recorded=()):
    """A wheel. files: path -> bytes; entries: further members of the zip; recorded: further rows of its RECORD."""
    info = f"{name}-{version}.dist-info"
    files = dict(files) or {f"{name}/__init__.py": b""}
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}".encode()
    )
    tags = "".join(f"Tag: {tag.rpartition('-')[0]}-{one}\n" for one in tag.rpartition("-")[2].split("."))
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n{tags}".encode()
    rows = [f"{path},sha256={digest(data)},{len(data)}" for path, data in files.items()]
    rows += [*recorded, f"{info}/RECORD,,"]
    files[f"{info}/RECORD"] = "".join(f"{row}\n" for row in rows).encode()
    archive = house / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path, data in [*files.items(), *entries]:
            zipped.writestr(path, data)
    return archive


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def shared_object(arch="x86_64", glibc="2.17", machine=None):
    """The least of an ELF file that says which machine and which glibc it is for."""
    texts = b"\0libc.so.6\0GLIBC_" + glibc.encode() + b"\0GLIBC_ABI_DT_RELR\0"
    version, marker = texts.index(b"GLIBC_"), texts.index(b"GLIBC_ABI")
    needs = struct.pack("<HHIII", 1, 2, 1, 16, 0)
    needs += struct.pack("<IHHII", 0, 0, 2, version, 16) + struct.pack("<IHHII", 0, 0, 3, marker, 0)
    sections = [(0, 0, 0, 0), (3, 0, 64, len(texts)), (0x6FFFFFFE, 1, 64 + len(texts), len(needs))]
    table = 64 + len(texts) + len(needs)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack(
        "<HHIQQQIHHHHHH", 3, machine or MACHINES[arch], 1, 0, 0, table, 0, 64, 0, 0, 64, len(sections), 1
    )
    rows = [
        struct.pack("<IIQQQQIIQQ", 0, kind, 0, 0, at, size, link, 1 if kind > 3 else 0, 1, 0)
        for kind, link, at, size in sections
    ]
    return head + texts + needs + b"".join(rows)
