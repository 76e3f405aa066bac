"""Every error that leanfn raises on purpose. The command line catches the root and prints it without a traceback."""


class LeanfnError(Exception):
    """Root of all errors raised on purpose; anything else is a bug and keeps its traceback."""


class UsageError(LeanfnError):
    """Raised for a command line that binds to no call; exit status 2."""


class ArtifactError(LeanfnError):
    """Raised when an artifact is missing, damaged, or of a format this version does not read; HTTP 503."""


class TrustError(ArtifactError):
    """Raised when an artifact holds code (a pickle, hooks) whose digest nobody has trusted; HTTP 503."""


class DataError(LeanfnError):
    """Raised when a data file is missing, unreadable, or not the table that was asked for."""


class ExportError(LeanfnError):
    """Raised when a model cannot be exported as asked: the message names the step and the parameter."""


class Refusal(ExportError):
    """Raised when one engine cannot carry an estimator; the next engine may."""


class CertificateError(ExportError):
    """Raised when an artifact's answers differ from the original's; nothing is written."""


class RowError(LeanfnError):
    """Raised when the model has no answer for a row, as the original estimator has none; HTTP 422.

    `field` names the offending field when it is known.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidRows(LeanfnError):
    """Raised with all that is wrong with the rows at once; HTTP 422.

    `problems` holds one mapping per problem: pointer, detail, expected, found (and nearest when there is one).
    """

    def __init__(self, problems: list[dict[str, object]], count: int) -> None:
        first = problems[0]
        more = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"{first['pointer'] or 'the body'}: {first['detail']}{more}")
        self.problems = problems
        self.count = count


class EmulatorError(LeanfnError):
    """Raised when what stands in for a cloud on this machine cannot start."""


class BundleError(LeanfnError):
    """Raised when a function cannot be laid out as asked; nothing is written."""


class HookError(LeanfnError):
    """Raised when the user's own preprocess or postprocess fails; HTTP 500 that names the hook and no more."""

    def __init__(self, message: str, hook: str) -> None:
        super().__init__(message)
        self.hook = hook


class MethodError(LeanfnError):
    """Raised when a method is asked for that the artifact does not carry; HTTP 400."""


class DeploymentError(LeanfnError):
    """Raised when a cloud refuses a call or does not answer as it should; the same command may be run again."""


class Transient(DeploymentError):
    """Raised by a call that is worth another try: a role that is not known everywhere yet, a throttled request.

    `after`: seconds that the cloud asks to wait, when it says so.
    """

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after
