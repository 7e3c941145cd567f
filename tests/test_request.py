"""What is wanted is read once from what was typed, and each intent has its answer."""

from __future__ import annotations

import re
from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Filter
from archive.asking.records import Answer
from archive.asking.request import as_read, read_request
from archive.chinese.text import compact
from archive.records import NO_FILTER
from archive.store.selection import Selection
from tests.conftest import ROOT

TODAY = Date(2026, 8, 28)
DOCS = (ROOT / "docs" / "asking.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| (\w+) \| `([^`]+)` \|", DOCS, re.MULTILINE)


def ask(archive: Archive, question: str, where: Filter | None = None) -> Answer:
    answer = archive.ask(question, where=where or Filter(), today=TODAY, use_llm=False)
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {item.citation for item in answer.items} <= {*numbers, None}
    for citation in answer.citations:
        assert citation.quote in citation.passage.text
    return answer


def test_every_intent_has_an_example() -> None:
    assert len(dict(EXAMPLES)) == 14


@pytest.mark.parametrize(("intent", "question"), EXAMPLES)
def test_the_examples_of_the_docs(sample_archive: Archive, intent: str, question: str) -> None:
    answer = ask(sample_archive, question)
    assert answer.intent == intent
    assert answer.supported == (intent != "beyond")
    # Half a sentence leads where it holds what is asked for; else the sentence itself does.
    assert answer.lead is not None or answer.citations


@pytest.mark.parametrize(
    ("question", "intent", "subject"),
    [
        ("有没有写过固态电池", "coverage", "固态电池"),
        ("固态电池有哪些报道", "coverage", "固态电池"),
        ("咱之前写过低空经济没", "coverage", "低空经济"),
        ("哪几期提到过稀土", "coverage", "稀土"),
        ("最早是什么时候写的合成蛋白", "coverage", "合成蛋白"),
        ("上次写碳酸锂是啥时候", "coverage", "碳酸锂"),
        ("從什麼時候開始關注低空經濟", "coverage", "低空经济"),
        ("Have we covered solid-state batteries before?", "coverage", "solid-state batteries"),
        ("最新一期讲了什么", "issue", ""),
        ("5月20号那期写了啥", "issue", ""),
        ("上一期", "issue", ""),
        ("６/16 那期头条", "issue", ""),
        ("总结一下上个月", "period", ""),
        ("8月份锂电池这块发了些啥", "period", "锂电池"),
        ("Orbital Ledger 引过几次", "sources", "Orbital Ledger"),
        ("海南417亿那个数哪来的", "sources", "海南417亿"),
        ("现在一共存了多少期", "archive", ""),
        ("缺哪几天", "archive", ""),
        ("有哪些主题", "archive", ""),
        ("碳酸锂现在啥价", "latest", "碳酸锂"),
        ("现在稀土審批要多久", "latest", "稀土审批"),
        ("审批时限后来怎么变的", "change", "审批时限"),
        ("镓和锗哪个涨得多", "compare", "镓"),
        ("陆景川是谁", "person", "陆景川"),
        ("低空试点是哪几个城市", "list", "低空试点"),
        ("脑机接口能不能走医保", "yesno", "脑机接口"),
        ("通用许可第一批给了多少家", "fact", "通用许可"),
        ("帮我写一封涨价函", "beyond", ""),
        ("把这条翻译成英文", "beyond", ""),
        ("这只股票还能涨吗", "beyond", ""),
        ("提到过郑砚吗", "coverage", "郑砚"),
    ],
)
def test_a_question_as_it_is_typed(
    sample_archive: Archive, question: str, intent: str, subject: str
) -> None:
    everything = Selection.of(sample_archive._catalog.snapshot(), NO_FILTER)
    request = sample_archive._asker.read(everything, question, TODAY)
    assert request.intent == intent
    assert set(compact(subject).text) <= set(compact(request.subject).text)
    assert len(request.subject) <= len(subject) + 5


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("8月20那期讲了什么", "2026-08-20", "2026-08-20"),
        ("6/16那期", "2026-06-16", "2026-06-16"),
        ("17号那期写了啥", "2026-08-17", "2026-08-17"),
        ("29号那期写了啥", "2026-07-29", "2026-07-29"),
        ("5号到7号这三天登了哪些", "2026-08-05", "2026-08-07"),
        ("上个月跟储能有关的", "2026-07-01", "2026-07-31"),
    ],
)
def test_the_days_that_are_meant(question: str, since: str, until: str) -> None:
    period = read_request(question, TODAY, describe=lambda text: ()).period
    assert period is not None
    assert (str(period.since), str(period.until)) == (since, until)


