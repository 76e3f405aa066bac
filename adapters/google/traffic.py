"""Who gets which share of the traffic: pure rules over a Cloud Run service's list of shares.

Three tags are ours, and each gives its revision an address of its own: `live` is what callers reach, `prev` is what a
rollback goes back to, `next` is the newest revision, for its probe and while it is a canary. A revision becomes live,
or gets a share, only after its probe: so `live` means probed.

https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LIVE, PREVIOUS, NEXT = "live", "prev", "next"


@dataclass(frozen=True, slots=True)
class Share:
    """Percent of the traffic, and an address of its own if there is a tag. revision: its short name, or a Result."""

    revision: Any
    percent: int
    tag: str = ""

    def document(self) -> dict[str, Any]:
        return {"revision": self.revision, "percent": self.percent, "tag": self.tag}


Shares = tuple[Share, ...]


def read(entries: Sequence[dict[str, Any]]) -> Shares:
    """Shares from their documents."""
    return tuple(Share(**entry) for entry in entries)


def documents(shares: Shares) -> list[dict[str, Any]]:
    """Shares as JSON."""
    return [share.document() for share in shares]


def live(shares: Shares) -> Share | None:
    """The revision that callers reach, if one was ever probed."""
    return _tagged(shares, LIVE)


def previous(shares: Shares) -> Share | None:
    """The revision that a rollback goes back to."""
    return _tagged(shares, PREVIOUS)


def canary(shares: Shares) -> Share | None:
    """The revision with a share beside the live one's."""
    return (
        next((share for share in shares if share.percent and share.tag != LIVE), None)
        if live(shares)
        else None
    )


def steady(shares: Shares) -> Shares:
    """All but a newest revision without traffic: two deployments that have not gone live do not disturb each other."""
    return tuple(share for share in shares if share.percent or share.tag != NEXT)


def same(one: Shares, other: Shares) -> bool:
    """Whether two lists mean the same, in whatever order."""
    return sorted(map(_order, steady(one))) == sorted(map(_order, steady(other)))


def with_next(shares: Shares, revision: Any) -> Shares:
    """A new revision gets an address and no traffic; a canary keeps its share and gives up the address."""
    return (*_without(steady(shares), NEXT), Share(revision, 0, NEXT))


def all_to(shares: Shares, revision: Any) -> Shares:
    """A revision gets everything; the one that was live can be gone back to."""
    old = live(shares)
    if old is None or old.revision == revision:
        old = previous(shares)
    return (Share(revision, 100, LIVE), *([Share(old.revision, 0, PREVIOUS)] if old else []))


def split(shares: Shares, revision: Any, percent: int) -> Shares:
    """A revision gets a share beside the live one."""
    now, back = live(shares), previous(shares)
    assert now is not None
    kept = [back] if back is not None else []
    return (Share(now.revision, 100 - percent, LIVE), Share(revision, percent, NEXT), *kept)


def back(shares: Shares) -> Shares | None:
    """A canary ends; without one the previous revision is live again. None when there is nothing to go back to."""
    now, old = live(shares), previous(shares)
    if now is not None and canary(shares) is not None:
        return (Share(now.revision, 100, LIVE), *([old] if old is not None else []))
    if now is None or old is None:
        return None
    return (Share(old.revision, 100, LIVE), Share(now.revision, 0, PREVIOUS))


def _tagged(shares: Shares, tag: str) -> Share | None:
    return next((share for share in shares if share.tag == tag), None)


def _without(shares: Shares, tag: str) -> Shares:
    return tuple(Share(each.revision, each.percent, "" if each.tag == tag else each.tag) for each in shares)


def _order(share: Share) -> tuple[str, int, str]:
    return str(share.revision), share.percent, share.tag
