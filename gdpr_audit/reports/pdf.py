"""The HTML report as a tagged PDF (PDF/UA-1), by WeasyPrint: the extra `gdpr-audit[pdf]`."""

from __future__ import annotations

from typing import Any

from gdpr_audit.errors import InputError
from gdpr_audit.reports import html

HOW = 'pip install "gdpr-audit[pdf]"'


def content(document: dict[str, Any], since: dict[str, Any] | None = None) -> bytes:
    """The PDF's bytes; the same for the same document. Raises InputError without WeasyPrint."""
    weasyprint = library()
    page = weasyprint.HTML(string=html.printable(document, since), url_fetcher=_refused)
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1", custom_metadata=True)
    return made


def library() -> Any:
    """WeasyPrint. Raises InputError that says how to get it, or the Pango that it needs."""
    try:
        import weasyprint  # noqa: PLC0415 - a second to import, for this format alone
    except ModuleNotFoundError:
        raise InputError(f"-f pdf needs WeasyPrint: {HOW}") from None
    except OSError as error:
        raise InputError(
            f"-f pdf: WeasyPrint finds no Pango on this machine ({error}); on Debian: "
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        ) from None
    return weasyprint


def _refused(url: str, *_args: Any, **_options: Any) -> Any:
    """The report names nothing outside itself; what a hostile text might name is not fetched."""
    raise ValueError(f"not fetched: {url}")
