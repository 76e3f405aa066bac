"""Secrets of a function on Lambda: read once, at its cold start, with the boto3 that Lambda's own runtime has.

They are there for hooks, as variables of the process alone: neither the function's settings nor its logs hold them.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Any

PARAMETER = "ssm:"  # before the name of a parameter; anything else names a secret of Secrets Manager
SECONDS = 4  # for one answer, of the ten that a cold start may take


def fill(environ: MutableMapping[str, str], client: Callable[[str], Any] | None = None) -> None:
    """Set the variables that LEANFN_SECRETS names, each to its secret's value; whatever goes wrong ends the cold start."""
    client = client or _client
    for variable, name in json.loads(environ["LEANFN_SECRETS"]).items():
        if name.startswith(PARAMETER):
            found = client("ssm").get_parameter(Name=name[len(PARAMETER) :], WithDecryption=True)
            environ[variable] = found["Parameter"]["Value"]
        else:
            environ[variable] = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    limits = Config(connect_timeout=2, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    return boto3.client(service, config=limits)
