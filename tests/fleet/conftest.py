"""One nation for all tests of fleets in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gdpr_audit.cli import options
from gdpr_audit.fleet.task import Kit
from gdpr_audit.network import Settings
from tests.lab.audits import DAY
from tests.lab.nation import Nation, nation


@pytest.fixture(scope="session")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    with nation(tmp_path_factory.mktemp("nation")) as found:
        yield found


@pytest.fixture(scope="session")
def kit() -> Kit:
    _, words = options.known()
    book = options.rule_book(words, None)
    hosters, profile = options.hoster_list(None), options.tls_profile(None)
    atlas = options.atlas(None, None, offline=True)
    return Kit(
        "0", book.rules, book.digest, hosters, profile, atlas, Settings(), DAY, None, 10.0
    )  # fmt: skip
