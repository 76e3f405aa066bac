"""Milliseconds and megabytes become money as the clouds' price lists say."""

import json
import re
from dataclasses import replace

import pytest

from adapters.cost import billed_ms, break_even, check, command, cost, cost_of, price_list, table
from adapters.doctor import Diagnosis
from adapters.trial import can_run
from leanfn import cli
from leanfn.errors import UsageError
from leanfn.interpreters import find_python
from leanfn.platforms import PLATFORMS

LOOKED_UP, PRICES, ENDPOINTS = price_list()


def priced(cloud, **changed):
    measured = {"memory_mb": 512, "warm_ms": 1.0, "first_ms": 1000.0, "requests": 1e6, "cold_share": 0.0}
    return cost(cloud, PRICES[cloud], **{**measured, **changed})


def test_every_cloud_has_a_price_list_and_an_endpoint_with_its_page_and_how_it_was_confirmed():
    assert set(PRICES) == set(ENDPOINTS) == set(PLATFORMS)
    for listed in (*PRICES.values(), *ENDPOINTS.values()):
        assert listed.page.startswith("https://")
        assert re.search(r"\b20\d\d-\d\d-\d\d\b|unconfirmed|without a date", listed.confirmed)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", LOOKED_UP)


def test_lambda_bills_gigabyte_seconds_and_requests():
    found = priced("aws", memory_mb=1769, warm_ms=100.0)
    assert found.warm_ms == 100
    assert found.for_requests == pytest.approx(0.20)
    assert found.for_time == pytest.approx(1e6 * 0.1 * 1769 / 1024 * 0.0000166667)


def test_google_bills_processors_beside_memory_in_steps_of_a_tenth_of_a_second():
    found = priced("google", memory_mb=2048, warm_ms=101.0)
    assert found.warm_ms == 200
    assert found.for_time == pytest.approx(1e6 * 0.2 * (2 * 0.0000025 + 0.000024))


def test_azure_bills_a_second_at_least_and_no_start():
    found = priced("azure", warm_ms=2.0, first_ms=60_000.0, cold_share=0.5)
    assert (found.warm_ms, found.cold_ms) == (1000, 1000)
    assert found.total == pytest.approx(0.40 + 1e6 * 0.5 * 0.000026)


def test_a_part_of_a_processor_takes_longer_in_proportion():
    assert priced("aws", memory_mb=128, warm_ms=10.0).warm_ms == pytest.approx(139)  # 10 ms x 1,769 / 128
    assert priced("aws", memory_mb=3538, warm_ms=10.0).warm_ms == 10  # one request uses one processor


def test_processors_between_two_sizes_are_in_proportion():
    google = PRICES["google"]
    assert google.share(128) == 0.083
    assert google.share(192) == pytest.approx(0.125)
    assert google.share(8192) == pytest.approx(4.0)
    assert PRICES["aws"].share(884) == pytest.approx(0.4997, abs=1e-4)


def test_cold_starts_cost_their_share():
    warm, cold = priced("aws", memory_mb=1769), priced("aws", memory_mb=1769, cold_share=1.0)
    assert cold.for_time == pytest.approx(1000 * warm.for_time, rel=1e-9)
    half = priced("aws", memory_mb=1769, cold_share=0.5)
    assert half.for_time == pytest.approx((warm.for_time + cold.for_time) / 2)


@pytest.mark.parametrize(("ms", "billed"), [(0.0, 100), (100.0, 100), (100.0000000001, 100), (100.1, 200)])
def test_what_is_billed_is_rounded_up(ms, billed):
    assert billed_ms(PRICES["google"], ms) == billed


def test_an_endpoint_that_is_always_on_pays_from_so_many_requests_on():
    found = priced("aws")
    requests = break_even(found, ENDPOINTS["aws"])
    same = replace(
        found, requests=requests, for_requests=0.0, for_time=found.total / found.requests * requests
    )
    assert same.total == pytest.approx(0.115 * 730)


def test_the_table_shows_each_cloud_and_the_date_of_the_prices():
    shown = table([priced(cloud) for cloud in PRICES], ENDPOINTS, LOOKED_UP)
    assert [line.split()[0] for line in shown.splitlines()[1:4]] == ["aws", "google", "azure"]
    assert LOOKED_UP in shown.splitlines()[-1]


@pytest.mark.parametrize(("requests", "cold_share"), [(0.0, 0.1), (-1.0, 0.1), (1.0, -0.1), (1.0, 1.1)])
def test_numbers_that_make_no_sense_are_refused(requests, cold_share):
    with pytest.raises(UsageError, match="wanted"):
        check(requests, cold_share)


def measured(**changed):
    found = {
        **dict.fromkeys(Diagnosis.__slots__, 0),
        "name": "heart",
        "cloud": "aws",
        "first_ms": 40.0,
        "warm_ms": 0.5,
        "recommended_memory_mb": 128,
    }
    return Diagnosis(**{**found, **changed})


def test_what_doctor_measured_is_priced_with_the_memory_that_it_recommends():
    found = cost_of(measured(), PRICES["aws"], 2e6, 0.01)
    assert (found.cloud, found.memory_mb, found.warm_ms, found.cold_ms) == ("aws", 128, 7, 553)
    assert found.total == pytest.approx(0.40 + 2e6 * (7 * 0.99 + 553 * 0.01) / 1000 / 8 * 0.0000166667)


@pytest.mark.skipif(
    not can_run("x86_64") or find_python("3.13") is None,
    reason="a function is measured on Linux, x86_64, with Python 3.13",
)
def test_the_command_reads_numbers_as_people_write_them(capsys, heart_folder):
    line = [str(heart_folder), "--requests=2.5e6", "--cloud=aws", "--json"]
    assert cli.run(command, line, name="cost") == 0
    said = capsys.readouterr()
    (found,) = json.loads(said.out)
    assert found["requests"] == 2_500_000
    assert found["total"] == pytest.approx(found["for_requests"] + found["for_time"])
    assert "always on" in said.err and LOOKED_UP in said.err


def test_the_command_refuses_before_it_measures(capsys, tmp_path):
    assert cli.run(command, [str(tmp_path / "none"), "--requests=0"], name="cost") == 2
    assert "--requests" in capsys.readouterr().err