@given(st.text(max_size=60))
def test_anything_typed_is_read(sample_archive: Archive, text: str) -> None:
    request = sample_archive._asker.read_by_rules(sample_archive._catalog.snapshot(), text, TODAY)
    assert request.text == as_read(text)
    assert all(piece in request.text for piece in request.subject.split())


def test_prior_coverage_names_every_issue(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "固态电池写过几次，都是哪几期")
    found = sample_archive.search_page('"固态电池"', limit=100)
    dates = {result.briefing.date for result in found.results}
    assert {item.briefing.date for item in answer.items} == dates
    assert answer.lead is not None
    assert f"{len(dates)} 期" in answer.lead.text
    for item in answer.items:
        assert item.pages
        assert item.line in answer.text


@pytest.mark.parametrize(("question", "at"), [("最早", 0), ("最近一次", -1)])
def test_first_and_last(sample_archive: Archive, question: str, at: int) -> None:
    answer = ask(sample_archive, f"{question}写固态电池是什么时候")
    dates = sorted(item.briefing.date for item in answer.items)
    assert answer.lead is not None
    assert dates[at] in answer.lead.text
    assert answer.items[0].briefing.date == dates[at]


@pytest.mark.parametrize(
    ("question", "leads", "shows"),
    [
        ("陆景川是谁", "首席执行官陆景川", "首席执行官陆景川"),
        ("5月20号那期头条是啥", "2026-05-20 这一期的头条", "5 月 20 日"),
        ("4月14那期除了稀土还登了什么", "以外的内容", "镓"),
        ("最新一期的前头那一期讲了什么", "2026-08-25", "X200"),
        ("悉土写过几期", "期写到", "稀土"),
        ("远图研究院有没有哪几期没引用", "没有引用的有", "远图研究院"),
        ("Have we covered the green hydrogen pipeline?", "按意思最接近", "绿氢"),
        ("我们大致写哪些方面的题目", "主题共", "低空经济"),
        ("最近三个月没写过的主题", "没有写过的主题", "主题"),
        ("郑砚在哪期说过话", "在 3 期里", "数据比箭体更重要"),
        ("程希言算哪一方的", "写过“程希言”", "代理律师程希言"),
        ("H2降过几次价了", "写到 2 次", "16.5 万元调整为 14.6 万元"),
        ("低空试点的城市扩了几回", "6 个 → 11 个；2026-08-27 11 个 → 18 个", "第三次扩围"),
        ("锗锭4月到现在涨了多少", "14,200 元 → 2026-08-18 15,900 元", "锗锭均价"),
        ("X200价格有什么变化", "118 万元 → 2026-08-25 126 万元", "156 万元"),
        ("今天稿子里有条公共数据授权运营，前面哪几期发过", "共有 3 期写到", "2026-04-28"),
        ("8月11号那期找不到，是没出吗", "之前最近的一期是 2026-08-06", "缺 1 期：2026-08-11"),
        ("8月6号到18号之间漏了哪几期", "共有 2 期", "缺 1 期：2026-08-11"),
        ("六月总共几期，大事有哪些", "六月共 3 期", "曦和二号"),
        (
            "谁说的碳酸锂年末7万到8万？出处",
            "2 期简报依据的是：Caldera Metals Weekly",
            "7 万至 8 万元",
        ),
        ("Ｘ２００　八卡　最高　多少钱", "年内高点 156 万元", "156 万元"),
        ("稀土審批時限最後定幾個工作日", "审批时限为 20 个工作日", "20 个工作日"),
        ("北衡H2在手订单多少台", "在手订单 12,000 台", "12,000 台"),
    ],
)
def test_ways_of_asking(sample_archive: Archive, question: str, leads: str, shows: str) -> None:
    answer = ask(sample_archive, question)
    assert answer.lead is not None
    assert leads in answer.lead.text
    assert shows in answer.text


