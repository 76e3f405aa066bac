"""The clouds' limits and names as data, and the service's own limits that follow from them. Nothing here decides."""

KB, MB, GB = 1024, 1024**2, 1024**3

# What the function takes and gives on every cloud alike, so that what works on one works on all.
# Lambda's event and reply may have 6 MB; a reply is a string inside JSON there, where a byte can grow to three.
BODY_LIMIT = 6 * MB
RESPONSE_LIMIT = 2 * MB
ROWS_LIMIT = 10_000


class Platform:
    """One cloud's numbers.

    request, response: bytes of a body. package: bytes of what is uploaded; unpacked: of what it unpacks to.
    timeout: seconds a call may take, default_timeout: when nothing is said. memory: MB that can be chosen, lowest,
    highest and the step between (None: only the listed sizes). default_python: where nothing is asked for.
    entry: the generated file and the name in it that the cloud looks for.
    """

    __slots__ = (
        "default_memory", "default_python", "default_timeout", "entry_file", "entry_name", "memory_sizes", "memory_step",
        "name", "package", "pythons", "request", "response", "timeout", "unpacked",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        request: int,
        response: int,
        package: int | None,
        unpacked: int | None,
        timeout: int,
        default_timeout: int,
        memory_sizes: tuple[int, ...],
        memory_step: int | None,
        default_memory: int,
        pythons: tuple[str, ...],
        default_python: str,
        entry_file: str,
        entry_name: str,
    ) -> None:
        self.name = name
        self.request = request
        self.response = response
        self.package = package
        self.unpacked = unpacked
        self.timeout = timeout
        self.default_timeout = default_timeout
        self.memory_sizes = memory_sizes
        self.memory_step = memory_step
        self.default_memory = default_memory
        self.pythons = pythons
        self.default_python = default_python
        self.entry_file = entry_file
        self.entry_name = entry_name


# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
AWS = Platform(
    "aws",
    request=6 * MB,
    response=6 * MB,
    package=50 * MB,  # direct upload; larger ones go through S3
    unpacked=250 * MB,  # with all layers
    timeout=900,
    default_timeout=3,
    memory_sizes=(128, 10_240),
    memory_step=1,
    default_memory=128,
    pythons=("3.11", "3.12", "3.13", "3.14"),
    default_python="3.13",
    entry_file="lambda_function.py",
    entry_name="lambda_handler",
)

# https://cloud.google.com/functions/quotas
# https://cloud.google.com/functions/docs/runtime-support
GOOGLE = Platform(
    "google",
    request=32 * MB,
    response=32 * MB,
    package=None,  # built from source; no limit on 2nd generation's uploads is documented
    unpacked=None,
    timeout=3600,
    default_timeout=60,
    memory_sizes=(128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768),
    memory_step=None,
    default_memory=256,
    pythons=("3.11", "3.12", "3.13", "3.14"),
    default_python="3.13",
    entry_file="main.py",
    entry_name="predict_handler",
)

# https://learn.microsoft.com/azure/azure-functions/functions-scale
# https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan
# https://learn.microsoft.com/azure/azure-functions/functions-reference-python
AZURE = Platform(
    "azure",
    request=100 * MB,
    response=100 * MB,
    package=None,
    unpacked=None,
    timeout=230,  # the load balancer's, whatever host.json says
    default_timeout=230,
    memory_sizes=(512, 2048, 4096),
    memory_step=None,
    default_memory=512,
    pythons=("3.11", "3.12", "3.13"),
    default_python="3.13",
    entry_file="function_app.py",
    entry_name="app",
)

PLATFORMS = {platform.name: platform for platform in (AWS, GOOGLE, AZURE)}
