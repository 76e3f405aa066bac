"""An AWS in the test's own process: botocore's real clients, without a socket between; a clock that only waiting moves."""

import json
import re
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

from adapters.aws.clients import Clients
from adapters.aws.observe import locate
from adapters.aws.site import Site
from adapters.deployment import Terminal
from adapters.execute import Patience
from adapters.journal import open_journal
from emulators.aws.account import KEY, SECRET, Account, Delays
from emulators.aws.cloud import Cloud
from emulators.lambda_runtime import Invocation


class Clock:
    """Seconds that go on when somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += max(seconds, 0.05)


class InProcess:
    """Runs deployed code here: the artifact that lies in it, behind the handler. asked: (function, version) that answered."""

    def __init__(self):
        self.asked = set()
        self._functions = {}
        self._folder = Path(tempfile.mkdtemp())

    def invoke(self, code, event, client_context):
        lines = []
        key = (code.archive, tuple(sorted(code.environ.items())))
        if key not in self._functions:
            self._functions[key] = self._start(code)
        context = SimpleNamespace(aws_request_id="r", client_context=client_context)
        answer = self._functions[key](json.loads(event), context)
        if answer.get("statusCode") == 200:
            self.asked.add((code.function, code.version))
        return Invocation(200, None, json.dumps(answer).encode()), lines

    def left(self, function, version):
        pass

    def close(self):
        pass

    def _start(self, code):
        from handlers.aws import wrap
        from handlers.service import Service
        from leanfn import load

        folder = self._folder / str(len(self._functions))
        with zipfile.ZipFile(BytesIO(code.archive)) as file:
            file.extractall(folder, [name for name in file.namelist() if name.startswith("artifact/")])
        return wrap(Service(lambda: load(folder / "artifact"), code.environ), lambda line: None)


class Raw(BytesIO):
    """The body of an answer, as urllib3 has it."""

    def stream(self, **_):
        yield self.read()


class Wire:
    """Carries requests to the cloud. fault(number, service, send) may do without sending, or without the answer."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.sent = []
        self.fault = lambda number, service, send: send()

    def __call__(self, request):
        from botocore.awsrequest import AWSResponse

        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        body = request.body or b""
        body = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else body
        target = request.url.partition("://")[2]
        target = "/" + target.partition("/")[2]
        self.sent.append(request)
        service = re.search(r"/([a-z0-9]+)/aws4_request", headers["authorization"])[1]
        reply = self.fault(
            len(self.sent) - 1, service, lambda: self.cloud.respond(request.method, target, headers, body)
        )
        return AWSResponse(request.url, reply.status, reply.headers, Raw(reply.body))


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


class Sdk:
    """The clients, which take long to make: one set for all tests, whose requests go where `wire` says."""

    def __init__(self):
        self.wire = None
        self._clients = {}

    def clients(self, key, region):
        if (key, region) not in self._clients:
            import boto3
            from botocore.config import Config

            session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=SECRET)
            session.events.register("before-send.*", lambda request, **_: self.wire(request))
            config = Config(retries={"total_max_attempts": 1})
            options = {"endpoint_url": "http://127.0.0.1:1", "config": config}
            self._clients[key, region] = Clients(session, region, options, (key, SECRET))
        return self._clients[key, region]


class Aws:
    """The cloud with whoever uses it."""

    def __init__(self, folder, sdk):
        self.clock = Clock()
        self.runner = InProcess()
        self.ticket = [0.99]
        self.cloud = Cloud(Account(Delays(), self.clock), self.runner, lambda: self.ticket[0])
        self.wire = Wire(self.cloud)
        self.folder = folder
        self._sdk = sdk
        sdk.wire = self.wire

    def clients(self, key=KEY, region="eu-west-1"):
        return self._sdk.clients(key, region)

    def site(self, name="hearts", key=KEY):
        """A new run of leanfn, with what it prints."""
        from io import StringIO

        clients = self.clients(key)
        place = locate(clients, name)
        journal = open_journal("aws", f"{place.account}-{place.region}", name, self.folder)
        screen = Terminal(StringIO(), StringIO(), StringIO())
        patience = Patience(60.0, clock=self.clock, sleep=self.clock.sleep, chance=lambda low, high: high)
        return Site(clients, place, journal, screen, patience)

    @property
    def functions(self):
        return self.cloud.region("eu-west-1").functions.all