def test_of_things_compared_each_is_told(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "钠电芯跟铁锂比，现在一瓦时还差多少钱")
    assert answer.intent == "compare"
    assert "价差缩小到每瓦时 0.01 元" in answer.citations[0].quote


def test_what_came_of_it_stands_first(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "火箭那个回收，最后成了没")
    assert answer.citations[0].briefing.date == "2026-07-28"
    assert "回收成功" in answer.citations[0].quote


def test_no_sentence_is_quoted_twice(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "储能反补贴，立案起按时间排一下，要带税率")
    spans = [
        (c.passage.id, start, start + len(c.quote))
        for c in answer.citations
        for start in [c.passage.text.index(c.quote)]
    ]
    for at, (passage, start, end) in enumerate(spans):
        assert not any(
            passage == other and start < last and first < end
            for other, first, last in spans[at + 1 :]
        )


def test_a_subject_within_longer_words_is_found(sample_archive: Archive) -> None:
    """Jieba takes 云鸢航空 for one word in some passages."""
    answer = ask(sample_archive, "云鸢写过哪几期")
    dates = {item.briefing.date for item in answer.items}
    assert dates == {r.briefing.date for r in sample_archive.search_page('"云鸢"').results}


def test_part_of_a_word_is_another_thing(sample_archive: Archive) -> None:
    """What is told of 光纤废料 is nothing of 核废料."""
    answer = ask(sample_archive, "核废料处置这个题我们做过没有")
    assert not answer.supported
    assert "没有写过“核废料" in answer.text


def test_a_near_miss_names_what_it_lacks(sample_archive: Archive) -> None:
    """涨价 is told of other things, and H2's price only fell."""
    answer = ask(sample_archive, "北衡H2涨价以后卖多少一台，怎么就涨了")
    assert any("没有写到“涨价”" in note for note in answer.notes)
    assert answer.lead is None


def test_what_is_to_come_is_not_foretold(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "碳酸锂明年均价会到多少")
    assert not answer.supported or any("不作预测" in note for note in answer.notes)


def test_an_issue_but_for_something(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "4月14那期除了稀土还登了什么")
    assert answer.items
    assert not any("稀土" in citation.quote for citation in answer.citations)


def test_a_subject_misspelt_is_told(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "谈酸锂现在什么价")
    assert answer.supported
    assert "档案里没有“谈酸锂”，按“碳酸锂”回答。" in answer.notes


def test_english_words_that_stand_nowhere_are_left_out_of_a_subject(
    sample_archive: Archive,
) -> None:
    """A name does not go the same way: what it stands for was never written of."""
    answer = ask(sample_archive, "L3夜间 takeover rate 首月")
    assert any("没有“takeover rate”，按“L3夜间”回答" in note for note in answer.notes)
    assert "1.1 次" in answer.text
    assert not ask(sample_archive, "Starlink 现在多少钱").supported


def test_how_a_matter_stands_is_told_by_its_newest_issue(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "玄河上次发的是210微秒，现在推进到哪步了")
    assert answer.citations[0].briefing.date == "2026-08-06"


def test_a_figure_of_the_past_is_not_brought_up_to_date(sample_archive: Archive) -> None:
    assert "19.8 万元" in ask(sample_archive, "H2最早卖多少钱一台").citations[0].quote


def test_a_lead_is_in_the_measure_asked_for(sample_archive: Archive) -> None:
    """The sentence gives three figures, only one of them in days."""
    lead = ask(sample_archive, "稀土出口许可审批时限多少天").lead
    assert lead is not None
    assert "20 个工作日" in lead.text


@pytest.mark.parametrize(
    "question", ["杜苏芮造成多少伤亡", "固态电池装车试验用的是哪一家车企的车型"]
)
def test_what_no_passage_of_the_subject_says_is_told(
    sample_archive: Archive, question: str
) -> None:
    answer = ask(sample_archive, question)
    told = " ".join((*answer.notes, answer.text))
    assert not answer.supported or "都没有写到" in told


