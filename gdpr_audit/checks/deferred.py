"""An observer that is named, and imported when it is first called.

Every audit reads every check's facts, for they are the vocabulary of the rules; it calls only the
checks that a chosen rule needs. So a check whose observer has much to import names it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gdpr_audit.model import Observe, Statement, Subject


@dataclass(frozen=True)
class Deferred:
    """`Check.observe` by its place, `module:function`.

    One that cannot be imported raises as it is called: that check is then broken, as one that
    raises for any other reason.
    """

    place: str

    def __call__(self, subject: Subject, session: Any) -> AsyncIterator[Statement]:
        return self.load()(subject, session)

    def load(self) -> Observe:
        """The function itself. Raises ImportError or AttributeError."""
        module, _, function = self.place.partition(":")
        observe: Observe = getattr(import_module(module), function)
        return observe
