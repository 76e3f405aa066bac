"""leanfn: a fitted scikit-learn pipeline as a serverless function that starts like hello-world."""

from leanfn.artifact import Artifact, load

__version__ = "0.1.0"
__all__ = ["Artifact", "export", "load"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from leanfn.exporters.export import export
else:

    def export(*args, **options):
        """Make an artifact of a fitted model: see leanfn.exporters.export.export."""
        from leanfn.exporters.export import export

        return export(*args, **options)
