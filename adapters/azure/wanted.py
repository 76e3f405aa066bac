"""What is to be there: a target filled up with what is deployed, and with the platform's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leanfn.errors import DeploymentError
from leanfn.platforms import AZURE

from ..plan import Change
from .observe import API_KEY, Observed
from .target import FLEX, RESERVED, WITH_SLOTS, Auth, Target, is_reference

HOME_PAGE = "AzureWebJobsDisableHomepage"  # without it, / is the platform's own page
TIMEOUT = "AzureFunctionsJobHost__functionTimeout"
CORS = "LEANFN_CORS"
INSIGHTS = "APPLICATIONINSIGHTS_CONNECTION_STRING"


@dataclass(frozen=True, slots=True)
class Wanted:
    """size: of the plan, or the id of one that is there. put, drop: settings to be there, and not to be."""

    region: str
    size: str
    python: str
    memory: int | None
    auth: Auth
    client: str | None
    identity: bool
    put: Mapping[str, str]
    drop: tuple[str, ...]

    @property
    def flexible(self) -> bool:
        return self.size == FLEX

    def changes(self, settings: Mapping[str, str]) -> tuple[Change, ...]:
        """What differs in an app's settings from what is wanted."""
        put = [(name, settings.get(name), value) for name, value in self.put.items()]
        drop = [(name, settings[name], None) for name in self.drop if name in settings]
        return tuple(Change(name, old, new) for name, old, new in [*put, *drop] if old != new)


def fill_up(target: Target, observed: Observed) -> Wanted:
    """Raises DeploymentError for what cannot be: another region or plan for an app that is there, CORS behind a key."""
    app = observed.app
    size = _size(target, observed)
    auth, client = _auth(target, observed)
    settings = app.settings if app else {}
    put, drop = _settings(target, settings, flexible=size == FLEX)
    if {**settings, **put}.get(CORS) and CORS not in drop and auth != "anonymous":
        raise DeploymentError(
            "a browser asks before it calls another origin, and sends no key or token then: --cors needs --public\n"
            "  wanted: --public, with --api-key for a key that leanfn checks itself\n"
            f"  found:  --cors={({**settings, **put})[CORS]} and a function that wants a {auth}"
        )
    if target.memory is not None and size != FLEX:
        raise DeploymentError(
            f"the memory of a function on {size} is its plan's\n  found:  --memory={target.memory}"
        )
    return Wanted(
        region=_region(target, observed),
        size=size,
        python=target.python or (app.python if app else None) or AZURE.default_python,
        memory=(target.memory or (app.memory if app else None) or AZURE.default_memory)
        if size == FLEX
        else None,
        auth=auth,
        client=client,
        identity=bool(target.secrets) or bool(app and app.identity),
        put=put,
        drop=drop,
    )


def _region(target: Target, observed: Observed) -> str:
    found = observed.region
    wanted = target.region or found
    if wanted is None:
        raise DeploymentError(
            "where should the function run?\n  wanted: --region=REGION, such as westeurope\n"
            "Look at what there is: az functionapp list-flexconsumption-locations --output table"
        )
    if observed.app is not None and found is not None and _plain(found) != _plain(wanted):
        raise DeploymentError(
            f"a function stays where it is\n  wanted: --region={_plain(found)}\n  found:  --region={wanted}\n"
            "Deploy under another --name or --stage there, or destroy it first"
        )
    return _plain(wanted)


def _plain(region: str) -> str:
    return region.replace(" ", "").lower()  # Resource Manager answers with West Europe, too


def _size(target: Target, observed: Observed) -> str:
    found = observed.plan if observed.app else None
    wanted = target.plan or found or FLEX
    if (
        found is not None
        and wanted != found
        and not (observed.app and wanted.lower() == observed.app.plan.lower())
    ):
        raise DeploymentError(
            f"a function stays on its plan\n  wanted: --plan={found}\n  found:  --plan={wanted}\n"
            "Deploy under another --name or --stage there, or destroy it first"
        )
    if wanted not in (FLEX, *WITH_SLOTS) and not wanted.startswith("/subscriptions/"):
        raise DeploymentError(
            "--plan does not take this value\n"
            f"  wanted: {', '.join((FLEX, *WITH_SLOTS))}, or the id of a plan that is there\n  found:  {wanted!r}"
        )
    if wanted.startswith("/") and observed.plan not in WITH_SLOTS:
        raise DeploymentError(
            "a plan that is there is one with slots: one of Flex Consumption holds a single app, and leanfn makes it\n"
            f"  wanted: a plan of size {', '.join(WITH_SLOTS)}\n  found:  {observed.plan or 'none'} at {wanted}"
        )
    return wanted


def _auth(target: Target, observed: Observed) -> tuple[Auth, str | None]:
    live = observed.live
    auth: Auth = target.auth or (live.auth if live else "key")  # type: ignore[assignment]
    client = (target.client or (live.client if live else None)) if auth == "entra" else None
    if auth == "entra" and client is None:
        raise DeploymentError(
            "Entra asks for whom its tokens are\n  wanted: --entra-client=ID, of an app registration\n"
            "Make one: az ad app create --display-name NAME --query appId --output tsv"
        )
    return auth, client


def _settings(
    target: Target, settings: Mapping[str, str], flexible: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    put, drop = {HOME_PAGE: "true"}, []
    if not flexible:
        put |= {
            "FUNCTIONS_EXTENSION_VERSION": "~4",
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "SCM_DO_BUILD_DURING_DEPLOYMENT": "true",
            "ENABLE_ORYX_BUILD": "true",
        }
    if target.timeout is not None:
        put[TIMEOUT] = f"00:{target.timeout // 60:02}:{target.timeout % 60:02}"
    for name, value in ((API_KEY, target.api_key_sha256), (CORS, target.cors)):
        if value:
            put[name] = value
        elif value == "":
            drop.append(name)
    for given, deployed in (
        (target.env, {name: value for name, value in users_own(settings).items() if not is_reference(value)}),
        (
            target.references,
            {name: value for name, value in users_own(settings).items() if is_reference(value)},
        ),
    ):
        if given is not None:
            put |= given
            drop += [name for name in deployed if name not in given]
    drop = [name for name in drop if name not in put]  # one that becomes a secret, or none any more
    return put, tuple(drop)


def users_own(settings: Mapping[str, str]) -> dict[str, str]:
    """The variables that are neither the platform's nor ours."""
    return {name: value for name, value in settings.items() if not RESERVED.fullmatch(name)}
