"""A control store of its own, and a receiver that verifies what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.analytics.alerts.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of signed webhooks."""
    opened = Receiver()
    yield opened
    opened.close()


@pytest.fixture
def plain_receiver() -> Iterator[Receiver]:
    """A receiver of whatever a service takes."""
    opened = Receiver(signed=False)
    yield opened
    opened.close()
