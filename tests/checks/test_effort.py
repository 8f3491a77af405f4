"""No page costs the parser more than a second or so, and ordinary pages are read in full."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from gdpr_audit.checks.effort import affordable
from gdpr_audit.checks.web import page

SIZE = 2 * 1024 * 1024  # of a body that is read

#: Each a way to let what is open look closed.
TRAPS = {
    "open": "<div>",
    "formatting": "<b>",
    "a wall": "<div><table></div></table>",
    "a list of choices": "<div><select></div></select>",
    "a comment": "<div><!-- </div> -->",
    "a comment that ends at once": "<div><!--><div><!-- -->",
    "a declaration": "<div><!x </div>",
    "an attribute": '<div><a title="</div>">',
    "an attribute by name": '<div><a " ><div><p " >',
    "a script": "<div><script></div></script>",
    "a script in a script": "<div><script><!--<script></script></div>--></script>",
    "a drawing": "<svg><link>",
    "a drawing that was left": "<svg><g><div></div><g/>",
    "alternating items": "<li><dd>",
    "a tag that never ends": '<a x="b"',
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_would_cost_too_much_is_not_parsed(trap: str) -> None:
    html = TRAPS[trap] * (SIZE // len(TRAPS[trap]))

    assert affordable(html) < SIZE // 3


def test_what_is_opened_anew_in_each_paragraph_is_not_parsed() -> None:
    html = "<p>" + "".join(f"<b id={n}>" for n in range(2000)) + "<p>x" * 2000

    assert affordable(html) < 10_000


def test_a_tag_of_a_hundred_thousand_attributes_is_not_parsed() -> None:
    html = "<p>before<p " + " ".join(f"a{n}" for n in range(100_000)) + ">"

    assert affordable(html) == len("<p>before")


ORDINARY = {
    "a list": '<li><a href="/p/1" class="x">texte</a></li>\n',
    "a table": "<tr><td><b>x</b><td><a href=x>y</a>\n",
    "paragraphs": "<p>texte <b>gras</b> et <i>italique</i><br>\n",
    "drawings": "<svg><title>x</title><g><path d='m'/><path d='n'/></g></svg>",
    "scripts": "<script>if (a < b) document.write('<div>')</script><style>a > b {}</style>",
    "forms": "<form><label>Nom <input name=a></label><select><option>1<option>2</select></form>",
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_a_long_page_of_the_usual_kind_is_read_in_full(kind: str) -> None:
    html = f"<html><title>x</title><body>{ORDINARY[kind] * 4000}</html>"

    assert affordable(html) == len(html)


def test_a_page_of_careless_html_is_read_in_full() -> None:
    html = "<div><span>a</div><em>b<a href=x><div>c</a></div></em>" * 300

    assert affordable(html) == len(html)


def test_what_comes_before_is_read() -> None:
    head = "<meta name=generator content=Accueil>"
    found = page.read(head + "<div>" * 100_000, "https://example.test/")

    assert found.generator == "Accueil"


@pytest.mark.parametrize("text", ["", "<", "<a", "</", "<!--", "<script>", "a < b > c", "<a ==x>"])
def test_pieces_are_text_like_any(text: str) -> None:
    padded = " " * 30_000 + text

    assert affordable(padded) == len(padded)
    assert LexborHTMLParser(padded).root is not None
