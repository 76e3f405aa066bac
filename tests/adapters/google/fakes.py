"""A project of its own with instances that answer in this process, and a command's session at it."""

import io
import itertools
import json
import time
import urllib.parse

from adapters.bundle import bundle
from adapters.deployment import Terminal
from adapters.execute import Patience
from adapters.google.clients import open_clients
from adapters.google.commands import Session
from adapters.google.target import Place
from emulators.google.cloud import Cloud
from emulators.google.instances import Answer, BuildError
from emulators.google.rest import Broken, Fault
from handlers.service import Service
from leanfn import load
from leanfn.http import Request

NUMBERS = itertools.count(1)
READS = (":getIamPolicy", "entries:list", "/token")


class InProcess:
    """Answers from the bundle's artifact without a process. asked: revision -> the rows it was asked for."""

    def __init__(self):
        self.asked = {}
        self.broken = False  # whether the next start fails

    def build(self, folder, python):
        if not (folder / "main.py").is_file():
            raise BuildError("Build failed: missing main.py")

    def start(self, built, folder, entry, env, log):
        if self.broken:
            raise BuildError("ModuleNotFoundError: No module named 'nowhere'\ncontainer failed to start")
        service = Service(lambda: load(folder / "artifact"), env)
        return _Instance(service, env["K_REVISION"], self.asked, log)


class _Instance:
    def __init__(self, service, revision, asked, log):
        self.service, self.revision, self.asked, self.log = service, revision, asked, log

    def ask(self, method, path, headers, body, timeout):
        url = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(url.query))
        response = self.service(Request(method, url.path, query, headers, body))
        if method == "POST" and response.status == 200:
            rows = json.loads(body)
            count = len(rows) if isinstance(rows, list) else 1
            self.asked[self.revision] = self.asked.get(self.revision, 0) + count
        self.log(json.dumps({"severity": "INFO", "message": f"{method} {path} {response.status}"}))
        return Answer(response.status, list(response.headers.items()), response.body)

    def stop(self):
        pass


class Faults(Fault):
    """Breaks one of the calls that change something: at the given place in their order, in the given way."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.arm(None, None)

    def arm(self, at, error, late=False):
        """late: the call is made, and its answer is lost."""
        self.seen, self.at, self.error, self.late, self.hit = [], at, error, late, False

    def before(self, method, path):
        if method == "GET" or path.endswith(READS):
            return
        self.seen.append(f"{method} {path.rpartition('/')[2]}")
        if self.at == len(self.seen) - 1 and not self.late:
            self.hit = True
            raise self.error

    def after(self, method, path):
        if method != "GET" and not path.endswith(READS) and self.at == len(self.seen) - 1 and self.late:
            self.at, self.hit = None, True
            raise Broken


class Project:
    """An emulated cloud with instances in this process."""

    def __init__(self, folder):
        self.runtime, self.faults = InProcess(), Faults()
        self.cloud = Cloud(folder, runtime=self.runtime, fault=self.faults)
        self.clients = open_clients(None, None, self.cloud.settings)
        self.bundles = {}
        self.folder = folder

    def bundle(self, artifact, cloud, out, python):
        """Bundles without bytecode, each made once."""
        key = artifact, python
        if key not in self.bundles:
            place = self.folder / f"bundle{len(self.bundles)}"
            self.bundles[key] = bundle(artifact, cloud, place, python=python, bytecode=False)
        return self.bundles[key]

    def session(self, name=None, sleep=lambda _: time.sleep(0.002)):
        """A command's session at a function that no other test has."""
        name = name or f"heart{next(NUMBERS)}"
        place = Place(self.clients.project, self.clients.region, name)
        screen = Terminal(io.StringIO(), io.StringIO(), io.StringIO())
        patience = Patience(sleep=sleep, chance=lambda low, _: low)
        return Session(place, self.clients, screen, patience, self.bundle)
