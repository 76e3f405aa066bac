"""CloudWatch's log groups: what a function writes, for as long as its role may."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .account import NUMBER, Refused


@dataclass(slots=True)
class Group:
    """A log group. events: (milliseconds since 1970, stream, line), in the order in which they came."""

    tags: dict[str, str] = field(default_factory=dict)
    retention: int | None = None
    events: list[tuple[int, str, str]] = field(default_factory=list)


class Groups:
    """The log groups of one region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self.all: dict[str, Group] = {}

    def operations(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {
            "CreateLogGroup": self.create,
            "DeleteLogGroup": self.delete,
            "DescribeLogGroups": self.describe,
            "PutRetentionPolicy": self.put_retention,
            "ListTagsForResource": self.list_tags,
            "FilterLogEvents": self.filter,
        }

    def resources(self) -> list[str]:
        return [self._arn(name) for name in self.all]

    def write(self, name: str, stream: str, lines: list[str]) -> None:
        """Take lines from a function; they are lost when there is no such group."""
        if name in self.all:
            now = int(time.time() * 1000)
            self.all[name].events += [(now, stream, line) for line in lines]

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = given["logGroupName"]
        if name in self.all:
            raise Refused("ResourceAlreadyExistsException", "The specified log group already exists")
        self.all[name] = Group(dict(given.get("tags", {})))
        return {}

    def delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._group(given["logGroupName"])
        del self.all[given["logGroupName"]]
        return {}

    def describe(self, given: Mapping[str, Any]) -> dict[str, Any]:
        prefix = given.get("logGroupNamePrefix", "")
        return {
            "logGroups": [
                {
                    "logGroupName": name,
                    "arn": f"{self._arn(name)}:*",
                    "logGroupArn": self._arn(name),
                    **({"retentionInDays": group.retention} if group.retention else {}),
                }
                for name, group in sorted(self.all.items())
                if name.startswith(prefix)
            ]
        }

    def put_retention(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._group(given["logGroupName"]).retention = given["retentionInDays"]
        return {}

    def list_tags(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"tags": dict(self._group(given["resourceArn"].partition("log-group:")[2]).tags)}

    def filter(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """In pages of a hundred, so that whoever reads them turns the page."""
        start, number = given.get("startTime", 0), int(given.get("nextToken") or 0)
        met = [event for event in self._group(given["logGroupName"]).events if event[0] >= start]
        page = met[number : number + 100]
        return {
            "events": [
                {
                    "timestamp": at,
                    "logStreamName": stream,
                    "message": line,
                    "eventId": f"{number + place}",
                    "ingestionTime": at,
                }
                for place, (at, stream, line) in enumerate(page)
            ],
            **({"nextToken": str(number + 100)} if number + 100 < len(met) else {}),
        }

    def _group(self, name: str) -> Group:
        if name not in self.all:
            raise Refused("ResourceNotFoundException", "The specified log group does not exist.")
        return self.all[name]

    def _arn(self, name: str) -> str:
        return f"arn:aws:logs:{self._region}:{NUMBER}:log-group:{name}"
