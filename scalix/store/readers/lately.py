"""Questions asked lately, as relations: making one binds its query, which takes as long as a small answer itself.

A relation that is read again is bound to the files that there are by then, so its answer is as fresh as the first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import duckdb

    from scalix.store.readers.wire import Question

_MOST = 16
_READ_ANEW = "QUERY_RELATION"
"""The type of relations that hold a query; others hold the rows that it once gave."""


@dataclass(frozen=True)
class Bound:
    """A relation, and the cursor that it runs on."""

    cursor: duckdb.DuckDBPyConnection
    relation: duckdb.DuckDBPyRelation


@dataclass(frozen=True)
class Lately:
    """The latest of them. One that is taken out comes back only when it gave a whole answer."""

    _bound: OrderedDict[bytes, Bound] = field(default_factory=OrderedDict)

    def take(self, question: Question) -> Bound | None:
        """The relation of this question, if it was asked lately."""
        return self._bound.pop(_key(question), None)

    def keep(self, question: Question, bound: Bound) -> bool:
        """Have it at hand for the next time. False for what cannot be asked again."""
        if bound.relation.type != _READ_ANEW:
            return False
        self._bound[_key(question)] = bound
        if len(self._bound) > _MOST:
            self._bound.popitem(last=False)[1].cursor.close()
        return True


def _key(question: Question) -> bytes:
    return msgspec.json.encode((question.sql, question.parameters))
