"""The emulated Azure in this process, whose functions are run by leanfn's own handler: quick, and nothing sleeps."""

import contextlib
import io
import random
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapters.azure.clients import open_clients
from adapters.azure.session import Session
from adapters.azure.target import Target, place
from adapters.azure.wanted import fill_up
from adapters.deployment import Terminal
from adapters.execute import Patience
from adapters.journal import Journal
from emulators.azure.cloud import Cloud
from handlers.service import Service
from leanfn import manifest as manifests
from leanfn.artifact import load
from leanfn.errors import DeploymentError, EmulatorError
from leanfn.http import Request

WEST = Target(region="westeurope")


@contextlib.contextmanager
def in_process(folder, settings, key, tell):
    """What runs a function app here: the bundle's artifact under the handler, behind the key that its entry asks for."""
    entry = (folder / "function_app.py").read_text()
    if "raise" in entry:
        raise EmulatorError("the function app does not start")
    digest = re.search(r'DIGEST = "(\w+)"', entry)[1]
    service = Service(lambda: load(folder / "artifact", digest), settings)
    is_open = "AuthLevel.ANONYMOUS" in entry

    class Exchange(BaseHTTPRequestHandler):
        def answer(self):
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not is_open and self.headers.get("x-functions-key") != key:
                self.send_response(401)
                self.end_headers()
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = service(Request(self.command, url.path, dict(parse_qsl(url.query)), headers, body))
            tell(f"{self.command} {url.path} {response.status}")
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Exchange) as server:
        threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Time:
    """A clock that only sleeping moves, or a test."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += max(seconds, 0.1)


class Killed(BaseException):
    """The process was killed: nothing of what follows is done, and no call reaches the cloud any more."""


class Quick(Session):
    """A session that packs each artifact once, and dies with its machine."""

    def pack(self, artifact, wanted):
        key = (artifact, wanted.auth, wanted.python)
        if key not in self.azure.packed:
            version = super().pack(artifact, wanted)
            self.azure.packed[key] = (version, self.package)
        version, self.package = self.azure.packed[key]
        return replace(version, client=wanted.client)

    def table(self):
        return {name: self._mortal(call) for name, call in super().table().items()}

    def _mortal(self, call):
        def mortal(arguments):
            try:
                result = call(arguments)
            except DeploymentError:
                if self.azure.dead:
                    raise Killed from None
                raise
            if self.azure.dead:
                raise Killed
            return result

        return mortal


class Azure:
    """The cloud, and sessions with it. dead: whether the machine that deploys was killed."""

    Killed = Killed

    def __init__(self, cloud, clock, folder, packed):
        self.cloud = cloud
        self.clock = clock  # the cloud's, which tests move
        self.patience = Time()  # the deployment's, which goes on while it waits
        self.folder = folder
        self.packed = packed
        self.said = io.StringIO()
        self.dead = False
        self.clients = open_clients(None, cloud.settings)

    def with_cloud(self, cloud):
        """The same with another cloud."""
        return Azure(cloud, self.clock, self.folder, self.packed)

    def session(self, name="hearts", group=None, storage=None):
        where = place(self.clients.subscription, group, name)
        patience = Patience(
            budget=150.0, clock=self.patience, sleep=self.patience.sleep, chance=lambda low, high: high
        )
        screen = Terminal(io.StringIO(), self.said, self.said)
        journal = Journal(self.folder / f"{where.name}.jsonl", random.randbytes(8).hex())
        session = Quick(self.clients, where, storage or where.storage, journal, screen, patience)
        session.azure = self
        return session

    def deploy(self, artifact, target=WEST, **where):
        """What the command does; its steps."""
        session = self.session(**where)
        seen = session.look(target)
        wanted, version = session.prepare(artifact, target, seen)
        steps = session.plans(seen).deployment_of(wanted, version)
        session.carry_out(steps, wanted if wanted.flexible else None, seen)
        return steps

    def canary(self, artifact, weight, **where):
        session = self.session(**where)
        seen = session.look()
        steps = session.plans(seen).canary(*session.prepare(artifact, Target(), seen), weight)
        session.carry_out(steps)
        return steps

    def promote(self, **where):
        session = self.session(**where)
        session.carry_out(session.plans(session.found()).promote())

    def rollback(self, **where):
        session = self.session(**where)
        seen = session.found()
        steps = session.plans(seen).rollback(fill_up(Target(), seen) if seen.flexible else None)
        session.carry_out(steps)
        return steps

    def destroy(self, **where):
        session = self.session(**where)
        session.carry_out(session.plans(session.look()).destruction())

    def ask(self, slot=None, headers=None, **where):
        """(status, the version that answers) of the live function, for one who has its key."""
        session = self.session(**where)
        asked = session.calls.asked(slot)
        if headers is not None:
            asked = replace(asked, headers=headers)
        response = asked(Request("GET", "/version", {}, {}, b""))
        return response.status, response.headers.get("x-model-version")


@pytest.fixture(scope="session")
def packed():
    return {}


@pytest.fixture
def azure(tmp_path, packed):
    clock = Time()
    cloud = Cloud(in_process, tmp_path / "tls", clock=clock, chance=random.Random(0).random)
    with contextlib.closing(cloud):
        yield Azure(cloud, clock, tmp_path, packed)


@pytest.fixture(scope="session")
def other_folder(tmp_path_factory):
    """Another artifact for the same function: another version."""
    from sklearn.linear_model import LogisticRegression

    import leanfn
    from tests.samples import binary

    X, y = binary()
    model = LogisticRegression(max_iter=10_000).fit(X, y)
    return leanfn.export(model, X, name="hearts", out=tmp_path_factory.mktemp("others")).path


@pytest.fixture(scope="session")
def versions(heart_folder, other_folder):
    """Their versions."""
    return manifests.read(heart_folder).version, manifests.read(other_folder).version
