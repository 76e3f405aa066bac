"""S3, as far as code that is too large to be sent directly goes through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .account import Refused


class Buckets:
    """Objects by bucket. A bucket is made by whoever sets the account up."""

    def __init__(self) -> None:
        self.all: dict[str, dict[str, bytes]] = {}

    def operations(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {
            "PutObject": self.put,
            "HeadObject": self.head,
            "DeleteObject": self.delete,
        }

    def read(self, bucket: str, key: str) -> bytes:
        """An object for Lambda; Refused in Lambda's words."""
        if bucket not in self.all:
            code, text = "NoSuchBucket", "The specified bucket does not exist"
        elif key not in self.all[bucket]:
            code, text = "NoSuchKey", "The specified key does not exist."
        else:
            return self.all[bucket][key]
        raise Refused(
            "InvalidParameterValueException",
            f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {text}",
        )

    def put(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(given)[given["Key"]] = given["Body"]
        return {}

    def head(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if given["Key"] not in self._bucket(given):
            raise Refused("404", "Not Found", 404)
        return {}

    def delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(given).pop(given["Key"], None)
        return {}

    def _bucket(self, given: Mapping[str, Any]) -> dict[str, bytes]:
        if given["Bucket"] not in self.all:
            raise Refused("NoSuchBucket", "The specified bucket does not exist", 404)
        return self.all[given["Bucket"]]
