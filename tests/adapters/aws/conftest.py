import pytest

pytest.importorskip("boto3", reason="the clients of AWS are an extra")

from tests.adapters.aws import fakes


@pytest.fixture(scope="session")
def sdk():
    return fakes.Sdk()


@pytest.fixture
def aws(tmp_path, sdk):
    return fakes.Aws(tmp_path / "journals", sdk)


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Two small artifacts for the same function."""
    from sklearn.linear_model import LogisticRegression

    import leanfn
    from tests.samples import binary, multiclass

    made = []
    for X, y in (binary(), multiclass()):
        model = LogisticRegression(max_iter=10_000).fit(X, y)
        made.append(leanfn.export(model, X, name="hearts", out=tmp_path_factory.mktemp("artifacts")).path)
    return made


@pytest.fixture(scope="session")
def codes(folders, tmp_path_factory):
    """Their bundles, made once."""
    from adapters.aws.release import packed
    from adapters.aws.target import Target
    from leanfn import load

    target = Target("hearts", python="3.13")
    return [packed(load(folder), folder, target, tmp_path_factory.mktemp("bundles")) for folder in folders]
