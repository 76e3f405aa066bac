"""The calls that change something on Google, by Google's own names for them. Each may be made twice.

A call whose answer was lost is made again: so it looks first whether what it wants is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from leanfn.errors import CertificateError, DeploymentError, Transient
from leanfn.platforms import GOOGLE

from ..execute import Call
from . import traffic
from .ask import ask
from .clients import SECONDS, Clients
from .errors import told
from .observe import ACCESSOR, ACCOUNT_MARK, read_shares, short
from .target import LABEL_DEPLOYMENT

POLL = 1.0  # seconds between two looks at what goes on by itself
Arguments = Mapping[str, Any]
Given = Mapping[str, Any] | None


def calls(clients: Clients, key: str | None = None) -> dict[str, Call]:
    """The table that a plan's steps are looked up in. key: of the function, for its probe; no step ever holds it."""

    def telling(call: Callable[[Clients, Arguments], Given]) -> Call:
        def made(arguments: Arguments) -> Given:
            with told(clients.project):
                return call(clients, arguments)

        return made

    probe = telling(lambda clients, arguments: _probe(clients, arguments, key))
    return {"probe": probe, **{name: telling(call) for name, call in TABLE.items()}}


def _create_account(clients: Clients, arguments: Arguments) -> None:
    project, account = arguments["project"], arguments["account"]
    if clients.get_account(project, account) is None:
        clients.plain(
            "POST",
            "iam",
            f"projects/{project}/serviceAccounts",
            {
                "accountId": account.partition("@")[0],
                "serviceAccount": {"description": ACCOUNT_MARK + arguments["function"]},
            },
        )


def _delete_account(clients: Clients, arguments: Arguments) -> None:
    project, account = arguments["project"], arguments["account"]
    if clients.get_account(project, account) is not None:
        clients.plain("DELETE", "iam", f"projects/{project}/serviceAccounts/{account}")


def _bind_secret(clients: Clients, arguments: Arguments) -> None:
    _bind(clients, "secretmanager", arguments["secret"], ACCESSOR, arguments["member"], arguments["grant"])


def _bind_service(clients: Clients, arguments: Arguments) -> None:
    _bind(clients, "run", arguments["service"], arguments["role"], arguments["member"], arguments["grant"])


def _bind(clients: Clients, host: str, resource: str, role: str, member: str, grant: bool) -> None:
    """Add or remove one member of one role; what else the policy says stays, and its etag sees to others' changes."""
    policy = clients.find_policy(host, resource) or {}
    bindings = [dict(binding) for binding in policy.get("bindings", ())]
    own = next((each for each in bindings if each["role"] == role and not each.get("condition")), None)
    if grant == (own is not None and member in own["members"]):
        return
    if grant and own is None:
        bindings.append({"role": role, "members": [member]})
    elif own is not None:
        kept = [each for each in own["members"] if each != member]
        own["members"] = [*kept, member] if grant else kept
    policy["bindings"] = [binding for binding in bindings if binding["members"]]
    clients.plain("POST", host, f"{resource}:setIamPolicy", {"policy": policy})


def _upload(clients: Clients, arguments: Arguments) -> Given:
    """A place for the source, and the source into it; the address is its own permission."""
    import requests
    from google.api_core.exceptions import from_http_response

    place = clients.functions.generate_upload_url(
        request={"parent": arguments["parent"]}, timeout=SECONDS, retry=None
    )
    response = requests.put(
        place.upload_url,
        data=Path(arguments["archive"]).read_bytes(),
        headers={"content-type": "application/zip"},
        timeout=SECONDS,
    )
    if response.status_code >= 400:
        raise from_http_response(response)
    source = place.storage_source
    return {"bucket": source.bucket, "object": source.object_, "generation": source.generation}


