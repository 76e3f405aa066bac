"""Sixteen deployments at once: one wins, and the others say why they did not."""

import json
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from adapters.aws.release import planned
from adapters.aws.target import Target
from emulators.aws.account import Account, Delays
from emulators.aws.cloud import Cloud, open_cloud
from leanfn import load
from leanfn.errors import DeploymentError
from tests.adapters.aws.fakes import InProcess

ROOT = Path(__file__).parents[3]
MANY = 16
# One deployment of a bundle that is made already, as the command does it.
SCRIPT = """
import json, sys
from pathlib import Path
from adapters.aws.release import planned
from adapters.aws.site import open_site
from adapters.aws.target import Target
from adapters.aws.wanted import Code
from leanfn import cli, load

def deploy() -> None:
    given = json.loads(sys.argv[1])
    site = open_site("hearts", "eu-west-1", None, given["cloud"])
    code = Code(**{**given["code"], "archive": Path(given["code"]["archive"])})
    plan = planned(site, site.see(), Target("hearts", memory=given["memory"]), code, None)
    site.carry_out(plan, load(Path(given["folder"])))

sys.exit(cli.run(deploy, [], name="deploy"))
"""
FIRST_CHANGES = ("CreateFunction", "UpdateFunctionConfiguration")


class Gate:
    """Holds the first changes back until all have come: everybody has looked, and nobody has changed anything."""

    def __init__(self):
        self._lock = threading.Lock()
        self._left, self._barrier = MANY, threading.Barrier(MANY, timeout=240)

    def __call__(self, call):
        if call.operation in FIRST_CHANGES:
            with self._lock:
                waits, self._left = self._left > 0, self._left - 1
            if waits:
                self._barrier.wait()


def race(settings, code, folder):
    processes = []
    for number in range(MANY):
        given = {
            "cloud": settings,
            "code": {**code, "archive": str(code["archive"])},
            "folder": str(folder),
            "memory": 200 + number,
        }
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", SCRIPT, json.dumps(given)],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    return [(process.communicate(timeout=300)[1], process.returncode) for process in processes]


def look(ended, cloud, code):
    """One has won, and what it deployed is live; the others have said why not."""
    losers = [text for text, status in ended if status == 1]
    assert [status for _, status in ended].count(0) == 1, [text[-300:] for text, _ in ended]
    assert len(losers) == MANY - 1
    assert all("another deployment of hearts" in text for text in losers)
    function = cloud.region("eu-west-1").functions.all["hearts"]
    live = function.aliases["live"].version
    assert code.artifact in function.version(live).settings["Description"]
    assert (function.arn, live) in cloud.runner.asked


def test_of_sixteen_processes_one_makes_the_function_and_the_others_say_why_not(codes, folders):
    cloud = Cloud(Account(Delays(0.05, 0.05, 0.0)), InProcess())
    cloud.seen = Gate()
    with open_cloud(lambda: None, cloud) as settings:
        ended = race(settings, asdict(codes[0]), folders[0])
        look(ended, cloud, codes[0])


def test_of_sixteen_later_ones_one_is_live_and_the_others_say_why_not(aws, codes, folders):
    artifacts, ended = [load(folder) for folder in folders], []

    def deploy(number, memory=None):
        site = aws.site()
        try:
            plan = planned(site, site.see(), Target("hearts", memory=memory), codes[number], None)
            site.carry_out(plan, artifacts[number])
            ended.append(("", 0))
        except DeploymentError as error:
            ended.append((str(error), 1))

    deploy(0)
    ended.clear()
    aws.cloud.seen = Gate()
    threads = [threading.Thread(target=deploy, args=(1, 200 + number)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    look(ended, aws.cloud, codes[1])
