"""One nation for all tests of fleets in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.nation import Nation, nation


@pytest.fixture(scope="session")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    with nation(tmp_path_factory.mktemp("nation")) as found:
        yield found
