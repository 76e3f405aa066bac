"""A function's whole life on the emulated AWS, its code in Lambda's own runtime client: as the README has it."""

import json
import random
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from io import StringIO

import pytest

pytest.importorskip("boto3", reason="the clients of AWS are an extra")
pytest.importorskip("awslambdaric", reason="AWS's runtime client is for Linux alone")

from adapters.aws.commands import read_log, remove
from adapters.aws.plan import plan_promote, plan_rollback
from adapters.aws.release import release
from adapters.aws.site import open_site
from adapters.aws.target import Target
from adapters.deployment import Terminal
from adapters.flags import How, api_key_digest
from emulators.aws.account import KEY, SECRET
from emulators.aws.cloud import Cloud, open_cloud
from leanfn import load
from leanfn.errors import CertificateError, DeploymentError
from steps import verify

HOW = How()


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Another artifact for the same function."""
    from sklearn.linear_model import LogisticRegression

    import leanfn
    from tests.samples import binary

    X, y = binary()
    model = LogisticRegression(max_iter=10_000).fit(X, y)
    return leanfn.export(model, X, name="hearts", out=tmp_path_factory.mktemp("others")).path


@pytest.fixture
def cloud():
    return Cloud(chance=random.Random(7).random)


@pytest.fixture
def settings(cloud):
    with open_cloud(lambda: None, cloud) as settings:
        yield settings


@pytest.fixture
def run(settings, tmp_path):
    """A run of leanfn on the emulated AWS: its site, whose screen holds what it prints."""

    def run(name="hearts"):
        screen = Terminal(StringIO(), StringIO(), StringIO())
        return open_site(name, "eu-west-1", None, settings, screen, journals=tmp_path / "journals")

    return run


def deploy(site, folder, weight=None, **flags):
    release(site, folder, Target("hearts", **flags), weight=weight, how=HOW)
    return site.screen.stdout.getvalue()


def signed(url, body):
    """The version that answers a signed request."""
    headers = {"content-type": "application/json"}
    verify._signer("eu-west-1")(url, headers, body)
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        return answer.headers["x-model-version"]


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def test_from_nothing_to_nothing(cloud, run, heart_folder, others, patient):
    first, second = load(heart_folder).version, load(others).version
    told = deploy(run(), heart_folder)
    (curl,) = [line for line in told.splitlines() if line.startswith("curl")]
    printed = subprocess.run(shlex.split(curl), capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(printed.stdout).keys() == {"diagnosis"}
    unsigned = [word for word in shlex.split(curl) if word not in ("--aws-sigv4", "aws:amz:eu-west-1:lambda")]
    refused = subprocess.run(unsigned, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(refused.stdout) == {"Message": "Forbidden"}

    deploy(run(), others, weight=0.25)
    url = run().see().url
    body = b"[]"
    answered = [signed(url + "predict", body) for _ in range(100)]
    assert 18 <= answered.count(second) <= 32, f"{answered.count(second)} of 100 calls"
    assert answered.count(first) + answered.count(second) == 100

    for plan, live in ((plan_promote, second), (plan_rollback, first)):
        site = run()
        steps = plan(site.see(), site.journal.deployment)
        assert len(steps) == 1
        site.carry_out(steps)
        assert {signed(url + "predict", body) for _ in range(5)} == {live}

    lines = [json.loads(line) for line in read_log(run(), int((time.time() - 3600) * 1000), follow=False)]
    assert {line["version"] for line in lines} == {first, second}
    assert len(lines) > 100

    site = run()
    remove(site, yes=True, how=HOW)
    assert cloud.resources() == []
    assert not site.journal.path.exists()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)


def test_verify_asks_a_live_function_and_says_when_it_is_not_let_in(run, heart_folder, others, capsys):
    key = "0123456789abcdef"
    deploy(run(), heart_folder, public=True, api_key=api_key_digest(key))
    url = run().see().url
    verify.verify(heart_folder, url=url, api_key=key)
    assert url in capsys.readouterr().out
    with pytest.raises(CertificateError, match=r"(?s)does not let this caller in\n  status: 401.*--api-key"):
        verify.verify(heart_folder, url=url)
    with pytest.raises(
        CertificateError, match=r"another version answers|refuses the artifact's own examples"
    ):
        verify.verify(others, url=url, api_key=key)
    deploy(run(), heart_folder, public=False, api_key="")
    with pytest.raises(CertificateError, match=r"(?s)status: 403.*--sign=REGION"):
        verify.verify(heart_folder, url=url)
    verify.verify(heart_folder, url=url, sign="eu-west-1")


HOOKS = """
import os

def postprocess(answer, record):
    return {**answer, "token": len(os.environ.get("TOKEN", ""))}
"""


def test_secrets_are_in_the_process_and_nowhere_else(cloud, run, hearts, tmp_path, patient, monkeypatch):
    import leanfn

    model, rows = hearts
    (tmp_path / "hooks.py").write_text(HOOKS)
    folder = leanfn.export(
        model, rows[:50], name="hearts", out=tmp_path, hooks=tmp_path / "hooks.py", output="diagnosis"
    ).path
    monkeypatch.setenv("TOKEN", "x" * 12)  # the probe's own answers are computed here
    vault = cloud.region("eu-west-1").vault
    vault.secrets["prod/token"] = "s3cret-value"
    vault.parameters["/hearts/key"] = api_key_digest("0123456789abcdef")
    names = {"TOKEN": "prod/token", "LEANFN_API_KEY_SHA256": "ssm:/hearts/key"}
    site = run()
    deploy(site, folder, secrets=names, public=True)
    function = cloud.region("eu-west-1").functions.all["hearts"]
    assert "s3cret" not in json.dumps([version.settings for version in function.versions])
    assert "s3cret" not in json.dumps([role.policies for role in cloud.account.roles.values()])
    assert "s3cret" not in "".join(
        line for _, _, line in cloud.region("eu-west-1").groups.all["/aws/lambda/hearts"].events
    )
    assert "s3cret" not in site.screen.stderr.getvalue() + site.journal.path.read_text()
    (role,) = cloud.account.roles.values()
    allowed = {
        (statement["Action"], statement["Resource"])
        for name, policy in role.policies.items()
        for statement in policy["Statement"]
        if name != "leanfn-logs"
    }
    assert allowed == {
        ("secretsmanager:GetSecretValue", vault.arn("prod/token")),
        ("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/hearts/key"),
    }
    request = urllib.request.Request(
        site.see().url,
        json.dumps(patient).encode(),
        {"content-type": "application/json", "x-api-key": "0123456789abcdef"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)["token"] == 12


def test_a_secret_that_is_not_there_is_said_before_anything_is_made(cloud, run, heart_folder):
    with pytest.raises(DeploymentError, match=r"(?s)no secret 'nothing'.*create-secret"):
        deploy(run(), heart_folder, secrets={"TOKEN": "nothing"})
    assert cloud.resources() == []
