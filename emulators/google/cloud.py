"""The whole of it: one state, its routes, and the server that callers reach."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .accounts import Accounts
from .entries import Entries
from .functions import CloudFunctions
from .instances import FunctionsFramework, Runtime
from .rest import Fault, Route, aborted, exists, handler, invalid, not_found, proto
from .run import CloudRun

PROJECT, REGION = "emulated", "us-central1"
LOCATION = r"projects/[^/]+/locations/[^/]+"


class Cloud:
    """One emulated project. strict: callers say who they are, as everywhere but in the tests of other tools."""

    def __init__(
        self,
        folder: Path,
        *,
        runtime: Runtime | None = None,
        called: Callable[[], None] = lambda: None,
        fault: Fault | None = None,
        strict: bool = True,
    ) -> None:
        runtime = runtime or FunctionsFramework()
        self.accounts = Accounts(PROJECT)
        self.entries = Entries()

        def log(service: str, revision: str, line: str) -> None:
            called()
            self.entries.add(service, revision, line)

        self.run = CloudRun(self.accounts, runtime, log)
        self.functions = CloudFunctions(folder, self.accounts, self.run, runtime)
        knows = self.accounts.knows if strict else lambda _: True
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), handler(self._routes(), knows, called, fault or Fault())
        )
        self._server.daemon_threads = True
        self.endpoint = self.functions.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        key = folder / "credentials.json"
        self.accounts.write_key(key, self.endpoint)
        self.settings = {"endpoint": self.endpoint, "region": REGION, "credentials": str(key)}
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.functions.close()
        for name in list(self.run.services):
            self.run.delete(name)

    def _routes(self) -> list[Route]:
        return [
            Route("POST", "/token", self._token),
            Route("PUT", "/upload/(?P<name>[^/]+)", self._upload),
            *self._function_routes(),
            *self._run_routes(),
            *self._account_routes(),
            *self._other_routes(),
        ]

    def _function_routes(self) -> list[Route]:
        from google.cloud import functions_v2 as types

        all_functions = self.functions
        one = f"/v2/(?P<name>{LOCATION}/functions/[^/:]+)"
        create = proto(types.CreateFunctionRequest, all_functions.create, "function")
        many = f"/v2/(?P<parent>{LOCATION})"

        def named(groups: Mapping[str, str], query: Mapping[str, str], document: Any) -> Any:
            return create(groups, {"function_id": query.get("functionId", "")}, document)

        update = proto(types.UpdateFunctionRequest, all_functions.update, "function")
        operation = f"/v2/(?P<name>{LOCATION}/operations/[^/]+)"
        return [
            Route(
                "POST",
                f"{many}/functions:generateUploadUrl",
                proto(types.GenerateUploadUrlRequest, all_functions.upload_url, "*"),
            ),
            Route("POST", f"{many}/functions", named),
            Route("GET", f"{many}/functions", proto(types.ListFunctionsRequest, all_functions.list)),
            Route("GET", f"{many}/runtimes", proto(types.ListRuntimesRequest, all_functions.runtimes)),
            Route("GET", one, proto(types.GetFunctionRequest, all_functions.get)),
            Route("DELETE", one, proto(types.DeleteFunctionRequest, all_functions.delete)),
            Route("PATCH", one.replace("<name>", "<function__name>"), update),
            Route("GET", operation, lambda groups, *_: all_functions.get_operation(groups["name"])),
        ]

    def _run_routes(self) -> list[Route]:
        from google.cloud import run_v2
        from google.longrunning.operations_pb2 import Operation

        one = f"(?P<name>{LOCATION}/services/[^/:]+)"

        def update(request: Any) -> Any:
            service = self.run.update(request.service, list(request.update_mask.paths))
            done = Operation(name=f"{service.name.partition('/services/')[0]}/operations/x", done=True)
            done.response.Pack(run_v2.Service.pb(service))
            return done

        def revisions(request: Any) -> Any:
            return run_v2.ListRevisionsResponse(revisions=self.run.list_revisions(request.parent))

        def exists(name: str) -> bool:
            return name in self.run.services

        changed = one.replace("<name>", "<service__name>")
        return [
            Route("GET", f"/v2/{one}", lambda groups, *_: self.run.get(groups["name"])),
            Route("PATCH", f"/v2/{changed}", proto(run_v2.UpdateServiceRequest, update, "service")),
            Route(
                "GET",
                f"/v2/{one.replace('<name>', '<parent>')}/revisions",
                proto(run_v2.ListRevisionsRequest, revisions),
            ),
            *self._policy_routes(f"/v[12]/{one}", exists),
        ]

    def _account_routes(self) -> list[Route]:
        accounts = self.accounts
        email = r"/v1/projects/(?P<project>[^/]+)/serviceAccounts/(?P<email>[^/:]+)"

        def create(groups: Mapping[str, str], _: Any, document: Any) -> Any:
            wanted = f"{document.get('accountId')}@{groups['project']}.iam.gserviceaccount.com"
            if wanted in accounts.accounts:
                raise exists(f"Service account {document['accountId']} already exists")
            made = accounts.create_account(groups["project"], document)
            if isinstance(made, str):
                raise invalid(made)
            return made

        def get(groups: Mapping[str, str], *_: Any) -> Any:
            if groups["email"] not in accounts.accounts:
                raise not_found(f"Unknown service account: {groups['email']}")
            return accounts.accounts[groups["email"]]

        def delete(groups: Mapping[str, str], *_: Any) -> Any:
            get(groups)
            del accounts.accounts[groups["email"]]
            return {}

        def secret(groups: Mapping[str, str], query: Mapping[str, str], _: Any) -> Any:
            name = f"{groups['parent']}/secrets/{query['secretId']}"
            if name in accounts.secrets:
                raise exists(f"Secret [{name}] already exists.")
            accounts.secrets[name] = []
            return {"name": name}

        def version(groups: Mapping[str, str], _: Any, document: Any) -> Any:
            import base64

            if groups["name"] not in accounts.secrets:
                raise not_found(f"Secret [{groups['name']}] not found.")
            versions = accounts.secrets[groups["name"]]
            versions.append(base64.b64decode(document["payload"]["data"]))
            return {"name": f"{groups['name']}/versions/{len(versions)}", "state": "ENABLED"}

        return [
            Route("POST", r"/v1/projects/(?P<project>[^/]+)/serviceAccounts", create),
            Route("GET", email, get),
            Route("DELETE", email, delete),
            Route("POST", r"/v1/(?P<parent>projects/[^/]+)/secrets", secret),
            Route("POST", r"/v1/(?P<name>projects/[^/]+/secrets/[^/:]+):addVersion", version),
            *self._policy_routes(
                r"/v1/(?P<name>projects/[^/]+/secrets/[^/:]+)", accounts.secrets.__contains__
            ),
        ]

    def _policy_routes(self, path: str, exists: Callable[[str], bool]) -> list[Route]:
        def checked(groups: Mapping[str, str]) -> str:
            if not exists(groups["name"]):
                raise not_found(f"Resource [{groups['name']}] was not found")
            return groups["name"]

        def put(groups: Mapping[str, str], _: Any, document: Any) -> Any:
            policy = self.accounts.set_policy(checked(groups), document["policy"])
            if policy is None:
                raise aborted(
                    "There were concurrent policy changes. Please retry the whole read-modify-write."
                )
            return policy

        return [
            Route(
                "GET", f"{path}:getIamPolicy", lambda groups, *_: self.accounts.get_policy(checked(groups))
            ),
            Route("POST", f"{path}:setIamPolicy", put),
        ]

    def _other_routes(self) -> list[Route]:
        """Log entries, and what Google's own tool asks before it deploys: is the service enabled, who builds."""
        builder = "1-compute@developer.gserviceaccount.com"
        project = {"projectNumber": "1", "lifecycleState": "ACTIVE"}
        policy = {
            "bindings": [
                {"role": "roles/cloudbuild.builds.builder", "members": [f"serviceAccount:{builder}"]}
            ]
        }
        return [
            Route("POST", "/v2/entries:list", self._entries),
            Route(
                "GET",
                r"/v1/(?P<project>projects/[^/]+)/services/(?P<service>[^/:]+)",
                lambda groups, *_: {
                    "name": f"{groups['project']}/services/{groups['service']}",
                    "state": "ENABLED",
                    "config": {"name": groups["service"]},
                },
            ),
            Route(
                "GET",
                rf"/v1/(?P<parent>{LOCATION})/defaultServiceAccount",
                lambda groups, *_: {
                    "name": f"{groups['parent']}/defaultServiceAccount",
                    "serviceAccountEmail": f"projects/1/serviceAccounts/{builder}",
                },
            ),
            Route(
                "GET",
                r"/v1/projects/(?P<id>[^/:]+)",
                lambda groups, *_: {"projectId": groups["id"], **project},
            ),
            Route("POST", r"/v1/projects/[^/:]+:getIamPolicy", lambda *_: policy),
        ]

    def _token(self, _: Any, __: Any, form: Any) -> Any:
        found = self.accounts.token(form)
        if found is None:
            raise invalid("invalid_grant: Invalid JWT Signature.")
        return found

    def _upload(self, groups: Mapping[str, str], _: Any, body: Any) -> Any:
        if groups["name"] not in self.functions.objects:
            raise not_found("No such object")
        self.functions.objects[groups["name"]] = body
        return {}

    def _entries(self, _: Any, __: Any, document: Any) -> Any:
        page = self.entries.find(
            document.get("filter", ""), int(document.get("pageSize", 50)), document.get("pageToken", "")
        )
        if page is None:
            raise invalid("Unparseable filter")
        return page


@contextmanager
def open_cloud(called: Callable[[], None]) -> Iterator[Mapping[str, str]]:
    """The cloud while it runs, and the settings for its clients."""
    with tempfile.TemporaryDirectory(prefix="leanfn-google-") as folder:
        cloud = Cloud(Path(folder), called=called)
        try:
            yield cloud.settings
        finally:
            cloud.close()
