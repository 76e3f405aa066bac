"""The steps from what is there to what is wanted: pure, and none when nothing differs.

Cloud Functions would give a new revision all the traffic, or with all_traffic_on_latest_revision=false what Cloud Run's
own list of shares gives it. So the shares are first pinned to revisions by name; then the new revision has none, is
given an address by a tag, is probed there, and only then gets its share. A first deployment has no other revision to
serve: until its probe it is closed to everybody but those who may call all of the project's services.

https://cloud.google.com/functions/docs/configuring/traffic-splitting
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leanfn.errors import DeploymentError

from ..plan import Change, Result, Step
from . import traffic
from .observe import EVERYBODY, INVOKER, Observed, Revision, secret_names
from .target import (
    BUNDLE,
    DIGITS,
    KEY,
    LABEL_BUNDLE,
    LABEL_DEPLOYMENT,
    LABEL_VERSION,
    MADE,
    VERSION,
    Place,
    Target,
)  # fmt: skip
from .traffic import Share, Shares

MASKS = {
    "python": "build_config.runtime",
    "account": "service_config.service_account_email",
    "memory": "service_config.available_memory",
    "timeout": "service_config.timeout_seconds",
    "cpu": "service_config.available_cpu",
    "concurrency": "service_config.max_instance_request_concurrency",
    "min_instances": "service_config.min_instance_count",
    "max_instances": "service_config.max_instance_count",
    "env": "service_config.environment_variables",
    "secrets": "service_config.secret_environment_variables",
}
HIDDEN = (BUNDLE, VERSION)  # told as the artifact and its version


def plan_deployment(wanted: Target, seen: Observed, share: int = 100) -> list[Step]:
    """Make it what is wanted, with a share of the traffic: 100, or a canary's."""
    place = wanted.place
    if share < 100 and traffic.live(seen.shares) is None:
        raise DeploymentError(
            f"{place.name} has no live revision that a canary could stand beside\n"
            "Deploy it first with 'leanfn google deploy'"
        )
    steps = _accounts(wanted, seen)
    fresh = _fresh(wanted, seen)
    revision: Any = Result("ready", "revision") if fresh else seen.latest
    if fresh:
        if seen.floating:
            steps.append(_pin(place, seen.shares))
        steps += _function(wanted, seen)
    now = traffic.live(seen.shares)
    if share < 100 and not fresh and now is not None and now.revision == revision:
        raise DeploymentError(
            f"{place.name} runs this artifact for all callers already\n"
            "A canary is another one: leanfn google canary ARTIFACT --weight=0.1"
        )
    shares = seen.shares or (Share(revision, 100),)
    if fresh or not _has(shares, revision, share):
        if fresh or share == 100 or traffic.canary(shares) is None or _canary(shares) != revision:
            tagged = traffic.with_next(shares, revision)
            steps += _probe(wanted, shares, tagged, revision)
        else:
            tagged = shares
        goal = traffic.all_to(tagged, revision) if share == 100 else traffic.split(tagged, revision, share)
        why = "make it live" if share == 100 else f"give it {share} % of the traffic"
        steps.append(_shares_step("live", "live", why, place, tagged, goal, revision))
    return steps + _access(wanted, seen)


def plan_promote(place: Place, seen: Observed) -> list[Step]:
    """The canary becomes live for all."""
    found = traffic.canary(seen.shares)
    if found is None:
        raise DeploymentError(
            f"{place.name} has no canary\nBegin one with 'leanfn google canary ARTIFACT --weight=0.1'"
        )
    goal = traffic.all_to(seen.shares, found.revision)
    return [_shares_step("live", "live", f"make {found.revision} live", place, seen.shares, goal)]


def plan_rollback(place: Place, seen: Observed) -> list[Step]:
    """The canary ends, or the previous revision is live again: one call."""
    goal = traffic.back(seen.shares)
    if goal is None:
        raise DeploymentError(
            f"{place.name} has no earlier live revision to go back to\nSee which there are: leanfn google versions {place.name}"
        )
    return [_shares_step("live", "live", f"make {goal[0].revision} live", place, seen.shares, goal)]


def plan_destroy(place: Place, seen: Observed) -> list[Step]:
    """Remove the function, what its own account may read, and that account."""
    steps = []
    if seen.account:
        steps += [
            Step(
                f"revoke-{name}",
                "tidy",
                "secretmanager.secrets.setIamPolicy",
                f"take the secret {name} from the function's account",
                {"secret": place.secret(name), "member": f"serviceAccount:{place.account}", "grant": False},
            )
            for name in sorted(seen.granted)
        ]
    if seen.settings is not None:
        steps.append(
            Step(
                "function",
                "tidy",
                "cloudfunctions.functions.delete",
                f"delete the function {place.name} with its revisions",
                {"function": place.function},
            )
        )
    if seen.account:
        steps.append(
            Step(
                "account",
                "tidy",
                "iam.serviceAccounts.delete",
                f"delete the service account {place.account}",
                {"project": place.project, "account": place.account},
            )
        )
    return steps


def _fresh(wanted: Target, seen: Observed) -> bool:
    """Whether a new revision is needed: none is there, or the newest runs something else or failed."""
    if seen.settings is None or seen.state != "ACTIVE" or wanted.settings != seen.settings:
        return True
    newest = seen.revision(seen.latest)
    return newest is None or newest.bundle != wanted.bundle[:DIGITS]


def _has(shares: Shares, revision: Any, share: int) -> bool:
    """Whether a revision that was probed has this share already."""
    found = traffic.live(shares) if share == 100 else traffic.canary(shares)
    return found is not None and found.revision == revision and found.percent == share


