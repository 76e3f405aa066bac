"""A request to a deployed function, as a caller makes it: over HTTP, with an identity token where it is closed."""

from __future__ import annotations

from urllib.parse import urlencode

from leanfn.errors import DeploymentError, Transient
from leanfn.http import Request, Response
from leanfn.platforms import GOOGLE

MARK = "x-request-id"  # on every answer of a function of ours, and on none of Google's front


def ask(url: str, request: Request, token: str | None, key: str | None = None) -> Response:
    """The function's answer, whatever its status.

    Raises Transient for what Google's front says while a revision, its address or a permission is not everywhere yet,
    DeploymentError for what it says for good.
    """
    import requests

    headers = dict(request.headers)
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if key is not None:
        headers["x-api-key"] = key
    query = f"?{urlencode(request.query)}" if request.query else ""
    try:
        response = requests.request(
            request.method,
            f"{url}{request.path}{query}",
            data=request.body,
            headers=headers,
            timeout=GOOGLE.timeout,
            allow_redirects=False,
        )
    except requests.exceptions.RequestException as error:
        raise Transient(f"{url} does not answer\n  found:  {str(error)[:300]}") from error
    found = Response(
        response.status_code,
        response.content,
        {name.lower(): text for name, text in response.headers.items()},
    )
    if MARK not in found.headers:
        _refuse(url, found)
    return found


def _refuse(url: str, found: Response) -> None:
    """An answer that is not the function's own is Google's front's."""
    said = found.body[:300].decode("utf-8", "replace").strip()
    if found.status == 401:
        raise DeploymentError(f"{url} does not take this identity\n  found:  401 {said}")
    if found.status == 403:
        raise Transient(
            f"{url} does not let these credentials call it\n"
            "Grant it: gcloud run services add-iam-policy-binding NAME --member=user:YOU --role=roles/run.invoker"
        )
    if found.status in (404, 429) or found.status >= 500:
        raise Transient(f"{url} is not ready\n  found:  {found.status} {said}")
