"""What providers, recovery and caches need is light: these modules live in other people's processes."""

from __future__ import annotations

import json
import subprocess

from tests.collector.conftest import PYTHON

MODULES = (
    "caching",
    "catalogue.deployments",
    "catalogue.listing",
    "catalogue.switches",
    "recovery.telling",
    "recovery.waiting",
    "scalix_pro.chunks",
    "scalix_pro.opening",
    "scalix_pro.request",
)
HEAVY = {"duckdb", "polars", "pyarrow", "streamlit", "apscheduler", "pydantic", "litellm", "httpx", "openai"}


def test_nothing_heavy_is_loaded() -> None:
    imports = "; ".join(f"import routing.{module}" for module in MODULES)
    output = subprocess.check_output(
        [PYTHON, "-c", f"import json, sys; {imports}; print(json.dumps(list(sys.modules)))"]
    )
    assert {name.partition(".")[0] for name in json.loads(output)} & HEAVY == set()
