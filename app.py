"""The page: search the archive or ask it, and see every quotation on the page it stands on."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from functools import partial
from math import ceil

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from archive import Archive, Filter, Settings
from archive.errors import ArchiveError
from archive.follow_up import Turn
from archive.page_image import PageImage, mark_quote
from archive.query_dates import today_here
from archive.records import (
    Answer,
    BriefingGroup,
    Citation,
    DateInference,
    Facet,
    Mode,
    Passage,
    Result,
    SearchPage,
    Sort,
)

TITLE = "简报档案"
SEARCH, ASK = "检索", "问答"
MODES: dict[str, Mode] = {"综合": "hybrid", "关键词": "keyword", "语义": "semantic"}
SORTS: dict[str, Sort] = {"相关": "relevance", "最新": "newest", "最早": "oldest"}
EXAMPLES = (
    "稀土出口许可的审批时限现在是多少？",
    "稀土出口许可的审批时限是怎样变化的？",
    "低空经济试点城市有哪些？",
    "可重复使用火箭何时首飞？",
)
LANGUAGE = (
    "多个词以空格分开；“出口许可”一字不差；-美国 不含；稀土 OR 锂 任一；"
    "标题:许可　主题:氢能　日期:2026-05 或 2026-05-01..2026-05-07"
)
PER_PAGE = 10
MOST_FACETS = 6

STYLE = """<style>
.stMainBlockContainer { max-width: 860px; padding: 2.2rem 2rem 4rem; }
.stMainBlockContainer:has(.st-key-viewer) { max-width: 1240px; }
.st-key-desk > * > .stHorizontalBlock > .stColumn:last-child:not(:has(.st-key-viewer)) {
  display: none; }
.stHtml { line-height: 1.75; text-wrap: pretty; }
.masthead h1, .answer { font-family: 'Songti SC', 'Noto Serif CJK SC', 'Source Han Serif SC',
  STSong, serif; }
