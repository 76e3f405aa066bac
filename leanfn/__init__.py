"""leanfn: a fitted scikit-learn pipeline as a serverless function that starts like hello-world."""

from leanfn.artifact import Artifact, load

__version__ = "0.1.0"
__all__ = ["Artifact", "export", "load", "lowering", "register"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from leanfn.exporters.export import export
    from leanfn.exporters.registered import lowering, register
else:

    def export(*args, **options):
        """Make an artifact of a fitted model: see leanfn.exporters.export.export."""
        from leanfn.exporters.export import export

        return export(*args, **options)

    def register(function, *, width=None):
        """Pair a FunctionTransformer's function with one for a row: see leanfn.exporters.registered.register."""
        return _registered("register", function, width=width)

    def lowering(kind, **options):
        """Carry an estimator of one's own: see leanfn.exporters.registered.lowering."""
        return _registered("lowering", kind, **options)

    def _registered(name, subject, **options):
        try:
            from leanfn.exporters import registered
        except ImportError:
            # in a function nothing is exported; a user's module that ships with the sklearn engine may still register
            return lambda made: made
        return getattr(registered, name)(subject, **options)