def test_what_other_days_tell_of_is_not_called_unwritten(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "首批通用许可有多少家企业？", Filter(until=Date(2026, 6, 30)))
    assert not answer.supported
    assert "所选的简报里没有写过“通用许可”；档案共有" in answer.text


@pytest.mark.parametrize("question", ["六氟磷酸锂最近报价", "杭州亚运会准备得怎么样了"])
def test_what_stands_nowhere_was_never_written_of(sample_archive: Archive, question: str) -> None:
    answer = ask(sample_archive, question)
    assert not answer.supported
    assert "档案里没有写过" in answer.text


def test_the_present_state_comes_first(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "H2在手订单到多少台了")
    dates = [citation.briefing.date for citation in answer.citations]
    assert dates == sorted(dates, reverse=True)
    assert "12,000" in answer.citations[0].quote


def test_a_filter_narrows_what_is_put_together(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "有没有写过固态电池", Filter(since=Date(2026, 6, 1)))
    assert answer.items
    assert min(item.briefing.date for item in answer.items) >= "2026-06-01"


def test_what_was_never_written_of_is_said_so(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "有没有写过火星基地")
    assert not answer.supported
    assert "没有写过“火星" in answer.text


def test_a_period_without_the_subject_names_the_nearest(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "6月份固态电池写了些什么")
    assert answer.period is not None
    assert "没有写到" in answer.text
    assert answer.items[0].briefing.date == "2026-07-22"


def test_an_issue_by_its_day_and_by_name(sample_archive: Archive) -> None:
    newest = sample_archive.issues()[-1]
    for question in ("最新一期讲了什么", f"{newest.first.month}月{newest.first.day}号那期写了啥"):
        answer = ask(sample_archive, question)
        assert {item.briefing.id for item in answer.items} == {newest.briefing_id}
        assert answer.items[0].section is not None
        assert answer.items[0].section.title == "摘要"
        assert len(answer.items) > 5


def test_a_day_without_an_issue_names_its_neighbours(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "8月19号那期写了什么")
    assert not answer.supported
    assert "2026-08-18" in answer.text
    assert "2026-08-20" in answer.text
    assert [way.question for way in answer.widen]


def test_an_outlet_with_what_rests_on_it(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "Caldera那个周刊我们用过几次")
    assert answer.intent == "sources"
    items = sample_archive.sources(outlet="Caldera Metals Weekly")
    assert f"被引用 {sum(len(item.citing) for item in items)} 次" in answer.text
    assert all(item.citation for item in answer.items)


def test_the_archive_itself(sample_archive: Archive) -> None:
    holdings = sample_archive.holdings()
    answer = ask(sample_archive, "库里现在一共多少期")
    assert f"{holdings.briefings} 期" in answer.text
    missing = [day for days in sample_archive.missing_days() for day in days.dates]
    assert all(str(day) in ask(sample_archive, "缺哪几天").text for day in missing)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("稀土出口许可的审批时限现在是多少", "稀土出口許可的審批時限現在是多少"),
        ("有没有写过固态电池", "有沒有寫過固態電池"),
        ("8月20号那期讲了什么", "８月２０號那期講了什麼"),
        ("通用许可首批发给了多少家企业", "通用許可首批發給了多少家企業"),
    ],
)
def test_scripts_and_widths_ask_the_same(sample_archive: Archive, one: str, other: str) -> None:
    mine, yours = ask(sample_archive, one), ask(sample_archive, other)
    assert mine.intent == yours.intent
    assert compact(mine.text).text == compact(yours.text).text


def test_a_refusal_tells_what_is_known(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "稀土出口许可的审批时限为什么延长到 90 个工作日？")
    assert not answer.supported
    assert "没有“90 个工作日”" in answer.text
    assert "档案写过" in answer.text
    assert answer.citations
    assert any(way.question for way in answer.widen)


def test_a_relative_day_is_shown_as_the_day_it_means(sample_archive: Archive) -> None:
    answer = ask(sample_archive, "公共数据授权运营收费上限是多少")
    told = [line for line in answer.text.splitlines() if "同日公布" in line]
    assert told
    assert all("（同日：7月8日）" in line for line in told)
