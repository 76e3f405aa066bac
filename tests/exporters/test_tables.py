import gzip
import http.server
import threading
from functools import partial

import pytest

from leanfn.errors import DataError
from leanfn.exporters.tables import read_table

ROWS = "city,height\nOslo,1.5\nRome,\n"


@pytest.fixture
def served(tmp_path):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", ROWS.encode()),
        ("rows.CSV", ROWS.encode()),
        ("rows.data", ROWS.encode()),
        ("rows.tsv", ROWS.replace(",", "\t").encode()),
        ("rows.csv.gz", gzip.compress(ROWS.encode())),
        ("rows.json", b'[{"city": "Oslo", "height": 1.5}, {"city": "Rome", "height": null}]'),
        ("rows.jsonl", b'{"city": "Oslo", "height": 1.5}\n{"city": "Rome", "height": null}\n'),
    ],
)
def test_the_ending_says_how_to_read_a_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    table = read_table(str(tmp_path / name))
    assert list(table.columns) == ["city", "height"]
    assert table["city"].tolist() == ["Oslo", "Rome"]
    assert table["height"].isna().tolist() == [False, True]


@pytest.mark.parametrize("query", ["", "?raw=1&path=a/b.json"])
def test_a_url_is_read_as_a_file_is(tmp_path, served, query):
    (tmp_path / "rows.tsv").write_text(ROWS.replace(",", "\t"))
    assert read_table(f"{served}/rows.tsv{query}")["city"].tolist() == ["Oslo", "Rome"]


def test_a_url_that_answers_404_is_named_with_its_answer(served):
    with pytest.raises(DataError, match=r"(?s)/none\.csv cannot be read as csv\n  found: .*404"):
        read_table(f"{served}/none.csv")


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path):
    (tmp_path / "default.csv").write_text(ROWS)
    with pytest.raises(
        DataError, match=r"(?s)no file .*defualt\.csv\n  looked in: .*\n  nearest: .*default\.csv"
    ):
        read_table(str(tmp_path / "defualt.csv"))
    with pytest.raises(DataError, match=r"no file .*nowhere"):
        read_table(str(tmp_path / "nowhere" / "rows.csv"))


def test_a_folder_is_not_a_table(tmp_path):
    with pytest.raises(DataError, match="is a folder"):
        read_table(str(tmp_path))


@pytest.mark.parametrize("name", ["model.pkl", "rows.pickle", "model.joblib", "rows.PKL.gz"])
def test_a_pickle_is_refused_before_it_is_opened(tmp_path, name):
    with pytest.raises(DataError, match="is a pickle, and reading one runs the code in it"):
        read_table(str(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.csv", b"", "No columns to parse"),
        ("rows.csv", b"a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
        ("rows.csv", b"a,b\n\xff\xfe,2\n", "decode"),
        ("rows.json", b"{", ""),
        ("rows.csv.gz", b"a,b\n1,2\n", "gzip"),
        ("rows.csv.gz", gzip.compress(ROWS.encode() * 100)[:-20], ""),
        ("rows.csv.zip", b"a,b\n1,2\n", "zip"),
        ("rows.csv.xz", b"a,b\n1,2\n", ""),
    ],
)
def test_a_damaged_file_is_named_with_what_its_reader_says(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"(?s){name} cannot be read as .*\n  found: .*{said}"):
        read_table(str(tmp_path / name))


def test_a_table_without_rows_is_refused(tmp_path):
    (tmp_path / "rows.csv").write_text("city,height\n")
    with pytest.raises(DataError, match="holds no rows"):
        read_table(str(tmp_path / "rows.csv"))


def test_a_form_whose_library_is_not_installed_names_the_library(tmp_path):
    pytest.importorskip("pandas")
    try:
        import pyreadstat  # noqa: F401
    except ImportError:
        (tmp_path / "rows.sav").write_bytes(b"$FL2")
        with pytest.raises(DataError, match=r"(?s)needs a library that is not installed\n  .*pyreadstat"):
            read_table(str(tmp_path / "rows.sav"))
    else:
        pytest.skip("pyreadstat is installed here")
