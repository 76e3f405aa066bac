"""What Microsoft Entra does for a client with a secret: tokens, each for one audience.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from .front import Call, Refused, Reply, say

LIFETIME = 3600  # seconds


class Tokens:
    """base: the URL it is reached under, known once it listens."""

    def __init__(self, tenant: str, client: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.tenant = tenant
        self.client = client
        self.secret = secret
        self.base = ""
        self._clock = clock
        self._given: dict[str, tuple[str, float]] = {}

    def answer(self, call: Call) -> Reply | None:
        """None for what is not asked of it."""
        if call.path.lower() == f"/{self.tenant}/v2.0/.well-known/openid-configuration":
            here = f"{self.base}/{self.tenant}"
            return say(
                200,
                {
                    "issuer": f"{here}/v2.0",
                    "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{here}/oauth2/v2.0/token",
                },
            )
        if call.path.lower() != f"/{self.tenant}/oauth2/v2.0/token":
            return None
        form = dict(parse_qsl(call.body.decode()))
        if (form.get("client_id"), form.get("client_secret")) != (self.client, self.secret):
            return say(
                401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret"}
            )
        token = secrets.token_urlsafe(32)
        self._given[token] = (form["scope"].removesuffix("/.default"), self._clock() + LIFETIME)
        return say(200, {"token_type": "Bearer", "expires_in": LIFETIME, "access_token": token})

    def holds(self, call: Call, audience: str) -> bool:
        """Whether a call has a token for this audience that is still good."""
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        found, until = self._given.get(token, ("", 0.0))
        return found == audience and until > self._clock()

    def check(self, call: Call) -> None:
        """Refuse a call to Resource Manager, or to a deployment service, without a token."""
        if not self.holds(call, self.base):
            raise Refused(
                401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