def _canary(shares: Shares) -> Any:
    found = traffic.canary(shares)
    return None if found is None else found.revision


def _accounts(wanted: Target, seen: Observed) -> list[Step]:
    place, account = wanted.place, wanted.settings.account
    steps = []
    if account == place.account and not seen.account:
        steps.append(
            Step(
                "account",
                "prepare",
                "iam.serviceAccounts.create",
                f"create the service account {account}, without any role",
                {"project": place.project, "account": account, "function": place.name},
                makes=f"projects/{place.project}/serviceAccounts/{account}",
            )
        )
    for name in sorted(secret_names(wanted.settings) - seen.granted):
        steps.append(
            Step(
                f"grant-{name}",
                "prepare",
                "secretmanager.secrets.setIamPolicy",
                f"let {account} read the secret {name}",
                {"secret": place.secret(name), "member": f"serviceAccount:{account}", "grant": True},
                makes=f"{place.secret(name)} serviceAccount:{account}",
            )
        )
    return steps


def _pin(place: Place, shares: Shares) -> Step:
    """The shares as they are, by name: a newer revision then gets nothing by itself."""
    return _shares_step("pin", "prepare", "keep the traffic where it is", place, shares, shares)


def _function(wanted: Target, seen: Observed) -> list[Step]:
    place, old = wanted.place, seen.settings
    new_code = (
        old is None
        or old.python != wanted.settings.python
        or seen.state != "ACTIVE"
        or old.env.get(BUNDLE) != wanted.settings.env[BUNDLE]
    )
    arguments: dict[str, Any] = {
        "function": place.function,
        "settings": asdict(wanted.settings),
        "labels": {
            **wanted.settings.labels,
            MADE: "true",
            LABEL_VERSION: wanted.version,
            LABEL_BUNDLE: wanted.bundle[:DIGITS],
            LABEL_DEPLOYMENT: wanted.deployment,
        },
    }
    steps = []
    if new_code:
        upload = {"parent": place.parent, "archive": str(wanted.archive)}
        steps.append(
            Step(
                "upload", "upload", "cloudfunctions.functions.generateUploadUrl", "upload the bundle", upload
            )
        )
        arguments["source"] = {key: Result("upload", key) for key in ("bucket", "object", "generation")}
    changes = tuple(_changes(wanted, seen))
    if old is None:
        call, why, makes = (
            "cloudfunctions.functions.create",
            f"create the function {place.name}",
            place.function,
        )
    else:
        call, why, makes = "cloudfunctions.functions.patch", f"update the function {place.name}", None
        arguments["mask"] = [
            *(["build_config.source"] if new_code else []),
            *(path for name, path in MASKS.items() if getattr(old, name) != getattr(wanted.settings, name)),
            "service_config.all_traffic_on_latest_revision",
            "labels",
        ]
    steps.append(Step("function", "function", call, why, arguments, makes, changes))
    waiting = {"function": place.function, "operation": Result("function", "operation")}
    steps.append(
        Step("ready", "ready", "cloudfunctions.operations.get", "wait until it is built and starts", waiting)
    )
    return steps


def _changes(wanted: Target, seen: Observed) -> list[Change]:
    new, old = asdict(wanted.settings), asdict(seen.settings) if seen.settings is not None else {}
    found = []
    running = _running(seen)
    version = running.version if running is not None else None
    if version != wanted.version:
        found.append(Change("version", version or None, wanted.version))
    for name, value in new.items():
        before, after = _shown(old.get(name)), _shown(value)
        if before != after:
            found.append(Change(name, before, after))
    return found


def _running(seen: Observed) -> Revision | None:
    now = traffic.live(seen.shares)
    return seen.revision(now.revision if now is not None else seen.latest)


def _shown(value: Any) -> Any:
    """A setting for people: without what leanfn says of the revision, and without a key's digest."""
    if isinstance(value, dict):
        value = {
            key: f"{text[:8]}…" if key == KEY else text for key, text in value.items() if key not in HIDDEN
        }
    return value or None


def _probe(wanted: Target, shares: Shares, tagged: Shares, revision: Any) -> list[Step]:
    place = wanted.place
    return [
        _shares_step(
            "version", "version", "give the new revision an address", place, shares, tagged, revision
        ),
        Step(
            "probe",
            "probe",
            "probe",
            "ask it for the artifact's own examples",
            {
                "url": Result("version", "url"),
                "audience": Result("version", "audience"),
                "artifact": str(wanted.artifact),
            },
        ),
    ]


def _shares_step(
    name: str, phase: Any, why: str, place: Place, now: Shares, goal: Shares, newest: Any = None
) -> Step:
    """One change of the shares, which is refused where somebody else changed them: newest is then another revision."""
    before, after = _percents(now), _percents(goal)
    arguments = {
        "service": place.service,
        "expected": traffic.documents(now),
        "traffic": traffic.documents(goal),
        "newest": newest,
    }
    changes = (Change("traffic", before, after),) if before != after else ()
    return Step(name, phase, "run.services.patch", why, arguments, None, changes)


def _percents(shares: Shares) -> dict[str, int]:
    return {str(each.revision): each.percent for each in shares if each.percent}


def _access(wanted: Target, seen: Observed) -> list[Step]:
    if wanted.public is None or wanted.public == seen.public:
        return []
    place = wanted.place
    why = "let everybody call it" if wanted.public else "let nobody call it without being asked who they are"
    return [
        Step(
            "access",
            "access",
            "run.services.setIamPolicy",
            why,
            {"service": place.service, "role": INVOKER, "member": EVERYBODY, "grant": wanted.public},
            changes=(Change("public", seen.public, wanted.public),),
        )
    ]
