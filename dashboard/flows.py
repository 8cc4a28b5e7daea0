"""The geometry of a Sankey diagram with two sides, out of pairs and how much goes between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = 24
"""Points along the curve of a band."""
GAP = 0.03
"""Between two neighbours on a side, as a share of the height."""
NODE_WIDTH = 0.02


def nodes(edges: pl.DataFrame) -> pl.DataFrame:
    """The blocks of both sides.

    Columns: side (``from`` or ``to``), name, moves, label, top, bottom and middle (0 to 1, from above), left, right,
    label_x.
    """
    parts = []
    for side, left, label_x in (("from", -NODE_WIDTH, -NODE_WIDTH), ("to", 1.0, 1 + NODE_WIDTH)):
        places = _places(edges, f"moved_{side}")
        parts.append(
            places.select(
                pl.lit(side).alias("side"),
                pl.col(f"moved_{side}").alias("name"),
                "moves",
                pl.format("{}: {}", "moves", f"moved_{side}").alias("label"),
                "top",
                "bottom",
                ((pl.col("top") + pl.col("bottom")) / 2).alias("middle"),
                pl.lit(left).alias("left"),
                pl.lit(left + NODE_WIDTH).alias("right"),
                pl.lit(label_x).alias("label_x"),
            )
        )
    return pl.concat(parts)


def bands(edges: pl.DataFrame) -> pl.DataFrame:
    """The outline of each pair's band: link, moved_from, moved_to, moves, reason, x, top, bottom."""
    starts, ends = (_within(edges, side) for side in ("moved_from", "moved_to"))
    ordered = edges.with_row_index("link")
    rows = [
        {"link": row["link"], **{name: row[name] for name in ("moved_from", "moved_to", "moves", "reason")}, **point}
        for row in ordered.to_dicts()
        for point in _curve(starts[row["link"]], ends[row["link"]])
    ]
    return pl.DataFrame(rows)


def _curve(start: tuple[float, float], end: tuple[float, float]) -> Iterator[dict[str, float]]:
    for step in range(STEPS + 1):
        x = step / STEPS
        eased = x * x * (3 - 2 * x)
        top, bottom = (one + (other - one) * eased for one, other in zip(start, end, strict=True))
        yield {"x": x, "top": top, "bottom": bottom}


def _places(edges: pl.DataFrame, side: str) -> pl.DataFrame:
    """Where each name of a side lies, the busiest on top; all together as high as the diagram, gaps between them."""
    names = edges.group_by(side).agg(pl.col("moves").sum()).sort(["moves", side], descending=[True, False])
    room = 1 - GAP * (names.height - 1)
    height = pl.col("moves") / pl.col("moves").sum() * room
    before = height.cum_sum() - height + pl.int_range(pl.len()) * GAP
    return names.with_columns(before.alias("top"), (before + height).alias("bottom"))


def _within(edges: pl.DataFrame, side: str) -> list[tuple[float, float]]:
    """Top and bottom of each pair on a side, one beneath the other inside its block."""
    scale = (1 - GAP * (edges[side].n_unique() - 1)) / int(edges["moves"].sum())
    free = dict(_places(edges, side).select(side, "top").iter_rows())
    spans = []
    for name, moves in edges.select(side, "moves").iter_rows():
        top = free[name]
        free[name] = top + moves * scale
        spans.append((top, free[name]))
    return spans
