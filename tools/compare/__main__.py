"""`make compare`: run every tool on every case, and write docs/comparison.md.

python -m tools.compare                  # everything
python -m tools.compare sound legacy     # these cases alone; prints, writes nothing
python -m tools.compare --serve sound    # start one server, to repeat a check by hand
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from tools.compare import lab, page, run, truth
from tools.compare.model import cases

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"


def serve(name: str) -> None:
    """One case's server, until it is interrupted, and how its truth is checked."""
    with tempfile.TemporaryDirectory() as folder, lab.PLACES[name](Path(folder)) as place:
        print(f"{place.url}  (root: {place.root})\n{place.configuration}\n")
        for one in cases()[name].truths:
            print(f"{', '.join(one.questions)}: {one.truth}\n  {truth.written(one, place)}")
        print("until Ctrl-C …", flush=True)
        for asked in (signal.SIGINT, signal.SIGTERM):  # a shell's `&` has the first ignored
            signal.signal(asked, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            while True:  # not until the input ends: in the background there is none
                time.sleep(3600)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--serve", metavar="CASE", choices=lab.PLACES, help="start one server")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the tools' lines there")
    parser.add_argument("--again", type=Path, metavar="FOLDER", help="judge what was kept anew")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    try:
        result = (
            run.again(options.again)
            if options.again
            else (run.everything(options.cases, options.keep))
        )
    except truth.Untrue as error:
        print(f"the ground truth does not hold: {error}", file=sys.stderr)
        return 1
    text = page.markdown(result)
    if options.keep:
        (options.keep / "result.json").write_text(json.dumps(asdict(result), indent=1), "utf-8")
    if options.cases:
        print(text)
        return 0
    PAGE.write_text(text, "utf-8")
    print(f"written: docs/comparison.md, in {result.seconds['all']:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
