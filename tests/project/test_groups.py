"""Tests of one group stay in one process, so that what is dear to start is started once."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("of_one")
def test_a_group_is_known_to_whoever_hands_out_the_tests(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("all tests run in this process")
    assert request.node.nodeid.endswith("@of_one")
