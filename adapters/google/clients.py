"""Google's own clients, for Google itself or for the cloud that is emulated on this machine.

Functions and Cloud Run have client libraries; service accounts, secrets' policies and log entries are five calls, made
as the plain REST that they are. All goes over REST, so that one transport is tested and used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leanfn.errors import DeploymentError

from .errors import NO_IDENTITY, told

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
SECONDS = 60.0  # for one answer
HOSTS = {
    "run": "https://run.googleapis.com/v2",
    "iam": "https://iam.googleapis.com/v1",
    "secretmanager": "https://secretmanager.googleapis.com/v1",
    "logging": "https://logging.googleapis.com/v2",
}


@dataclass(frozen=True, slots=True)
class Clients:
    """One project and region. session: makes plain calls; hosts: where the plain calls go."""

    project: str
    region: str
    credentials: Any
    functions: Any
    services: Any
    revisions: Any
    session: Any
    hosts: Mapping[str, str]
    emulated: bool = False

    # Reads, which change nothing: None for what is not there.

    def get_function(self, name: str) -> Any:
        return self._found(lambda: self.functions.get_function(name=name, timeout=SECONDS))

    def get_service(self, name: str) -> Any:
        return self._found(lambda: self.services.get_service(name=name, timeout=SECONDS))

    def list_revisions(self, service: str) -> list[Any]:
        """Newest first."""
        with told(self.project):
            return list(self.revisions.list_revisions(parent=service, timeout=SECONDS))

    def list_pythons(self, parent: str) -> set[str]:
        """The runtimes of Python that a region offers."""
        with told(self.project):
            found = self.functions.list_runtimes(parent=parent, timeout=SECONDS)
        return {each.name for each in found.runtimes if each.name.startswith("python")}

    def get_account(self, project: str, address: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._found(
            lambda: self.plain("GET", "iam", f"projects/{project}/serviceAccounts/{address}")
        )
        return found

    def find_policy(self, host: str, resource: str) -> dict[str, Any] | None:
        """Who may do what with a service or a secret."""
        found: dict[str, Any] | None = self._found(
            lambda: self.plain("GET", host, f"{resource}:getIamPolicy")
        )
        return found

    def entries(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A page of log entries."""
        with told(self.project):
            found: Mapping[str, Any] = self.plain("POST", "logging", "entries:list", body)
        return found

    def plain(self, method: str, host: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One REST call; it raises as the client libraries do."""
        from google.api_core.exceptions import from_http_response

        response = self.session.request(method, f"{self.hosts[host]}/{path}", json=body, timeout=SECONDS)
        if response.status_code >= 400:
            raise from_http_response(response)
        return response.json()

    def _found(self, read: Callable[[], Any]) -> Any:
        from google.api_core.exceptions import NotFound

        with told(self.project):
            try:
                return read()
            except NotFound:
                return None

    def identity_token(self, audience: str) -> str:
        """A token that says who calls, for one audience: a service's own address, whatever tag is asked for.

        https://cloud.google.com/run/docs/authenticating/service-to-service
        """
        with told(self.project):
            return _identity_token(self.credentials, audience)


def open_clients(project: str | None, region: str | None, settings: Mapping[str, str] | None) -> Clients:
    """Clients for Google, or with settings for the emulated cloud; DeploymentError when something is missing."""
    try:
        import google.auth
        from google.api_core.client_options import ClientOptions
        from google.auth.transport.requests import AuthorizedSession
        from google.cloud.functions_v2 import FunctionServiceClient
        from google.cloud.run_v2.services.revisions import RevisionsClient
        from google.cloud.run_v2.services.services import ServicesClient
        from google.oauth2 import service_account
    except ImportError as error:
        raise DeploymentError(
            f"Google's libraries are not all installed: {error.name}\nInstall them: pip install 'leanfn[google]'"
        ) from None
    settings = settings or {}
    with told(project or "PROJECT"):
        if settings:
            credentials = service_account.Credentials.from_service_account_file(
                settings["credentials"], scopes=SCOPES
            )
            found = credentials.project_id
        else:
            credentials, found = google.auth.default(scopes=SCOPES)
    project, region = project or found, region or settings.get("region")
    for value, flag, example in ((project, "project", "my-project"), (region, "region", "europe-west1")):
        if not value:
            raise DeploymentError(
                f"no {flag} is named\n  wanted: --{flag}={example}, or {flag} in [tool.leanfn.google]"
            )
    endpoint = settings.get("endpoint")
    given = {
        "credentials": credentials,
        "transport": "rest",
        "client_options": ClientOptions(api_endpoint=endpoint) if endpoint else None,
    }
    return Clients(
        project=str(project),
        region=str(region),
        credentials=credentials,
        functions=FunctionServiceClient(**given),
        services=ServicesClient(**given),
        revisions=RevisionsClient(**given),
        session=AuthorizedSession(credentials),
        hosts={
            name: f"{endpoint}/{url.rpartition('/')[2]}" if endpoint else url for name, url in HOSTS.items()
        },
        emulated=bool(endpoint),
    )


def _identity_token(credentials: Any, audience: str) -> str:
    """From whatever kind of credentials there is: a key, an impersonated account, a machine's, a person's."""
    from google.auth import compute_engine, impersonated_credentials
    from google.auth.transport.requests import Request
    from google.oauth2 import service_account

    request = Request()
    token: Any
    if isinstance(credentials, service_account.Credentials):
        token = service_account.IDTokenCredentials(
            credentials.signer,
            credentials.service_account_email,
            credentials._token_uri,
            target_audience=audience,
        )
    elif isinstance(credentials, impersonated_credentials.Credentials):
        token = impersonated_credentials.IDTokenCredentials(
            credentials, target_audience=audience, include_email=True
        )
    elif isinstance(credentials, compute_engine.Credentials):
        token = compute_engine.IDTokenCredentials(request, audience, use_metadata_identity_endpoint=True)
    else:
        credentials.refresh(request)  # a person's token names no audience, and Cloud Run asks none of it
        if not getattr(credentials, "id_token", None):
            raise DeploymentError(NO_IDENTITY.format(kind=type(credentials).__name__))
        return str(credentials.id_token)
    token.refresh(request)
    return str(token.token)
