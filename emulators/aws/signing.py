"""Whether a request was signed with a key's secret (Signature Version 4), as whoever receives it finds out.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .account import SECRET


def signer(method: str, url: str, headers: Mapping[str, str], body: bytes, region: str) -> str | None:
    """The access key that signed a request to Lambda in this region, if the signature is right; lower-case headers."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)",
        headers.get("authorization", ""),
    )
    if found is None:
        return None
    key, day, scope, service, names, signature = found.groups()
    if (scope, service) != (region, "lambda") or not headers.get("x-amz-date", "").startswith(day):
        return None
    request = AWSRequest(method, url, data=body)
    for name in names.split(";"):
        request.headers[name] = headers.get(name, "")
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(key, SECRET), service, scope)
    wanted = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return key if wanted == signature else None
