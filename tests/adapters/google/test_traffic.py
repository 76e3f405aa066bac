import pytest

from adapters.google import traffic
from adapters.google.traffic import Share

FIRST = (Share("a", 100, "live"),)
SECOND = (Share("b", 100, "live"), Share("a", 0, "prev"))
SPLIT = (Share("b", 75, "live"), Share("c", 25, "next"), Share("a", 0, "prev"))


def test_a_new_revision_has_an_address_and_no_traffic():
    assert traffic.with_next(SECOND, "c") == (*SECOND, Share("c", 0, "next"))


def test_a_newer_revision_takes_the_address_and_a_canary_keeps_its_share():
    shares = traffic.with_next(SPLIT, "d")
    assert shares == (
        Share("b", 75, "live"),
        Share("c", 25),
        Share("a", 0, "prev"),
        Share("d", 0, "next"),
    )
    assert traffic.canary(shares) == Share("c", 25)


def test_what_becomes_live_gets_all_and_what_was_live_can_be_gone_back_to():
    assert traffic.all_to(FIRST, "b") == SECOND
    assert traffic.all_to(SPLIT, "c") == (Share("c", 100, "live"), Share("b", 0, "prev"))


def test_making_the_live_revision_live_again_forgets_no_earlier_one():
    assert traffic.all_to(SPLIT, "b") == (Share("b", 100, "live"), Share("a", 0, "prev"))


def test_a_first_revision_has_nothing_before_it():
    assert traffic.all_to((Share("a", 100),), "a") == FIRST


def test_a_canary_stands_beside_the_live_one():
    assert traffic.split(SECOND, "c", 25) == SPLIT


def test_a_rollback_ends_a_canary_first_and_then_goes_back():
    assert traffic.back(SPLIT) == SECOND
    assert traffic.back(SECOND) == (Share("a", 100, "live"), Share("b", 0, "prev"))
    assert traffic.back(FIRST) is None


def test_what_was_never_probed_is_no_canary_and_cannot_be_gone_back_to():
    unprobed = (Share("a", 100), Share("a", 0, "next"))
    assert traffic.live(unprobed) is traffic.canary(unprobed) is traffic.back(unprobed) is None


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (SECOND, SECOND[::-1], True),
        (SECOND, traffic.with_next(SECOND, "c"), True),
        (SECOND, SPLIT, False),
        (SECOND, FIRST, False),
    ],
)
def test_an_address_without_traffic_makes_no_difference(one, other, alike):
    assert traffic.same(one, other) is alike


def test_shares_are_the_same_after_a_journey_through_json():
    assert traffic.read(traffic.documents(SPLIT)) == SPLIT
