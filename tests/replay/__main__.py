"""`make replay`: replay every decision, print the table, renew docs/replay.md; 1 where one failed."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.replay import runner, table

PAGE = Path(__file__).parents[2] / "docs" / "replay.md"


def main() -> int:
    only = sys.argv[1:]
    outcomes = runner.replay_all(only)
    sys.stdout.write(table.text(outcomes))
    good = all(outcome.good for outcome in outcomes)
    if good and not only:
        PAGE.write_text(table.markdown(outcomes), "utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
