"""Google's framework behind a server of one's own runs the entry anew for each first request at once: one model, still."""

import http.client
import os
import subprocess
import sys
import threading

import pytest

from adapters.bundle import bundle
from tests.contract.runtimes import PATIENCE, PYTHON, free_port, wait_for

CROWD = 32


def test_first_requests_at_once_are_one_cold_start(heart_folder, tmp_path):
    pytest.importorskip("functions_framework", reason="functions-framework is not installed")
    made = bundle(heart_folder, "google", tmp_path, python=PYTHON, bytecode=False)
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            f"--bind=127.0.0.1:{port}",
            f"--threads={CROWD}",
            "functions_framework:app",
        ],
        cwd=made.folder,
        env={**os.environ, "FUNCTION_TARGET": "predict_handler", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    gate, statuses = threading.Barrier(CROWD), []

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.connect()
        gate.wait(PATIENCE)
        connection.request("POST", "/", b"{}", {"content-type": "application/json"})
        statuses.append(connection.getresponse().status)
        connection.close()

    try:
        wait_for(port, process)
        threads = [threading.Thread(target=ask) for _ in range(CROWD)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        process.terminate()
        log, _ = process.communicate()
    assert statuses == [200] * CROWD
    assert log.count('"cold": true') == 1 and log.count('"cold": false') == CROWD - 1
