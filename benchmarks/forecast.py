"""How good are forecasts of a budget's window end, on the demo's month and on a production trace stretched to one?

Forecasts are made again every six hours with what was known then. Printed are how many outcomes lay in the 90 % and
50 % intervals, and the mean pinball loss against seasonal-naive's. ``python -m benchmarks.forecast``.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from analytics.budgets.calibration import Calibration, calibration
from analytics.budgets.windows import Window
from scalix.demo.hourly import demo_month, trace_month

END = datetime(2026, 11, 26, 12, tzinfo=UTC)
LEAST, MOST = 0.80, 0.97


def main() -> int:
    """Print a line for each series and window; 1 when an interval or the loss is beyond its target."""
    missed = False
    for name, history in (("demo", demo_month(END)), ("trace", trace_month())):
        found = []
        for kind in ("day", "week"):
            began = time.process_time()
            judged = calibration(history, Window(kind), timedelta(hours=6))
            spent = (time.process_time() - began) / len(judged.judged)
            print(f"{name:5} {kind:4}: {_line(judged)}; {spent * 1000:.0f} ms of CPU a forecast")
            found.append(judged)
        pooled = Calibration(tuple(one for judged in found for one in judged.judged))
        print(f"{name:5} both: {_line(pooled)}")
        missed |= not LEAST <= (pooled.within_90 or 0.0) <= MOST or (pooled.loss_ratio or 9.0) >= 1
    return int(missed)


def _line(found: Calibration) -> str:
    return (
        f"{len(found.judged)} forecasts, {found.within_90:.1%} within 90 %, {found.within_50:.1%} within 50 %, "
        f"pinball loss {found.loss_ratio:.2f} of seasonal-naive's"
    )


if __name__ == "__main__":
    sys.exit(main())