.masthead h1 { font-size: 2rem; letter-spacing: .12em; padding: 0; margin: 0; font-weight: 600; }
.masthead p, .note, .meta, .source { color: #756e63; font-size: .875rem; margin: 0; }
.card { border-top: 1px solid #e2ddd3; padding-top: .9rem; }
.card h3 { font-size: 1.08rem; line-height: 1.5; padding: .1rem 0 .35rem; margin: 0; }
.card h3 span { color: #756e63; font-weight: 400; }
.card p { margin: 0; text-align: justify; }
.stHtml h2.group { font-size: 1.15rem; padding: .6rem 0 0; margin: 0; }
.topics span { display: inline-block; margin: .4rem .4rem 0 0; padding: 0 .5rem; font-size: .78rem;
  background: #f0ece4; color: #5d574e; border-radius: 3px; }
mark { background: #fbe9a0; color: inherit; padding: 0 1px; border-radius: 2px; }
.answer { font-size: 1.12rem; line-height: 1.95; border-left: 3px solid #8c2f21;
  padding-left: 1.1rem; margin-bottom: .6rem; }
.answer p { margin: 0 0 .7rem; text-align: justify; }
.answer p:last-child { margin: 0; }
.answer sup, .citation b { color: #8c2f21; font-weight: 500; }
.answer sup { font-family: sans-serif; font-size: .72em; padding-left: .1em; }
.citation { font-size: .94rem; }
.st-key-viewer img { border: 1px solid #e2ddd3; box-shadow: 0 2px 14px #26231f14; }
@media (min-width: 901px) {
  .stColumn:has(.st-key-viewer) { position: sticky; top: 1rem; align-self: flex-start;
    max-height: calc(100vh - 2rem); overflow-y: auto; }
}
@media (max-width: 900px) {  /* the page of the PDF covers a small screen until it is closed */
  .stMainBlockContainer { padding: 1.2rem 1rem 3rem; }
  .masthead h1 { font-size: 1.6rem; }
  .st-key-desk > * > .stHorizontalBlock { flex-wrap: wrap; }
  .st-key-desk > * > .stHorizontalBlock > .stColumn { min-width: 100%; }
  .st-key-viewer { position: fixed; inset: 0; z-index: 1000000; overflow-y: auto; padding: 1rem;
    background: #fdfcfa; }
}
</style>"""

# Run by the browser when it changes, which is when another page of results is shown.
SCROLL_UP = "<script>document.querySelector('.stMain').scrollTo(0, 0) // {page}</script>"


@dataclass(frozen=True, slots=True)
class Opened:
    """The page of a passage's PDF that the reader looks at, and the quote to mark on `pages`."""

    passage: Passage
    page: int
    quote: str
    pages: tuple[int, int]


@st.cache_resource(show_spinner="正在打开档案……")
def open_archive(home: str) -> Archive:
    """The archive at `home`, one for all readers."""
    return Archive.open(Settings.load(home=home))


# What is found is kept until the archive changes (`generation`), so that to turn a page of a PDF
# doesn't ask the question again.


@st.cache_data(show_spinner="正在检索……", max_entries=200)
def search(
    home: str, generation: int, query: str, mode: Mode, where: Filter, sort: Sort,
    by_briefing: bool, infer_dates: bool, today: Date, page: int,
) -> SearchPage:  # fmt: skip
    """One page (from 1) of what a search finds."""
    return open_archive(home).search_page(
        query, mode=mode, where=where, sort=sort, limit=PER_PAGE, offset=(page - 1) * PER_PAGE,
        by_briefing=by_briefing, infer_dates=infer_dates, today=today,
    )  # fmt: skip


@st.cache_data(show_spinner="正在检索……", max_entries=200)
def similar(home: str, generation: int, passage_id: str, where: Filter) -> SearchPage:
    """The passages nearest in meaning to one."""
    return open_archive(home).similar(passage_id, where=where, limit=PER_PAGE)


def ask(home: str, generation: int, question: str, where: Filter) -> Answer:
    """The answer to a question, which may lean on the one asked before; kept while the page is."""
    asked = home, generation, question, where
    known: dict[object, Answer] = st.session_state.setdefault("answers", {})
    if asked not in known:
        place = st.empty()
        said: list[str] = []

        def show(sentence: str) -> None:
            said.append(sentence)
            place.html(f'<div class="answer">{answer_html(chr(10).join(said), ())}</div>')

        with st.spinner("正在查找依据……"):
            known[asked] = open_archive(home).ask(
                question, where=where, previous=st.session_state.get("turn"), on_sentence=show
            )
        place.empty()
        st.session_state.turn = Turn(known[asked].understood or question, known[asked].where)
    return known[asked]


@st.cache_data(show_spinner=False, max_entries=32)
def picture(home: str, briefing_id: str, page: int, quote: str) -> PageImage:
    """A page of a briefing's PDF with the quote marked on it."""
    return mark_quote(open_archive(home).show(briefing_id)[2], page, quote)


def main() -> None:
    """Draw the page; what is known to go wrong is said in a sentence."""
    st.set_page_config(page_title=TITLE, page_icon="📚", layout="wide")
    st.html(STYLE)
    try:
        settings = Settings.load()
        if settings.catalog.exists():
            draw_archive(str(settings.home))
        else:
            draw_beginning(str(settings.home))
    except ArchiveError as error:
        draw_error(error)


def draw_archive(home: str) -> None:
    """The question, what the archive says to it, and beside it the page the reader opened."""
    archive = open_archive(home)
    generation = archive.catalog.generation()
    holdings = archive.catalog.coverage(Filter())
    if not holdings.briefings:
        draw_beginning(home)
        return
    opened: Opened | None = st.session_state.get("opened")
    # Always two columns, the empty one hidden by the style: to move what was drawn to other places
    # would lose where the reader has scrolled to.
    with st.container(key="desk"):
        left, right = st.columns(2, gap="large")
    with left:
        draw_masthead(f"收录 {holdings.briefings} 期简报，{holdings.since} 至 {holdings.until}")
        view, query = draw_question()
        where, mode, sort, by_briefing = draw_filters(dict(archive.topics()), view)
        if where.since and where.until and where.since > where.until:
            st.warning("起始日期晚于截止日期，请把两个日期对调。")
        elif not query:
            draw_examples()
        elif like := st.session_state.get("similar"):
            draw_similar(partial(similar, home, generation, like, where))
        elif view == ASK:
            draw_answer(ask(home, generation, query, where))
        else:
            infer_dates = "nodate" not in st.query_params
            ways = (mode, where, sort, by_briefing, infer_dates, today_here())
            draw_results(partial(search, home, generation, query, *ways))
    if opened:
        with right, st.container(key="viewer"):
            draw_viewer(home, opened)


def draw_masthead(line: str) -> None:
    st.html(f'<div class="masthead"><h1>{TITLE}</h1><p>{line}</p></div>')


def draw_beginning(home: str) -> None:
    """What to do while nothing has been taken in."""
    draw_masthead("还没有收录简报")
    st.info("档案是空的。请在终端里运行下面的命令，把存放简报 PDF 的文件夹收进档案，再刷新本页。")
    st.code("archive ingest 简报文件夹", language=None)
    st.html(f'<p class="note">档案的位置：{html.escape(home)}</p>')


def draw_error(error: ArchiveError) -> None:
    st.error(f"没有成功：{as_markdown(error.message)}  \n解决办法：{as_markdown(error.cure)}")


def draw_question() -> tuple[str, str]:
    """The choice between searching and asking, and one box for both."""
    # Not a `default` of the widget, which would quarrel with the examples' setting it.
    if "view" not in st.session_state and "view" not in st.query_params:
        st.session_state.view = SEARCH
    view = st.segmented_control(
        "方式", (SEARCH, ASK), required=True, key="view", bind="query-params",
        label_visibility="collapsed", on_change=start_over,
    )  # fmt: skip
    verb, hint = ("提问", "用一句话提问") if view == ASK else ("检索", "输入要查的词或句子")
    with st.form("question", border=False), st.container(horizontal=True):
        query = st.text_input(
            "问题", key="q", bind="query-params", placeholder=hint, label_visibility="collapsed"
        )
        st.form_submit_button(verb, type="primary", on_click=start_anew)
    if view != ASK:
        draw_note(f"检索式：{LANGUAGE}")
    return view or SEARCH, (query or "").strip()


def draw_filters(topics: dict[str, int], view: str) -> tuple[Filter, Mode, Sort, bool]:
    """What to search in and how; a change takes effect at once."""
    with st.expander("筛选：日期、主题" if view == ASK else "筛选：日期、主题、检索方式、排序"):
        first, second = st.columns(2)
        since = choose_day(first, "起始日期", "since")
        until = choose_day(second, "截止日期", "until")
        chosen = choose_topics(topics)
        mode, sort, by_briefing = "综合", "相关", False
        if view == SEARCH:
            first, second = st.columns(2)
            mode = choose_way(first, "检索方式", MODES, "mode")
            sort = choose_way(second, "排序", SORTS, "sort")
            by_briefing = st.toggle("按期归并", key="by", bind="query-params", on_change=start_over)
    where = Filter(since=since, until=until, topics=tuple(chosen))
    days = f"{since or '最早'} 至 {until or '最新'}" if since or until else ""
    ways = (f"{mode}检索" if mode != "综合" else "", f"{sort}在前" if sort != "相关" else "")
    if limits := "，".join(filter(None, (days, *chosen, *ways))):
        draw_note(f"只看：{limits}")
    return where, MODES[mode], SORTS[sort], by_briefing


def choose_day(column: DeltaGenerator, label: str, key: str) -> Date | None:
    return column.date_input(
        label, None, key=key, format="YYYY-MM-DD", bind="query-params", on_change=start_over
    )


def choose_way(column: DeltaGenerator, label: str, ways: Iterable[str], key: str) -> str:
    """One of some ways, at first the first."""
    names = tuple(ways)
    return column.segmented_control(
        label, names, default=names[0], required=True, key=key, bind="query-params",
        on_change=start_over,
    )  # fmt: skip


def choose_topics(topics: dict[str, int]) -> list[str]:
    """The topics to search in, each shown with its number of passages."""
    offered = [topic for topic, count in topics.items() if count]
    wanted = st.session_state.get("topics", st.query_params.get_all("topic"))
    st.session_state.topics = [topic for topic in wanted if topic in offered]
    chosen = st.multiselect(
        "主题", offered, key="topics", placeholder="全部主题", select_all=False,
        on_change=start_over, format_func=lambda topic: f"{topic}（{topics[topic]}）",
    )  # fmt: skip
    # `bind` would put the label with its number into the address, which an ingest makes stale.
    st.query_params["topic"] = chosen
    return chosen


def draw_examples() -> None:
    st.html('<p class="note">可以这样问：</p>')
    with st.container(horizontal=True):
        for example in EXAMPLES:
            st.button(example, on_click=ask_example, args=(example,))


def draw_note(line: str) -> None:
    st.html(f'<p class="note">{html.escape(line)}</p>')


def draw_results(search_page: Callable[[int], SearchPage]) -> None:
    """The passages found, ten at a time, or as many briefings with their best passages."""
    found = search_page(1)
    draw_remarks(found)
    if not found.results:
        st.info(as_markdown(found.message))
        return
    draw_note(
        f"「{found.query}」共 {found.total} 段，出自 {found.briefings} 期，"
        f"用时 {found.took_ms:.0f} 毫秒"
    )
    draw_facets("月份", found.facets.months[::-1])
    draw_facets("主题", found.facets.topics)
    cards = st.container()
    count = found.briefings if found.groups else found.total
    if count > PER_PAGE:
        page = st.pagination(ceil(count / PER_PAGE), key="page", bind="query-params")
        found = search_page(page)
        st.html(SCROLL_UP.format(page=page), unsafe_allow_javascript=True)
    with cards:
        if found.groups:
            draw_groups(found.groups)
        else:
            draw_cards(found.results)


def draw_remarks(found: SearchPage) -> None:
    """How the query was taken, and what may have been meant instead."""
    if found.inferred:
        draw_inferred(found.inferred)
    if found.message and found.results:
        draw_note(found.message)
    if found.suggestion:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.html('<p class="note">您是不是要找：</p>', width="content")
            st.button(
                as_markdown(found.suggestion), key="suggestion", type="tertiary",
                on_click=search_for, args=(found.suggestion,),
            )  # fmt: skip


def draw_inferred(inferred: DateInference) -> None:
    draw_note(inferred.line)
    st.button("不按日期筛选", type="tertiary", on_click=refuse_date)


def draw_facets(name: str, facets: Sequence[Facet]) -> None:
    """How all that was found spreads, in a line."""
    if facets:
        counts = (f"{facet.value}（{facet.count}）" for facet in facets[:MOST_FACETS])
        draw_note(f"{name}：{'　'.join(counts)}")


def draw_groups(groups: tuple[BriefingGroup, ...]) -> None:
    for group in groups:
        line = f"{group.briefing.date}　《{group.briefing.title}》　共 {group.total} 条"
        st.html(f'<h2 class="group">{html.escape(line)}</h2>')
        draw_cards(group.results)


def draw_similar(search_similar: Callable[[], SearchPage]) -> None:
    """The passages nearest to the one chosen, and the way back."""
    st.button("返回", icon=":material/arrow_back:", on_click=show_similar, args=(None,))
    found = search_similar()
    draw_note(f"与「{found.query}」相似的段落")
    if found.results:
        draw_cards(found.results)
    else:
        st.info(as_markdown(found.message))
    st.html(SCROLL_UP.format(page="similar"), unsafe_allow_javascript=True)


def draw_cards(results: tuple[Result, ...]) -> None:
    """A card a passage: where it stands, what it says around the words found, its topics."""
    for result in results:
        passage, text = result.passage, result.passage.text
        start, end = result.snippet
        shown = marked_html(text, result.highlights, start, end)
        parents = html.escape("".join(f"{title} › " for title in passage.section.path[:-1]))
        topics = "".join(f"<span>{html.escape(topic)}</span>" for topic in passage.topics)
        with st.container(gap="xxsmall"):
            st.html(
                f'<div class="card"><p class="meta">{html.escape(place(passage))}</p>'
                f"<h3><span>{parents}</span>{html.escape(passage.heading)}</h3>"
                f"<p>{'…' * (start > 0)}{shown}{'…' * (end < len(text))}</p>"
                f'<div class="topics">{topics}</div>'
                f'<p class="meta">{html.escape(why(result))}</p></div>'
            )
            with st.container(horizontal=True):
                draw_open_button("打开原页", passage, text[start:end], passage.pages_of(start, end))
                st.button(
                    "相似", key=f"相似 {passage.id}", type="tertiary", on_click=show_similar,
                    args=(passage.id,),
                )  # fmt: skip


def draw_answer(answer: Answer) -> None:
    """The sentences with their numbers, then what each number stands for; or the refusal."""
    for note in answer.notes:
        st.caption(as_markdown(note))
    if answer.supported:
        lines = answer_html(answer.text, {citation.number for citation in answer.citations})
        st.html(f'<div class="answer">{lines}</div>')
    else:
        st.info(as_markdown(answer.text))
    replaced = dict(answer.replaced)
    for citation in answer.citations:
        draw_citation(citation, replaced.get(citation.briefing.id))
    st.html(f'<p class="note">{html.escape(answer.coverage.line)}</p>')
    if answer.widen:
        ways = "".join(f"<li>{html.escape(way)}</li>" for way in answer.widen)
        st.html(f'<ul class="note">{ways}</ul>')
    if not answer.supported:
        draw_cards(answer.results)


def draw_citation(citation: Citation, replaced_by: str | None) -> None:
    """What a number stands for, the way to its page, and how to cite it."""
    line, mark = html.escape(citation.line), f"[{citation.number}]"
    if replaced_by:
        line += "（这一期已有修订版）"
    sources = (f"来源：{html.escape(source.line)}" for source in citation.sources)
    notes = "".join(f'<p class="source">{source}</p>' for source in sources)
    with st.container(gap="xxsmall"):
        st.html(f'<div class="citation"><b>{mark}</b> {line}{notes}</div>')
        with st.container(horizontal=True):
            draw_open_button(f"{mark} 打开原页", citation.passage, citation.quote, citation.pages)
            with st.popover(f"{mark} 复制引用", type="tertiary"):
                st.caption("参考文献格式")
                st.code(citation.reference_line, language=None, wrap_lines=True)
                st.caption("GB/T 7714")
                st.code(citation.gbt7714(today_here()), language=None, wrap_lines=True)


def draw_open_button(label: str, passage: Passage, quote: str, pages: tuple[int, int]) -> None:
    st.button(
        label, key=f"{label} {passage.id}", type="tertiary", icon=":material/find_in_page:",
        on_click=open_page, args=(Opened(passage, pages[0], quote, pages),),
    )  # fmt: skip


def draw_viewer(home: str, opened: Opened) -> None:
    """The page opened, with its quote marked, and the way to the pages beside it."""
    briefing, page = opened.passage.briefing, opened.page
    quote = opened.quote if opened.pages[0] <= page <= opened.pages[1] else ""
    turn = partial(st.button, on_click=open_page)
    try:
        stored, _, file = open_archive(home).show(briefing.id)
        shown = picture(home, briefing.id, page, quote)
    except ArchiveError as error:
        draw_error(error)
        turn("关闭", args=(None,))
        return
    pages = stored.briefing.pages
    where = f"《{briefing.title}》{briefing.date}，第 {pages[page - 1].printed} 页"
    if stored.replaced_by:
        st.warning(f"这一期已有修订版（{stored.replaced_by}）；这里是引用时的那一版。")
    st.html(f"{html.escape(where)}（共 {len(pages)} 页）")
    with st.container(horizontal=True):
        turn("上一页", disabled=page == 1, args=(replace(opened, page=page - 1),))
        turn("下一页", disabled=page == len(pages), args=(replace(opened, page=page + 1),))
        st.download_button(
            "打开 PDF", file.read_bytes(), f"{briefing.date}.pdf", "application/pdf",
            on_click="ignore",
        )  # fmt: skip
        turn("关闭", args=(None,))
    recognised = pages[page - 1].confidence
    if recognised is not None:
        st.caption(f"本页是扫描件，文字由识别得到（可信度 {recognised:.0%}），请对照图片核对。")
    elif quote and not shown.marked:
        st.caption("这段文字没能在图上标出，请在本页和前后页中核对。")
    st.image(shown.png, width="stretch", alt=where)


def start_over() -> None:
    """Show a new question's first results, with no page open."""
    if "page" in st.session_state:
        st.session_state.page = 1
    st.session_state.opened = st.session_state.similar = None


def start_anew() -> None:
    """Start over with another query, whose date hasn't been refused."""
    st.query_params.pop("nodate", None)
    start_over()


def refuse_date() -> None:
    st.query_params["nodate"] = "1"
    start_over()


def search_for(query: str) -> None:
    st.session_state.q = query
    start_anew()


def show_similar(passage_id: str | None) -> None:
    st.session_state.similar, st.session_state.opened = passage_id, None


def ask_example(example: str) -> None:
    st.session_state.view, st.session_state.q = ASK, example
    start_anew()


def open_page(opened: Opened | None) -> None:
    st.session_state.opened = opened


def place(passage: Passage) -> str:
    """Where a passage stands: date, title, printed pages."""
    pages = "-".join(dict.fromkeys(passage.printed))
    return f"{passage.briefing.date}　《{passage.briefing.title}》　第 {pages} 页"


def why(result: Result) -> str:
    """Why a passage was found: its rank by words and by meaning, and the words it holds."""
    ranks = {"关键词": result.keyword_rank, "语义": result.semantic_rank}
    parts = [f"{name}第 {rank}" for name, rank in ranks.items() if rank is not None]
    if result.hits:
        parts.append(f"含 {'、'.join(result.hits)}")
    return " · ".join(parts)


def marked_html(text: str, marks: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Characters [start, end) of a text as HTML, with the ranges of it that lie within marked."""
    parts, at = [], start
    for low, high in marks:
        if start <= low and high <= end:
            parts += [html.escape(text[at:low]), f"<mark>{html.escape(text[low:high])}</mark>"]
            at = high
    return "".join((*parts, html.escape(text[at:end])))


def answer_html(text: str, numbers: Collection[int]) -> str:
    """An answer's lines as HTML, the numbers of its citations raised."""

    def raised(match: re.Match[str]) -> str:
        return f"<sup>{match[0]}</sup>" if int(match[1]) in numbers else match[0]

    shown = re.sub(r"\[(\d+)\]", raised, html.escape(text))
    return "".join(f"<p>{line}</p>" for line in shown.splitlines() if line)


def as_markdown(text: str) -> str:
    """Text for Streamlit's Markdown, every mark of which is shown as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


if __name__ == "__main__":
    main()