def _create_function(clients: Clients, arguments: Arguments) -> Given:
    if (made := _is_made(clients, arguments)) is not None:
        return made
    parent, _, name = arguments["function"].rpartition("/functions/")
    operation = clients.functions.create_function(
        request={"parent": parent, "function_id": name, "function": _function(arguments)},
        timeout=SECONDS,
        retry=None,
    )
    return {"operation": operation.operation.name}


def _update_function(clients: Clients, arguments: Arguments) -> Given:
    if (made := _is_made(clients, arguments)) is not None:
        return made
    operation = clients.functions.update_function(
        request={"function": _function(arguments), "update_mask": {"paths": arguments["mask"]}},
        timeout=SECONDS,
        retry=None,
    )
    return {"operation": operation.operation.name}


def _is_made(clients: Clients, arguments: Arguments) -> Given:
    """What an earlier try of this very deployment began, if its answer was lost."""
    found = clients.get_function(arguments["function"])
    if found is None or found.labels.get(LABEL_DEPLOYMENT) != arguments["labels"][LABEL_DEPLOYMENT]:
        return None
    return {"operation": ""}


def _function(arguments: Arguments) -> Any:
    """The message of a function; a field that is not set keeps its default, or is not in the mask."""
    from google.cloud.functions_v2 import types

    settings = arguments["settings"]
    build = types.BuildConfig(
        runtime=f"python{settings['python'].replace('.', '')}", entry_point=GOOGLE.entry_name
    )
    if source := arguments.get("source"):
        build.source = types.Source(
            storage_source=types.StorageSource(
                bucket=source["bucket"], object_=source["object"], generation=source["generation"]
            )
        )
    project = arguments["function"].split("/")[1]
    memory = settings["memory"]
    service = types.ServiceConfig(
        service_account_email=settings["account"],
        available_memory=f"{memory}Mi" if memory else "",
        timeout_seconds=settings["timeout"] or 0,
        available_cpu=settings["cpu"] or "",
        max_instance_request_concurrency=settings["concurrency"] or 0,
        min_instance_count=settings["min_instances"] or 0,
        max_instance_count=settings["max_instances"] or 0,
        environment_variables=settings["env"],
        secret_environment_variables=[
            types.SecretEnvVar(
                key=key,
                project_id=project,
                secret=text.partition(":")[0],
                version=text.partition(":")[2],
            )
            for key, text in settings["secrets"].items()
        ],
        ingress_settings=types.ServiceConfig.IngressSettings.ALLOW_ALL,
        all_traffic_on_latest_revision=False,
    )
    return types.Function(
        name=arguments["function"],
        environment=types.Environment.GEN_2,
        build_config=build,
        service_config=service,
        labels=arguments["labels"],
    )


def _ready(clients: Clients, arguments: Arguments) -> Given:
    """Wait for a build and its start; without an operation's name the function itself says how it is."""
    if arguments["operation"]:
        operation = clients.functions.get_operation(
            {"name": arguments["operation"]}, timeout=SECONDS, retry=None
        )
        if not operation.done:
            raise Transient("it is being built", after=POLL)
        if operation.error.code:
            raise DeploymentError(
                f"it was not built, or does not start\n{_last_lines(operation.error.message)}"
            )
    function = clients.get_function(arguments["function"])
    state = function.state.name if function is not None else "gone"
    if state == "DEPLOYING":
        raise Transient("it is being built", after=POLL)
    if state != "ACTIVE":
        said = "\n".join(each.message for each in function.state_messages) if function is not None else ""
        raise DeploymentError(f"it is {state}\n{_last_lines(said)}")
    return {"revision": short(function.service_config.revision), "url": function.service_config.uri}


def _last_lines(text: str, count: int = 12) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:])


def _delete_function(clients: Clients, arguments: Arguments) -> Given:
    function = clients.get_function(arguments["function"])
    if function is None:
        return None
    if function.state.name != "DELETING":
        clients.functions.delete_function(name=arguments["function"], timeout=SECONDS, retry=None)
    if clients.get_function(arguments["function"]) is not None:
        raise Transient("it is being deleted", after=POLL)
    return None


