"""The emulated cloud as a process of its own: python -m emulators.google."""

from ..background import serve
from .cloud import open_cloud

if __name__ == "__main__":
    serve("google", open_cloud)
