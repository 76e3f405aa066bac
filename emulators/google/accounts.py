"""Who there is and who may what: service accounts, secrets, policies, and the tokens that say who asks."""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HOUR = 3600
MAIL = "@{project}.iam.gserviceaccount.com"


class Accounts:
    """Accounts, secrets and policies of one emulated project, whose owner holds the key that is handed out."""

    def __init__(self, project: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.project = project
        self.owner = "owner" + MAIL.format(project=project)
        self.accounts: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, list[bytes]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._sign = secrets.token_bytes(32)
        self._tokens: set[str] = set()

    # Tokens

    def write_key(self, file: Path, endpoint: str) -> None:
        """A key file, as one downloads it for a service account."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        document = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": "emulated",
            "private_key": pem,
            "client_email": self.owner,
            "client_id": "1",
            "token_uri": f"{endpoint}/token",
        }
        file.touch(0o600)
        file.write_text(json.dumps(document), "utf-8")

    def token(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """An access token, or for an audience an identity token, to whoever signs with the key."""
        claims = self._signed_by_owner(form.get("assertion", ""))
        if claims is None:
            return None
        if audience := claims.get("target_audience"):
            return {"id_token": self._identity({"aud": audience, "email": claims["iss"]})}
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return {"access_token": token, "expires_in": HOUR, "token_type": "Bearer"}

    def knows(self, authorization: str) -> bool:
        """Whether a request to the control plane says who asks: with an access token, or a signature of its own.

        https://google.aip.dev/auth/4111
        """
        token = authorization.removeprefix("Bearer ")
        if token in self._tokens:
            return True
        claims = self._signed_by_owner(token)
        return claims is not None and bool(claims["exp"] > time.time())

    def _signed_by_owner(self, token: str) -> dict[str, Any] | None:
        """What a token claims that was signed with the key that was handed out."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        signed, _, signature = token.rpartition(".")
        try:
            self._key.public_key().verify(_unpack(signature), signed.encode(), PKCS1v15(), SHA256())
            claims: dict[str, Any] = json.loads(_unpack(signed.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return None
        return claims

    def reader(self, token: str, audience: str) -> str | None:
        """Whose identity token this is, if it is one, for this audience, and still good."""
        signed, _, signature = token.rpartition(".")
        try:
            if not hmac.compare_digest(_unpack(signature), self._mac(signed)):
                return None
            claims = json.loads(_unpack(signed.partition(".")[2]))
        except ValueError:
            return None
        good = claims["aud"] == audience and claims["exp"] > time.time()
        return str(claims["email"]) if good else None

    def _identity(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {"iss": "https://accounts.google.com", "iat": now, "exp": now + HOUR, **claims}
        parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signed = ".".join(map(_pack, parts))
        return f"{signed}.{_pack(self._mac(signed))}"

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self._sign, text.encode(), "sha256")

    # Policies

    def may(self, resource: str, role: str, email: str | None) -> bool:
        """Whether somebody has a role on a resource; the project's owner has every one, None is a stranger."""
        if email == self.owner:
            return True
        wanted = {"allUsers"} | ({f"serviceAccount:{email}", "allAuthenticatedUsers"} if email else set())
        bindings = self.policies.get(resource, {}).get("bindings", ())
        return any(each["role"] == role and wanted & set(each["members"]) for each in bindings)

    def get_policy(self, resource: str) -> dict[str, Any]:
        return self.policies.setdefault(resource, {"version": 1, "etag": _etag()})

    def set_policy(self, resource: str, policy: dict[str, Any]) -> dict[str, Any] | None:
        """The policy that is in force now; None when another change came between."""
        given = policy.get("etag", "").replace("-", "+").replace("_", "/")  # bytes in JSON have two alphabets
        if given not in ("", self.get_policy(resource)["etag"]):
            return None
        self.policies[resource] = {"version": 1, **policy, "etag": _etag()}
        return self.policies[resource]

    # Accounts and secrets

    def create_account(self, project: str, wanted: Mapping[str, Any]) -> dict[str, Any] | str:
        """The account that was made, or what is wrong with its name."""
        name = str(wanted.get("accountId", ""))
        if not re.fullmatch(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])", name):
            return "The account ID must be 6 to 30 lowercase letters, digits and hyphens"
        email = name + MAIL.format(project=project)
        given = wanted.get("serviceAccount", {})
        self.accounts[email] = {
            "name": f"projects/{project}/serviceAccounts/{email}",
            "projectId": project,
            "uniqueId": str(secrets.randbits(60)),
            "email": email,
            "description": given.get("description", ""),
            "displayName": given.get("displayName", ""),
        }
        return self.accounts[email]

    def secret(self, name: str, version: str, email: str) -> str | None:
        """A secret's value for an account that may read it."""
        values = self.secrets.get(name, [])
        number = len(values) if version == "latest" else int(version)
        if not 0 < number <= len(values) or not self.may(name, "roles/secretmanager.secretAccessor", email):
            return None
        return values[number - 1].decode()


def _etag() -> str:
    return base64.b64encode(secrets.token_bytes(6)).decode()


def _pack(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpack(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
