"""What measures is right about what it measures."""

import contextlib
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.asking import Asker, post
from benchmarks.clients import load
from benchmarks.memory import descendants, descendants_mb
from benchmarks.predictors import best
from benchmarks.startup import Contender, measure_all, spread
from leanfn.errors import LeanfnError

LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells what memory is shared"
)


@LINUX
def test_memory_is_that_of_all_processes_below():
    script = "import subprocess, sys; x = bytearray(60_000_000); print(flush=True); sys.stdin.read()"
    outer = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {script!r}], stdout=subprocess.PIPE);"
        "p.stdout.readline(); print(flush=True); p.wait()"
    )
    line = [sys.executable, "-c", outer]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        below = descendants(os.getpid())
        megabytes = descendants_mb(os.getpid())
        process.stdin.close()
        process.wait(10)
    assert process.pid == below[0] and len(below) == 2
    assert 60 < megabytes < 120


class Once(BaseHTTPRequestHandler):
    """Answers, and lets go of the connection after every second answer."""

    protocol_version = "HTTP/1.1"
    answered = 0

    def handle(self):
        with contextlib.suppress(ConnectionError):  # a client that lost one connection lets go of its others
            super().handle()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Once.answered += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        self.close_connection = Once.answered % 2 == 0

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Once) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_port
        running.shutdown()


def test_a_connection_that_the_server_let_go_of_is_opened_again(server):
    import socket

    asker = Asker(lambda: socket.create_connection(("127.0.0.1", server), 5), post("/", b"{}"))
    try:
        assert all(asker.ask().endswith(b"ok") for _ in range(5))
    finally:
        asker.close()


def test_clients_that_lose_their_connection_are_no_figure(server):
    with pytest.raises(ConnectionResetError):
        load(server, 2, 1.0, post("/", b"{}"))


def test_the_best_round_of_each_counts():
    found = best({"nothing": lambda: None, "something": lambda: sum(range(1000))}, rounds=3)
    assert 0 < found["nothing"] < found["something"]


def test_a_spread_is_its_median_and_quartiles_in_milliseconds():
    assert spread([0.001, 0.002, 0.003, 0.004, 0.009]) == {
        "median": 3.0,
        "low": 2.0,
        "high": 4.0,
        "all": [1.0, 2.0, 3.0, 4.0, 9.0],
    }


class Fake:
    """A contender that starts and answers, or fails at the third start."""

    def __init__(self, fails=False):
        self.starts = 0
        self.fails = fails

    def __enter__(self):
        self.starts += 1
        if self.fails and self.starts == 3:
            raise LeanfnError("no more")
        return lambda: None

    def __exit__(self, *_):
        pass


def test_all_start_equally_often_and_who_fails_is_out_with_the_reason():
    fine, broken = Fake(), Fake(fails=True)
    both = [
        Contender("r", "fine", lambda: fine, 1_000_000),
        Contender("r", "broken", lambda: broken, 0),
    ]
    found = {row["name"]: row for row in measure_all(both, 4, 100)}
    assert found["broken"] == {"runtime": "r", "name": "broken", "reason": "no more"}
    assert len(found["fine"]["cold_ms"]["all"]) == 4
    assert found["fine"]["installed_mb"] == 1.0
    assert fine.starts == 1 + 4 + 1  # the first fills the caches, the last answers warm requests
