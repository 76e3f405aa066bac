from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def events():
    """The folder of event files."""
    return Path(__file__).parent.parent / "events"
