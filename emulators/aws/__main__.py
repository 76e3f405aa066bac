"""The emulated AWS as a process."""

from ..background import serve
from .cloud import open_cloud

serve("aws", open_cloud)
