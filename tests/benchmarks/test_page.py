"""The page, its plots and the README's table hold what results.json says, and nothing else."""

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import page, results, slower, tables
from benchmarks.plots import Line, Panel, bars, crossing, panels, shown
from benchmarks.quick import Ratio, least_ratio

ROOT = Path(__file__).parent.parent.parent
MEASURED = results.read(ROOT / results.RESULTS)
PLOTS = [path for path in page.documents(MEASURED) if path.suffix == ".svg"]

whole = pytest.mark.skipif(not MEASURED, reason="nothing was measured yet: make bench")


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


def row(runtime, name, cold, **more):
    return {
        "runtime": runtime,
        "name": name,
        "cold_ms": {"median": cold, "low": cold - 1, "high": cold + 1, "all": [cold]},
        "warm_ms": {"p50": 0.5, "p99": 1.0},
        "memory_mb": 40.0,
        "installed_mb": 0.2,
        **more,
    }


STARTUP = {
    "rows": [
        row("awslambdaric", "hello world", 30.0),
        row("awslambdaric", "leanfn lean", 45.0),
        row("awslambdaric", "pandas + joblib", 20.0),
        {
            "runtime": "its own server",
            "name": "MLflow",
            "reason": "cannot be set up\n  said: no wheel | none",
        },
    ]
}


@whole
def test_every_document_is_made_from_the_results():
    stale = [
        str(path)
        for path, text in page.documents(MEASURED).items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text("utf-8") != text
    ]
    if stale and os.environ.get("UPDATE_DOCS"):
        page.write(MEASURED)
        stale = []
    assert not stale, "not what results.json says: .venv/bin/python -m benchmarks.page"


@whole
def test_the_readmes_table_is_made_from_the_results():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert page.START in readme and page.END in readme
    assert page.with_block(readme, MEASURED) == readme


@whole
def test_every_section_was_measured():
    assert set(MEASURED) == set(page.SECTIONS)


@pytest.mark.parametrize(
    "path", [path for path in page.documents(MEASURED) if path.suffix == ".svg"], ids=str
)
def test_a_plot_is_an_image_for_light_and_dark(path):
    text = page.documents(MEASURED)[path]
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "prefers-color-scheme: dark" in text and "nan" not in text.lower()


def test_who_did_not_run_is_shown_with_the_reason():
    line = tables.startup(STARTUP)[-1]
    assert "MLflow" in line and "no wheel \\| none" in line and "\n" not in line


def test_who_is_faster_is_reported():
    found = "\n".join(slower.findings({"startup": STARTUP}))
    assert "Hello world's cold start" in found and "1.50 on awslambdaric" in found
    assert "pandas + joblib" in found and "20 ms" in found
    assert "warm" not in found.split("pandas + joblib")[0]  # as fast as hello world there


def test_a_crossing_lies_between_the_points_in_logarithms():
    assert crossing([(1, 1), (100, 100)], [(1, 10), (100, 10)]) == pytest.approx((10, 10))
    assert crossing([(1, 1), (100, 2)], [(1, 10), (100, 10)]) is None
    assert crossing([(1, 20), (100, 30)], [(1, 10), (100, 10)]) is None  # above it from the start


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.0123, "0.0123"), (1.0, "1"), (12.34, "12.3"), (123.4, "123"), (1234567.0, "1,234,567")],
)
def test_numbers_have_three_digits_that_count(value, text):
    assert shown(value) == text


def test_words_in_a_plot_are_no_markup():
    plot = panels(
        "a < b & c", "ms", [Panel("<x>", "n", [Line("<y>", [(1, 1), (10, 5)], 0)], [(2, 2, "<z>")])]
    )
    assert ElementTree.fromstring(plot) is not None and "<z>" not in plot


def test_one_bar_alone_can_be_drawn():
    from benchmarks.plots import Bar

    assert "rect" in bars("one", "ms", [("group", [Bar("bar", 10.0, None, None, 0)])])


@pytest.mark.parametrize(
    ("ratio", "holds"),
    [
        (Ratio("start", 1.29, 1.3), True),
        (Ratio("start", 1.31, 1.3), False),
        (Ratio("row", 19.0, 20.0, at_most=False), False),
        (Ratio("row", 21.0, 20.0, at_most=False), True),
    ],
)
def test_a_ratio_beyond_its_limit_is_not_met(ratio, holds):
    assert ratio.holds is holds
    assert ("NOT MET" in str(ratio)) is not holds


def test_a_section_is_written_beside_the_others_and_says_where_it_was_measured(tmp_path):
    path = tmp_path / "results.json"
    results.record("one", lambda: {"value": 1}, path)
    results.record("two", lambda: {"value": 2}, path)
    results.record("one", lambda: {"value": 3}, path)
    found = results.read(path)
    assert {name: section["value"] for name, section in found.items()} == {"one": 3, "two": 2}
    assert found["two"]["about"]["machine"]["cores"] == os.cpu_count()
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


def test_a_slower_start_is_slower_in_the_median_and_in_the_shortest():
    assert least_ratio([1.5, 1.6, 1.7], [1.0, 1.1, 1.2]) > 1.4
    assert least_ratio([1.0, 9.0, 9.0], [1.0, 1.1, 1.2]) == 1.0  # other work came between
