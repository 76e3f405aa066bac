"""Calls a deployed function over HTTPS, as its callers do."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPSHandler, build_opener
from urllib.request import Request as Call

from leanfn.errors import Transient
from leanfn.http import Request, Response
from leanfn.platforms import AZURE

STARTING = (404, 502, 503, 504)  # what a host answers that has not read its new package yet
VERSION_HEADER = "x-model-version"


@dataclass(frozen=True, slots=True)
class Asked:
    """A function at a host. headers: what opens it."""

    host: str
    headers: Mapping[str, str]
    trust: ssl.SSLContext

    def __call__(self, request: Request) -> Response:
        """Raises Transient when nobody answers."""
        query = f"?{urlencode(request.query)}" if request.query else ""
        url = f"https://{self.host}{request.path}{query}"
        body = request.body if request.method not in ("GET", "HEAD") else None
        call = Call(url, body, {**request.headers, **self.headers}, method=request.method)
        opener = build_opener(HTTPSHandler(context=self.trust))
        try:
            with opener.open(call, timeout=AZURE.timeout) as found:
                return _response(found.status, dict(found.headers), found.read())
        except HTTPError as error:
            return _response(error.code, dict(error.headers), error.read())
        except (URLError, OSError) as error:
            raise Transient(f"{self.host} cannot be reached: {error}") from error

    def fresh(self, version: str) -> Asked:
        """The same, for a version that was just published."""
        return _Fresh(self.host, self.headers, self.trust, version)


@dataclass(frozen=True, slots=True)
class _Fresh(Asked):
    version: str = ""

    def __call__(self, request: Request) -> Response:
        response = Asked.__call__(self, request)
        if response.status in STARTING:
            raise Transient(f"{self.host} answers {response.status}: the host is starting")
        found = response.headers.get(VERSION_HEADER, self.version)
        if found != self.version:
            raise Transient(f"{self.host} still answers with {found}")
        return response


def _response(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    return Response(status, body, {name.lower(): value for name, value in headers.items()})
