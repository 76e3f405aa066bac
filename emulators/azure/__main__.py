"""Be the emulated Azure until nobody has called for a while."""

from .. import background
from .cloud import open_cloud

if __name__ == "__main__":
    background.serve("azure", open_cloud)
