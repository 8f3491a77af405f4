"""What the tests of pipelines share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.lab.gitlab import GitLab


@pytest.fixture
def hub() -> Iterator[GitLab]:
    with GitLab() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
