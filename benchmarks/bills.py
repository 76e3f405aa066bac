"""What the measured functions would cost a month: the figures of startup at the clouds' list prices."""

from __future__ import annotations

from typing import Any

from adapters.cost import COLD_SHARE, MILLION, Cost, Endpoint, Prices, break_even, cost, price_list
from adapters.doctor import recommended
from benchmarks.contenders import CLOUDS, LEAN, SKLEARN, TUTORIAL
from benchmarks.plots import Line, Panel
from leanfn.platforms import PLATFORMS

NAMES = (LEAN, SKLEARN, TUTORIAL)
COLOURS = {LEAN: 0, SKLEARN: 2, TUTORIAL: 3}  # as in the other plots
MONTHLY = (1e4, 1e5, 1e6, 1e7, 1e8, 1e9)  # requests
SHARES = {"aws": "AWS Lambda", "google": "Google Cloud Run functions", "azure": "Azure Functions"}


def bills(startup: dict[str, Any]) -> dict[str, dict[str, Cost]]:
    """Cloud -> function -> USD for a million requests."""
    _, prices, _ = price_list()
    found: dict[str, dict[str, Cost]] = {}
    for cloud, runtime in CLOUDS.items():
        for row in startup["rows"]:
            if row["runtime"] != runtime or row["name"] not in NAMES or "reason" in row:
                continue
            first, memory = row["cold_ms"]["median"], row["memory_mb"]
            if memory is None:
                continue
            found.setdefault(cloud, {})[row["name"]] = cost(
                cloud,
                prices[cloud],
                memory_mb=recommended(PLATFORMS[cloud], memory, first),
                warm_ms=row["warm_ms"]["p50"],
                first_ms=first,
                requests=MILLION,
            )
    return found


def table(startup: dict[str, Any]) -> list[str]:
    """The bill as a table, and the price list that it was made with."""
    looked_up, prices, endpoints = price_list()
    rows = [
        "| cloud | function | memory | billed warm | billed cold | USD per million requests | always on, a month | always on costs less from |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for cloud, functions in bills(startup).items():
        endpoint = endpoints[cloud]
        for name, found in functions.items():
            rows.append(
                f"| {SHARES[cloud]} | {name} | {found.memory_mb} MB | {found.warm_ms:,.0f} ms | {found.cold_ms:,.0f} ms"
                f" | {found.total:,.2f} | {endpoint.per_month():,.0f} USD"
                f" | {break_even(found, endpoint) / MILLION:,.1f} million requests |"
            )
    rows += [
        "",
        f"The price list ([adapters/prices.json](../adapters/prices.json)) was looked up on {looked_up}; {COLD_SHARE:.0%} of the",
        "requests meet a new instance; free grants, traffic and logs are not in the sums. Memory is what `leanfn doctor`",
        "recommends for what was measured, and a part of a processor stretches the time in proportion.",
        "",
        "| price list of | page | how it was confirmed |",
        "|---|---|---|",
    ]
    listed: list[Prices | Endpoint] = [*prices.values(), *endpoints.values()]
    return rows + [f"| {each.product} | {each.page} | {each.confirmed} |" for each in listed]


def panels(startup: dict[str, Any]) -> list[Panel]:
    """USD a month against requests a month, and where the always-on endpoint costs less."""
    _, _, endpoints = price_list()
    found = []
    for cloud, functions in bills(startup).items():
        endpoint = endpoints[cloud]
        lines = [
            Line(name, [(each, priced.total * each / MILLION) for each in MONTHLY], colour)
            for name, priced, colour in ((name, functions[name], COLOURS[name]) for name in functions)
        ]
        lines.append(Line("always on", [(each, endpoint.per_month()) for each in MONTHLY], 6))
        crossings = [] if LEAN not in functions else [_crossing(functions[LEAN], endpoint)]
        crossings = [each for each in crossings if MONTHLY[0] <= each[0] <= MONTHLY[-1]]
        found.append(Panel(SHARES[cloud], "requests a month", lines, crossings))
    return found


def _crossing(found: Cost, endpoint: Endpoint) -> tuple[float, float, str]:
    requests = break_even(found, endpoint)
    return requests, endpoint.per_month(), f"{requests / MILLION:,.0f} million"
