"""What a function costs: what was measured of it, at a cloud's dated list prices (prices.json).

The measurement is of a whole processor, and the clouds give small functions a part of one: what takes a millisecond
here takes twelve with a twelfth of a processor, and is billed so. Free grants, traffic and logs are not in the sums.
"""

from __future__ import annotations

import json as documents
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from leanfn.errors import UsageError

from .bundle import Cloud
from .doctor import Diagnosis, diagnose

MILLION = 1_000_000
HOURS = 730.0  # a month
GB = 1024.0  # MB, as the clouds count a GB-second
COLD_SHARE = 0.01  # of the requests meet a new instance


def command(
    artifact: Path,
    *,
    requests: float = 1e6,
    cloud: Cloud | None = None,
    cold_share: float = COLD_SHARE,
    json: bool = False,
) -> None:
    """What an artifact's function costs a month, from what `leanfn doctor` measures of it here.

    Args:
        artifact: the artifact's folder
        requests: how many of them a month, such as 1e6
        cloud: where the function will run; all three when not said
        cold_share: the share of the requests that meet a new instance
        json: print the costs as JSON, for programs
    """
    check(requests, cold_share)
    looked_up, prices, endpoints = price_list()
    found = [
        cost_of(diagnose(artifact, name), prices[name], requests, cold_share)
        for name in (prices if cloud is None else (cloud,))
    ]
    print(table(found, endpoints, looked_up), file=sys.stderr)
    if json:
        print(documents.dumps([{**asdict(each), "total": each.total} for each in found], indent=1))


@dataclass(frozen=True, slots=True)
class Prices:
    """One cloud's price list for functions.

    smallest_ms, step_ms: at least so much is billed for a request, in such steps. bills_start: whether the time until
    an instance is ready is billed. processors: MB of memory -> processors that come with it; between two of them in
    proportion.
    """

    product: str
    page: str
    confirmed: str
    per_million_requests: float
    per_gb_second: float
    per_vcpu_second: float
    smallest_ms: float
    step_ms: float
    bills_start: bool
    processors: Mapping[int, float]

    def share(self, memory_mb: int) -> float:
        """The processors of a function with so much memory."""
        known = sorted(self.processors.items())
        below = [(0, 0.0), *(each for each in known if each[0] <= memory_mb)][-1]
        above = next((each for each in known if each[0] >= memory_mb), None)
        if above is None:  # more than the largest that is listed
            return below[1] * memory_mb / below[0]
        if above == below:
            return below[1]
        return below[1] + (above[1] - below[1]) * (memory_mb - below[0]) / (above[0] - below[0])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that is always on, as the same cloud offers one for models."""

    product: str
    page: str
    confirmed: str
    per_hour: float

    def per_month(self) -> float:
        return self.per_hour * HOURS


@dataclass(frozen=True, slots=True)
class Cost:
    """USD for a number of requests, and what they come of. warm_ms and cold_ms are as they are billed."""

    cloud: str
    memory_mb: int
    requests: float
    warm_ms: float
    cold_ms: float
    for_requests: float
    for_time: float

    @property
    def total(self) -> float:
        return self.for_requests + self.for_time


def price_list(path: Path | None = None) -> tuple[str, dict[str, Prices], dict[str, Endpoint]]:
    """The date of the price list; cloud -> its prices for functions; cloud -> its endpoint that is always on."""
    source = files(__package__).joinpath("prices.json") if path is None else path
    document: dict[str, Any] = documents.loads(source.read_text("utf-8"))
    functions = {}
    for cloud, listed in document["clouds"].items():
        fields = {name: listed[name] for name in Prices.__slots__ if name != "processors"}
        processors = {int(memory): float(share) for memory, share in listed["processors"].items()}
        functions[cloud] = Prices(**fields, processors=processors)
    return document["looked_up"], functions, {k: Endpoint(**v) for k, v in document["endpoints"].items()}


def cost(
    cloud: str,
    prices: Prices,
    *,
    memory_mb: int,
    warm_ms: float,
    first_ms: float,
    requests: float,
    cold_share: float = COLD_SHARE,
) -> Cost:
    """USD for requests that come one at a time, of which a share meets a new instance.

    warm_ms: of a request to a function that has answered before; first_ms: from the start of the process to its first
    answer, both measured with a whole processor.
    """
    share = prices.share(memory_mb)
    stretch = 1 / min(share, 1.0)
    warm = billed_ms(prices, warm_ms * stretch)
    cold = billed_ms(prices, (first_ms if prices.bills_start else warm_ms) * stretch)
    seconds = requests * (warm * (1 - cold_share) + cold * cold_share) / 1000
    per_second = prices.per_gb_second * memory_mb / GB + prices.per_vcpu_second * share
    return Cost(
        cloud=cloud,
        memory_mb=memory_mb,
        requests=requests,
        warm_ms=warm,
        cold_ms=cold,
        for_requests=requests * prices.per_million_requests / MILLION,
        for_time=seconds * per_second,
    )


def cost_of(measured: Diagnosis, prices: Prices, requests: float, cold_share: float) -> Cost:
    """USD for an artifact's function, with the memory that is recommended for it."""
    return cost(
        measured.cloud,
        prices,
        memory_mb=measured.recommended_memory_mb,
        warm_ms=measured.warm_ms,
        first_ms=measured.first_ms,
        requests=requests,
        cold_share=cold_share,
    )


def billed_ms(prices: Prices, ms: float) -> float:
    """What a cloud bills for so many milliseconds."""
    return max(prices.smallest_ms, math.ceil(round(ms / prices.step_ms, 9)) * prices.step_ms)


def break_even(found: Cost, endpoint: Endpoint) -> float:
    """The requests a month from which on the endpoint that is always on costs less."""
    return endpoint.per_month() / (found.total / found.requests)


def check(requests: float, cold_share: float) -> None:
    """UsageError for numbers that make no sense."""
    if requests <= 0:
        raise UsageError(f"--requests is how many there are\n  wanted: more than 0\n  found:  {requests:g}")
    if not 0 <= cold_share <= 1:
        raise UsageError(
            f"--cold-share is a share of the requests\n  wanted: between 0 and 1\n  found:  {cold_share:g}"
        )


def table(costs: Sequence[Cost], endpoints: Mapping[str, Endpoint], looked_up: str) -> str:
    """The costs for people."""
    head = f"{'cloud':<8}{'memory':>8}{'warm':>10}{'cold':>10}{'requests':>12}{'time':>12}{'in all':>12}   always on, a month"
    rows = [head]
    for each in costs:
        endpoint = endpoints[each.cloud]
        rows.append(
            f"{each.cloud:<8}{each.memory_mb:>5} MB{each.warm_ms:>7,.0f} ms{each.cold_ms:>7,.0f} ms"
            f"{each.for_requests:>8,.2f} USD{each.for_time:>8,.2f} USD{each.total:>8,.2f} USD"
            f"   {endpoint.per_month():,.0f} USD, less from {break_even(each, endpoint):,.0f} requests on"
        )
    return "\n".join([*rows, f"List prices of {looked_up}, without free grants, traffic and logs."])
