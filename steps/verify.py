"""Replay the certificate of an artifact: here, or asked of a function that runs somewhere."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from leanfn import cli
from leanfn.errors import CertificateError, UsageError
from leanfn.http import Request, Response

PATIENCE = 70.0  # seconds for one answer: a cold start, and the clouds' own timeouts
Sign = Callable[[str, dict[str, str], bytes], None]


def verify(
    artifact: Path,
    *,
    url: str | None = None,
    api_key: str | None = None,
    authorization: str | None = None,
    function_key: str | None = None,
    sign: str | None = None,
) -> None:
    """Replay an artifact's examples and compare with the original's answers.

    Args:
        artifact: its folder
        url: the address of a function that is to be asked, in place of the artifact itself
        api_key: the function's own key, sent as x-api-key
        authorization: sent as it is, such as "Bearer TOKEN" of Google's identity tokens
        function_key: of Azure's host, sent as x-functions-key
        sign: the region of a Lambda function that only signed requests reach; with AWS's own credentials
    """
    import leanfn

    loaded = leanfn.load(artifact)
    if url is None:
        proof, where = loaded.verify(), str(loaded.path)
    else:
        from leanfn.replay import replay

        keys = {"x-api-key": api_key, "authorization": authorization, "x-functions-key": function_key}
        headers = {name: value for name, value in keys.items() if value is not None}
        proof = replay(loaded, _ask(_base(url), headers, _signer(sign) if sign else None))
        where = url
    print(f"{where}: version {loaded.version} answers as the original does ({proof.summary()})")


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"--url is a function's address\n  wanted: https://… or http://…\n  found:  {url[:200]!r}"
        )
    return url.rstrip("/")


def _ask(base: str, headers: dict[str, str], sign: Sign | None) -> Callable[[Request], Response]:
    def ask(request: Request) -> Response:
        query = f"?{urlencode(request.query)}" if request.query else ""
        address = f"{base}{request.path}{query}"
        sent = {**request.headers, **headers}
        if sign is not None:
            sign(address, sent, request.body)
        try:
            call = urllib.request.Request(address, request.body, sent, method=request.method)
            with urllib.request.urlopen(call, timeout=PATIENCE) as found:
                return Response(
                    found.status, found.read(), {key.lower(): value for key, value in found.headers.items()}
                )
        except urllib.error.HTTPError as error:
            body = error.read()
            if error.code in (401, 403):
                raise CertificateError(_closed(base, error.code, body)) from None
            return Response(error.code, body, {key.lower(): value for key, value in error.headers.items()})
        except (OSError, ValueError) as error:
            raise CertificateError(f"{base} does not answer\n  said: {error}") from None

    return ask


def _closed(base: str, status: int, body: bytes) -> str:
    said = body[:300].decode("utf-8", "replace")
    return (
        f"{base} does not let this caller in\n  status: {status}\n  said:   {said}\n"
        "Send the function's own key with --api-key, a token with --authorization='Bearer …', Azure's key with "
        "--function-key, or sign for AWS with --sign=REGION"
    )


def _signer(region: str) -> Sign:
    """Signs requests to Lambda with the credentials that AWS's own tools would take."""
    try:
        import boto3
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
    except ImportError:
        raise UsageError(
            "--sign needs boto3, which is not installed\nInstall it: pip install 'leanfn[aws]'"
        ) from None
    credentials = boto3.Session().get_credentials()
    if credentials is None:
        raise UsageError(
            "--sign needs AWS's credentials, in the environment or in a profile\nSign in with 'aws configure' or 'aws sso login'"
        )

    def sign(address: str, headers: dict[str, str], body: bytes) -> None:
        signed = AWSRequest("POST", address, data=body, headers=headers)
        SigV4Auth(credentials.get_frozen_credentials(), "lambda", region).add_auth(signed)
        headers.update(signed.headers.items())

    return sign


if __name__ == "__main__":
    raise SystemExit(cli.run(verify, name="verify.py"))
