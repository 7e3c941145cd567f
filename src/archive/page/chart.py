"""A timeline as bars; a click on one chooses its period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas
import streamlit as st

from archive.following.records import Timeline

_BAR, _OTHERS = "#b4523f", ("#b4523f", "#3f6f7f", "#c08a2b", "#5c7a4a", "#7a5a86", "#9a9388")
_HEIGHT = 130
_NAMED, _ROWS = "chosen", "bars"  # Vega-Lite makes _ of what is not ASCII in a name


def draw_timeline(timeline: Timeline, key: str, on_choose: Callable[[str], None]) -> None:
    """How many briefings told of each thing, period by period; `on_choose` as in `draw_bars`."""
    counts = {series.name: series.briefings for series in timeline.series}
    draw_bars(timeline.periods, counts, "期数", key, on_choose)


def draw_bars(
    periods: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    unit: str,
    key: str,
    on_choose: Callable[[str], None],
) -> None:
    """A bar for each period and name, as high as its count.

    `on_choose` hears the period that was clicked, before the page is drawn again.
    """
    rows = [
        {"时间": period, "内容": name, unit: count}
        for name, of in counts.items()
        for period, count in zip(periods, of, strict=True)
    ]
    if not rows:
        return
    several = len(counts) > 1
    names: dict[str, Any] = {"field": "内容", "type": "nominal"}
    colour = (
        {**names, "scale": {"range": list(_OTHERS)}, "title": None} if several else {"value": _BAR}
    )
    period: dict[str, Any] = {"field": "时间", "type": "ordinal"}
    number: dict[str, Any] = {"field": unit, "type": "quantitative"}
    # A specification of Vega-Lite as it is: Altair takes longer to put one together than the rest
    # of the page takes to draw.
    chart = {
        "datasets": {_ROWS: pandas.DataFrame(rows)},
        "data": {"name": _ROWS},
        "mark": {"type": "bar", "cursor": "pointer"},
        "encoding": {
            "x": {**period, "title": None, "axis": {"labelAngle": 0, "labelOverlap": True}},
            "y": {**number, "title": None, "axis": {"tickMinStep": 1, "format": "d"}},
            "color": colour,
            "opacity": {"condition": {"param": _NAMED, "value": 1.0}, "value": 0.45},
            "tooltip": [period, names, number],
            **({"xOffset": names} if several else {}),
        },
        "height": _HEIGHT,
        "params": [{"name": _NAMED, "select": {"type": "point", "fields": ["时间"]}}],
    }

    def choose() -> None:
        chosen = st.session_state[key]["selection"].get(_NAMED) or []
        if chosen:
            on_choose(str(chosen[0]["时间"]))

    st.vega_lite_chart(spec=chart, key=key, on_select=choose, width="stretch")
