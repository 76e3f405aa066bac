"""The real runtime client under our Runtime API: what the service does around a function, it does."""

import json
import subprocess
import time

import pytest

from emulators.lambda_runtime import PAYLOAD_LIMIT, LambdaRuntime

pytest.importorskip("awslambdaric", reason="AWS's runtime client is for Linux alone")

FUNCTION = """
import os, sys, time

COUNT = [0]

def echo(event, context):
    COUNT[0] += 1
    return {"event": event, "count": COUNT[0], "id": context.aws_request_id}

def environ(event, context):
    return {name: os.environ.get(name) for name in event}

def sleep(event, context):
    time.sleep(event)
    return os.getpid()

def die(event, context):
    os._exit(3)

def fail(event, context):
    raise ValueError("as told")

def large(event, context):
    return "x" * event
"""


@pytest.fixture
def task(tmp_path):
    (tmp_path / "function.py").write_text(FUNCTION)
    (tmp_path / "broken.py").write_text("raise RuntimeError('at import')")
    return tmp_path


@pytest.fixture
def start(task):
    """Starts a function of the folder; all are ended."""
    started = []

    def start(name, **options):
        started.append(LambdaRuntime(task, name, log=subprocess.DEVNULL, **options))
        return started[-1]

    yield start
    for runtime in started:
        runtime.close()


def test_an_event_gets_the_functions_answer(start):
    runtime = start("function.echo")
    first = runtime.invoke(b'{"age": 63}')
    assert (first.status, first.error) == (200, None)
    answer = json.loads(first.payload)
    assert answer["event"] == {"age": 63}
    assert len(answer["id"]) == 36


def test_one_process_answers_one_event_after_the_other(start):
    runtime = start("function.echo")
    assert [json.loads(runtime.invoke(b"{}").payload)["count"] for _ in range(3)] == [1, 2, 3]


def test_it_has_the_environment_that_lambda_promises(start):
    wanted = {"LAMBDA_TASK_ROOT", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER", "LEANFN_LOAD", "HOME"}
    runtime = start("function.environ", environ={"LEANFN_LOAD": "eager"})
    found = json.loads(runtime.invoke(json.dumps(sorted(wanted)).encode()).payload)
    assert found["LEANFN_LOAD"] == "eager"
    assert found["_HANDLER"] == "function.environ"
    assert found["HOME"] is None  # this machine's environment stays outside
    assert all(found[name] for name in wanted - {"HOME"})


def test_an_exception_is_an_error_of_the_function(start):
    answer = start("function.fail").invoke(b"{}")
    assert (answer.status, answer.error) == (200, "Unhandled")
    assert json.loads(answer.payload)["errorType"] == "ValueError"


def test_an_event_that_is_too_large_never_reaches_the_function(start):
    answer = start("function.echo").invoke(b'"' + b"x" * PAYLOAD_LIMIT + b'"')
    assert answer.status == 413
    assert json.loads(answer.payload)["errorType"] == "RequestTooLargeException"


def test_an_answer_may_be_as_large_as_the_limit_and_no_larger(start):
    runtime = start("function.large", timeout=10)
    fits = runtime.invoke(str(PAYLOAD_LIMIT - 2).encode())
    assert (fits.error, len(fits.payload)) == (None, PAYLOAD_LIMIT)
    over = runtime.invoke(str(PAYLOAD_LIMIT - 1).encode())
    assert json.loads(over.payload)["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_function_that_takes_too_long_is_ended_and_the_next_event_gets_a_new_process(start):
    runtime = start("function.sleep", timeout=0.5)
    before = json.loads(runtime.invoke(b"0").payload)
    began = time.monotonic()
    answer = runtime.invoke(b"20")
    assert 0.4 < time.monotonic() - began < 5
    assert json.loads(answer.payload)["errorMessage"] == "Task timed out after 0.50 seconds"
    assert json.loads(runtime.invoke(b"0").payload) != before


def test_a_process_that_dies_over_an_event_is_told_and_replaced(start):
    runtime = start("function.die")
    for _ in range(2):
        answer = runtime.invoke(b"{}")
        assert answer.error == "Unhandled"
        assert json.loads(answer.payload)["errorMessage"] == "Runtime exited with error: exit status 3"


def test_a_function_that_cannot_be_imported_says_why_every_time(start):
    runtime = start("broken.handler")
    for _ in range(2):
        answer = runtime.invoke(b"{}")
        assert answer.error == "Unhandled"
        assert json.loads(answer.payload)["errorMessage"] == "at import"


def test_closing_it_leaves_no_process(task):
    with LambdaRuntime(task, "function.echo", log=subprocess.DEVNULL) as runtime:
        runtime.invoke(b"{}")
        process = runtime._process
    assert process.poll() is not None


def test_the_bundle_answers_in_the_real_runtime(heart_folder, patient, tmp_path):
    from adapters.bundle import bundle

    made = bundle(heart_folder, "aws", tmp_path, bytecode=False)
    with LambdaRuntime(made.folder, log=subprocess.DEVNULL) as runtime:
        answer = runtime.invoke(json.dumps(patient).encode())
    assert json.loads(answer.payload) == {"diagnosis": "heart-disease"}
