"""The SDK's clients: for an account, by its credentials and region, or for the AWS that is emulated on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leanfn.errors import DeploymentError

EMULATED_REGION = "us-east-1"  # where nothing says another


class Clients:
    """One client a service, made when it is first asked for.

    options: what boto3.client takes besides the service; emulated: the key and secret of the AWS on this machine, when
    it is that which answers.
    """

    def __init__(
        self, session: Any, region: str, options: Mapping[str, Any], emulated: tuple[str, str] | None = None
    ) -> None:
        self._session = session
        self._options = options
        self._made: dict[str, Any] = {}
        self.region = region
        self.emulated = emulated

    def __getitem__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.client(service, region_name=self.region, **self._options)
        return self._made[service]


def clients(region: str | None, profile: str | None, emulator: Mapping[str, str] | None) -> Clients:
    """emulator: the settings of the emulated AWS, when that is what is meant.

    Raises DeploymentError where no region is named, for a profile that is not there, and without boto3.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise DeploymentError(
            "AWS needs boto3, which is not installed\nInstall it: pip install 'leanfn[aws]'"
        ) from None

    # a plan's own patience tries again: it tells what it waits for, and knows what a lost answer may have left
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=70)
    if emulator is not None:
        session = boto3.Session(aws_access_key_id=emulator["key"], aws_secret_access_key=emulator["secret"])
        options = {"endpoint_url": emulator["endpoint"], "config": config}
        return Clients(session, region or EMULATED_REGION, options, (emulator["key"], emulator["secret"]))
    try:
        session = boto3.Session(profile_name=profile)
    except BotoCoreError as error:
        raise DeploymentError(f"{error}\nName a profile of ~/.aws/config with --profile") from error
    region = region or session.region_name
    if region is None:
        raise DeploymentError(
            "no region is named\n  wanted: --region, AWS_REGION or a region in the profile\n  found:  none\n"
            "Add, for example, --region=eu-west-1"
        )
    return Clients(session, region, {"config": config})
