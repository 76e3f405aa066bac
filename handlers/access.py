"""Who may call, and from which page: an optional API key, and cross-origin requests (CORS), off unless asked for.

One owner: where the platform adds CORS headers of its own, leave it off here, since browsers refuse doubled ones.
"""

from __future__ import annotations

from leanfn.http import Refused, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from leanfn.http import Request

OPEN_PATHS = ("/health", "/v2/health/live", "/v2/health/ready")  # a load balancer has no key
EXPOSED = "x-model-version, x-request-id"
MAX_AGE = "7200"  # seconds; the most that Chromium keeps


class Access:
    """LEANFN_API_KEY_SHA256: hex digests of the keys that open the function, with commas (two while keys change).

    LEANFN_CORS: the origins whose pages may call it, with commas, or *.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._digests = _listed(environ.get("LEANFN_API_KEY_SHA256", "").lower())
        self._origins = _listed(environ.get("LEANFN_CORS", ""))

    def check(self, request: Request) -> None:
        """Refuse a caller without a key, where there is one."""
        if not self._digests or request.authorized or request.path in OPEN_PATHS:
            return
        if not self._has_key(request.headers):
            headers = {"www-authenticate": 'ApiKey header="x-api-key"'}
            raise Refused(401, "this function wants a key", "send it as the header x-api-key", headers)

    def _has_key(self, headers: Mapping[str, str]) -> bool:
        from _operator import _compare_digest as same  # constant time; hmac would load OpenSSL for it

        from leanfn.digests import sha256_hex

        found = sha256_hex(headers.get("x-api-key", "").encode("utf-8", "replace"))
        return any(same(found, digest) for digest in self._digests)

    def preflight(self, request: Request, allowed: str) -> Response:
        """The answer to OPTIONS: what the page takes, and for a browser that asks before it calls, what it may send."""
        headers = {
            "allow": allowed,
            "content-type": "text/plain; charset=utf-8",
        }  # else each cloud adds one of its own
        if self._origins and "access-control-request-method" in request.headers:
            headers["access-control-allow-methods"] = allowed
            headers["access-control-allow-headers"] = "content-type, traceparent, x-api-key"
            headers["access-control-max-age"] = MAX_AGE
        return Response(200, b"", headers)

    def mark(self, request: Request, headers: dict[str, str]) -> None:
        """Add what lets a page of another origin read the answer, errors too."""
        if not self._origins:
            return
        origin = request.headers.get("origin", "")
        if "*" in self._origins:
            headers["access-control-allow-origin"] = "*"
        else:
            headers["vary"] = "origin"
            if origin not in self._origins:
                return
            headers["access-control-allow-origin"] = origin
        headers["access-control-expose-headers"] = EXPOSED


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
