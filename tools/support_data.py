"""Renews gdpr_audit/checks/web/support.csv from the JSON of endoflife.date (data: MIT).

    make support-data                      asks https://endoflife.date/api/PRODUCT.json
    python tools/support_data.py FOLDER    reads PRODUCT.json files that are already there

Only cycles with a known end of support are kept: `eol: false` says nothing of a later day.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "gdpr_audit" / "checks" / "web" / "support.csv"
API = "https://endoflife.date/api"
LIMIT = 1024 * 1024  # bytes of one answer
#: Our name of a product, and theirs.
PRODUCTS = {
    "nginx": "nginx",
    "php": "php",
    "apache": "apache-http-server",
    "openssl": "openssl",
    "tomcat": "tomcat",
    "drupal": "drupal",
    "wordpress": "wordpress",
}


def rows(product: str, cycles: list[dict[str, Any]], day: date) -> list[list[str]]:
    """One row a cycle with a known end."""
    found = []
    for cycle in cycles:
        try:
            end = date.fromisoformat(str(cycle["eol"]))
        except ValueError:
            continue
        source = f"https://endoflife.date/{PRODUCTS[product]}"
        found.append([product, str(cycle["cycle"]), end.isoformat(), source, day.isoformat()])
    return found


def fetch(name: str) -> list[dict[str, Any]]:
    """Raises httpx.HTTPError, ValueError."""
    import httpx

    answer = httpx.get(f"{API}/{name}.json", timeout=20, follow_redirects=True)
    answer.raise_for_status()
    if len(answer.content) > LIMIT:
        raise ValueError(f"{name}: more than {LIMIT} bytes")
    return list(answer.json())


def renewed(old: str, new: dict[str, list[list[str]]]) -> str:
    """The file with each renewed product's rows in place of its old ones; the others stay."""
    kept = [row for row in csv.reader(io.StringIO(old)) if row and row[0] not in new]
    head, rest = kept[0], kept[1:]
    order = [*PRODUCTS, *dict.fromkeys(row[0] for row in rest)]
    every = rest + [row for product in new.values() for row in product]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(sorted(every, key=lambda row: order.index(row[0])))
    return out.getvalue()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    new = {}
    for product, name in PRODUCTS.items():
        given = folder / f"{name}.json" if folder else None
        if given is not None and not given.exists():
            continue
        cycles = json.loads(given.read_text("utf-8")) if given else fetch(name)
        new[product] = rows(product, cycles, date.today())
    TARGET.write_text(renewed(TARGET.read_text("utf-8"), new), "utf-8")
    print(f"{TARGET.name}: {sum(map(len, new.values()))} cycles of {', '.join(new) or 'nothing'}")


if __name__ == "__main__":
    main()