def _set_shares(clients: Clients, arguments: Arguments) -> Given:
    """Change who gets which traffic, if nobody else has; the etag holds what was looked at.

    The template stays out of the message: Cloud Functions names its revisions, and a template that comes back with
    such a name is refused as a second revision of that name.
    """
    from google.api_core.exceptions import Aborted, Conflict, FailedPrecondition
    from google.cloud.run_v2 import types

    service = clients.get_service(arguments["service"])
    if service is None:
        raise DeploymentError(f"there is no Cloud Run service {arguments['service']}")
    goal, expected = traffic.read(arguments["traffic"]), traffic.read(arguments["expected"])
    now, floating = read_shares(service)
    if not floating and sorted(map(str, now)) == sorted(map(str, goal)):
        return _addresses(service)
    newest = short(service.latest_created_revision)
    if not traffic.same(now, expected) or (arguments["newest"] and arguments["newest"] != newest):
        raise DeploymentError(
            "another deployment changed it meanwhile\n"
            f"  wanted: {_said(expected)}, newest {arguments['newest'] or 'any'}\n"
            f"  found:  {_said(now)}, newest {newest}\n"
            "Run the same command again, when the other has ended"
        )
    named = types.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
    changed = types.Service(
        name=service.name,
        etag=service.etag,
        traffic=[
            types.TrafficTarget(type_=named, revision=each.revision, percent=each.percent, tag=each.tag)
            for each in goal
        ],
    )
    try:
        clients.services.update_service(
            request={"service": changed, "update_mask": {"paths": ["traffic"]}}, timeout=SECONDS, retry=None
        )
    except (Aborted, Conflict, FailedPrecondition) as error:
        raise Transient("it was changed while it was looked at") from error
    service = clients.get_service(arguments["service"])
    if service.reconciling or not _are_served(service, goal):
        raise Transient("the traffic is being moved", after=POLL)
    return _addresses(service)


def _are_served(service: Any, goal: traffic.Shares) -> bool:
    """Whether the shares that were asked for are the ones that are in force, each tag with its address."""
    served = {(each.revision, each.percent, each.tag) for each in service.traffic_statuses}
    return all((each.revision, each.percent, each.tag) in served for each in goal)


def _addresses(service: Any) -> dict[str, str]:
    by_tag = {each.tag: each.uri for each in service.traffic_statuses if each.tag}
    return {"url": by_tag.get(traffic.NEXT, service.uri), "audience": service.uri}


def _said(shares: traffic.Shares) -> str:
    return ", ".join(f"{each.revision} {each.percent} %" for each in shares if each.percent)


def _probe(clients: Clients, arguments: Arguments, key: str | None) -> None:
    """The artifact's own examples, asked of the new revision before anybody reaches it."""
    from leanfn import load
    from leanfn.replay import replay

    token = clients.identity_token(arguments["audience"])
    try:
        replay(load(arguments["artifact"]), lambda request: ask(arguments["url"], request, token, key))
    except CertificateError as error:
        raise DeploymentError(
            f"the new revision failed its probe, and nothing was sent to it\n{error}"
        ) from error


TABLE: dict[str, Callable[[Clients, Arguments], Given]] = {
    "iam.serviceAccounts.create": _create_account,
    "iam.serviceAccounts.delete": _delete_account,
    "secretmanager.secrets.setIamPolicy": _bind_secret,
    "cloudfunctions.functions.generateUploadUrl": _upload,
    "cloudfunctions.functions.create": _create_function,
    "cloudfunctions.functions.patch": _update_function,
    "cloudfunctions.operations.get": _ready,
    "cloudfunctions.functions.delete": _delete_function,
    "run.services.patch": _set_shares,
    "run.services.setIamPolicy": _bind_service,
}
