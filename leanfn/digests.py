"""sha256 without hashlib, which loads OpenSSL: milliseconds of a cold start."""

try:
    from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
except ImportError:  # Python 3.11 has it under its older name
    from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]

__all__ = ["sha256", "sha256_hex"]


def sha256_hex(data: bytes | memoryview) -> str:
    """A digest as manifests and settings write it."""
    text: str = sha256(data).hexdigest()
    return text
