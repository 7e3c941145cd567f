"""A timeline as bars; a click on one chooses its period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import altair
import pandas
import streamlit as st

from archive.records import Timeline

_BAR, _OTHERS = "#8c2f21", ("#8c2f21", "#3f6f7f", "#c08a2b", "#5c7a4a", "#7a5a86", "#9a9388")
_HEIGHT = 130
_NAMED = "选中的一格"


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
    choice = altair.selection_point(name=_NAMED, fields=["时间"])
    colour = (
        altair.Color("内容:N", scale=altair.Scale(range=list(_OTHERS)), title=None)
        if several
        else altair.value(_BAR)
    )
    chart = (
        altair.Chart(pandas.DataFrame(rows))
        .mark_bar(cursor="pointer")
        .encode(
            x=altair.X("时间:O", title=None, axis=altair.Axis(labelAngle=0, labelOverlap=True)),
            y=altair.Y(f"{unit}:Q", title=None, axis=altair.Axis(tickMinStep=1, format="d")),
            color=colour,
            opacity=altair.condition(choice, altair.value(1.0), altair.value(0.45)),
            tooltip=["时间:O", "内容:N", f"{unit}:Q"],
            **({"xOffset": altair.XOffset("内容:N")} if several else {}),
        )
        .properties(height=_HEIGHT)
        .add_params(choice)
    )

    def choose() -> None:
        chosen = st.session_state[key]["selection"].get(_NAMED) or []
        if chosen:
            on_choose(str(chosen[0]["时间"]))

    st.altair_chart(chart, key=key, on_select=choose, width="stretch")
