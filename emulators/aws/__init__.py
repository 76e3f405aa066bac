"""AWS on one's own machine: Lambda and what it needs of IAM, CloudWatch Logs, S3, Secrets Manager and STS.

The deployed code really runs, in Lambda's own runtime client. What the services refuse, their delays and the texts of
their errors follow the documents and botocore's description of the API; nothing here was compared with an account.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..background import connect as connect_to


def connect() -> Mapping[str, str]:
    """The settings that clients of the emulated AWS need; it is started if it does not run."""
    return connect_to("aws")
