import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.names import checked, cloud_name
from leanfn.errors import DeploymentError


@pytest.mark.parametrize(
    ("name", "stage", "cloud"),
    [
        ("pipeline_example", None, "pipeline-example"),
        ("Heart", "prod", "heart-prod"),
        ("heart.v2", "Feature/X", "heart-v2-feature-x"),
        ("2024_model", None, "f-2024-model"),
        ("__", None, "f"),
    ],
)
def test_one_mapping_for_every_cloud(name, stage, cloud):
    assert cloud_name(name, stage, 63) == cloud


def test_names_that_are_cut_stay_apart():
    first, second = (cloud_name("a" * 70 + end, None, 40) for end in "xy")
    assert first != second
    assert len(first) == len(second) == 40


@given(st.text(max_size=200), st.text(max_size=50) | st.none(), st.sampled_from([30, 40, 60, 63]))
def test_whatever_the_name_is_the_clouds_take_it(name, stage, longest):
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", cloud_name(name, stage, longest))
    assert len(cloud_name(name, stage, longest)) <= longest


@pytest.mark.parametrize("name", ["../x", "", "a b", "/etc/passwd", "a\x00b", "ä", "a" * 80])
def test_a_typed_name_that_the_cloud_does_not_take_is_refused_with_what_is_wanted(name):
    with pytest.raises(DeploymentError, match=r"wanted: 1 to 63 letters\n  found:"):
        checked(name, r"[a-z]{1,63}", "1 to 63 letters")
