"""Have we covered this: drafts, subjects and topics against the sample archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive, Filter
from archive.chinese.lexicon import load_lexicon
from archive.errors import UsageError
from archive.evidence.quote_check import stands
from archive.following.changes import ENOUGH, figure_pairs
from archive.following.draft_parts import LONGEST, read_text
from archive.following.postponements import times_moved
from archive.following.records import Coverage
from archive.following.stages import stages_reached
from archive.index.keyword_index import KeywordIndex
from benchmarks.coverage import Draft, drafts, is_found, is_listed, status_of
from tests.commands import archive
from tests.conftest import SAMPLES

LAST = SAMPLES / "briefing-2026-08-27.pdf"
PRICE = (
    "据星海财经 9 月 15 日报道，澜芯 X200 八卡服务器的渠道成交均价本周降到每台 119 万元，"
    "交付周期缩短到 9 周。"
)
UNRELATED = "中国女排在亚洲锦标赛决赛中以 3 比 1 击败日本队，第九次夺冠。"


@pytest.fixture(scope="module")
def checked(sample_archive: Archive) -> list[tuple[Draft, Coverage]]:
    """Every second draft that parameters were set on; all, and those put aside, are the
    benchmark's.
    """
    return [(draft, sample_archive.coverage(draft.text)) for draft in drafts("tune")[::2]]


def test_statuses(checked: list[tuple[Draft, Coverage]]) -> None:
    right = sum(status_of(found.parts) == draft.status for draft, found in checked)
    assert right >= 0.9 * len(checked)


def test_the_earlier_passage_is_named(checked: list[tuple[Draft, Coverage]]) -> None:
    told = [(draft, found) for draft, found in checked if draft.earlier]
    right = sum(
        bool(part.earlier) and part.earlier[0].passage_id in draft.earlier
        for draft, found in told
        for part in found.parts
    )
    assert right >= 0.95 * sum(len(found.parts) for _, found in told)


def test_changes(checked: list[tuple[Draft, Coverage]]) -> None:
    reported = [(c, draft) for draft, found in checked for p in found.parts for c in p.changes]
    listed = [(pair, found) for draft, found in checked for pair in draft.changed]
    right = sum(is_listed(change, draft) for change, draft in reported)
    found_ = sum(is_found(pair, [c for p in f.parts for c in p.changes]) for pair, f in listed)
    assert right >= 0.95 * len(reported)
    assert found_ >= 0.9 * len(listed)


def test_every_quote_stands_on_its_page(
    sample_archive: Archive, checked: list[tuple[Draft, Coverage]]
) -> None:
    citations = [
        citation
        for _, found in checked[:30]
        for part in found.parts
        for citation in (*(s.citation for s in part.sentences), *(c.citation for c in part.changes))
        if citation
    ]
    assert len(citations) > 20
    for citation in citations:
        pages = [
            sample_archive._catalog.briefings.page(citation.briefing.id, number)
            for number in range(citation.pages[0], citation.pages[1] + 1)
        ]
        assert stands(citation.quote, [page.text for page in pages if page])


def test_what_changed_is_held_against_the_latest(sample_archive: Archive) -> None:
    (part,) = sample_archive.coverage(PRICE).parts
    assert part.status == "partly"
    assert {(c.old, c.new) for c in part.changes} == {("126 万元", "119 万元"), ("10 周", "9 周")}
    assert {change.citation.briefing.date for change in part.changes} == {"2026-08-25"}
    assert part.last == "2026-08-25"
    assert part.new_facts == (PRICE,)
    dates = [result.briefing.date for result in part.earlier]
    assert dates == sorted(dates, reverse=True)


def test_another_model_is_another_matter(sample_archive: Archive) -> None:
    (part,) = sample_archive.coverage(PRICE.replace("X200", "X900")).parts
    assert part.status == "new"
    assert part.related


def test_a_status_that_changed(sample_archive: Archive) -> None:
    text = "首个 6G 专利池 9 月 18 日在北京正式成立，成员增加到 17 家，首批由 11 家企业发起筹建。"
    (part,) = sample_archive.coverage(text).parts
    assert ("status", "正式成立") in {(change.kind, change.new) for change in part.changes}


@pytest.mark.parametrize(
    ("text", "kind", "old", "new"),
    [
        (
            "交易机构原打算年底前引入储能放电凭证，现改为明年一季度，理由是重复计算的问题没有解决。",
            "date",
            "年底前",
            "明年一季度",
        ),
        (
            "脑机接口项目的报销有了进展：浙江率先把非侵入式适配费纳入基本医保支付范围，"
            "侵入式置入的手术费仍在 6,200 元至 6,800 元之间。",
            "status",
            "均未纳入",
            "纳入",
        ),
        (
            "钠离子电池两轮车换电标准实施近三个月，不同运营商的换电柜已实现互通，"
            "48 伏、60 伏两种电压平台不变。",
            "status",
            "有望互通",
            "已实现互通",
        ),
        (
            "东南亚两家磁材加工厂结束评估、开始掺用回收料，以减少对许可物项的依赖。",
            "status",
            "正在评估增加回收",
            "结束评估、开始掺",
        ),
    ],
)
def test_what_changed_may_be_told_in_words(
    sample_archive: Archive, text: str, kind: str, old: str, new: str
) -> None:
    (part,) = sample_archive.coverage(text).parts
    assert (kind, old, new) in {(c.kind, c.old, c.new) for c in part.changes}


def test_nothing_has_changed_against_itself(sample_archive: Archive, tmp_path: Path) -> None:
    """A law: a passage beside its own text gives no figure, stage or time otherwise."""
    catalog = sample_archive._catalog
    passages = catalog.passages.get(catalog.passages.all_ids())
    terms = KeywordIndex(catalog, load_lexicon(tmp_path)).terms
    assert len(passages) > 200
    for passage in passages:
        chances = [pair.chance for pair in figure_pairs(passage.text, [passage], terms)]
        assert max(chances, default=0.0) < ENOUGH, passage.id
        assert not list(stages_reached(passage.text, [passage], terms)), passage.id
        assert not list(times_moved(passage.text, [passage], terms)), passage.id


@pytest.mark.parametrize(
    "text",
    [
        "东南亚两家磁材加工厂尚未完成评估，回收料没有启用。",
        "东南亚两家磁材加工厂对增加回收料使用比例的评估预计年底完成。",
    ],
)
def test_what_has_not_come_about_has_not_changed(sample_archive: Archive, text: str) -> None:
    (part,) = sample_archive.coverage(text).parts
    assert not [change for change in part.changes if change.kind == "status"]


def test_half_width_marks_end_clauses_too(sample_archive: Archive) -> None:
    text = "标准实施近三个月,不同运营商的换电柜已实现互通,两轮车换电的用户为 8,700,000 人."
    (part,) = sample_archive.coverage(text).parts
    assert "已实现互通" in {change.new for change in part.changes}


def test_a_paste_without_a_full_stop_is_cut() -> None:
    sections = read_text("，".join(f"第 {n} 家企业投资 {n} 万元" for n in range(3, 300)))
    parts = [part.text for section in sections for part in section.parts]
    assert max(map(len, parts)) <= 400


def test_a_list_told_in_another_order_has_not_changed(sample_archive: Archive) -> None:
    """48 伏 is no 60 伏 before, and the shares of a list aren't each other's."""
    for text in (
        "钠离子电池两轮车换电标准统一了 60 伏、48 伏两种电压平台，8 月 1 日起实施。",
        "7 月以后签约的增量中，冷链物流占 17%，内河船舶占 24%。",
        "风险由地方风险补偿金承担 20%、银行承担 40%、担保公司承担 40%。",
    ):
        (part,) = sample_archive.coverage(text).parts
        assert part.changes == ()


def test_a_mark_passed_is_not_the_value(sample_archive: Archive) -> None:
    text = PRICE.replace("本周降到每台", "本周跌破 120 万元，报每台")
    (part,) = sample_archive.coverage(text).parts
    assert ("126 万元", "119 万元") in {(c.old, c.new) for c in part.changes}
    assert "120 万元" not in {change.new for change in part.changes}


def test_a_sentence_in_other_words_is_not_new(sample_archive: Archive) -> None:
    (part,) = sample_archive.coverage(
        "对 5,000 万元以上的交易今年起按 10% 的比例事后抽查。"
        "业界认为这能堵住借虚假贸易转移资金的口子，代价是中小银行合规开支上升，一些银行因此合建单证核验平台共用。"
    ).parts
    assert part.sentences[-1].status == "reworded"


def test_a_draft_with_headings(sample_archive: Archive) -> None:
    found = sample_archive.coverage(f"# 一、算力硬件\n{PRICE}\n\n## 二、体育\n{UNRELATED}\r\n")
    assert [part.part for part in found.parts] == ["一、算力硬件", "二、体育"]
    assert [part.status for part in found.parts] == ["partly", "new"]
    assert all(sentence.status == "new" for sentence in found.parts[1].sentences)


def test_widths_make_no_difference(sample_archive: Archive) -> None:
    wide = PRICE.replace("X200", "Ｘ２００").replace("119", "１１９").replace("，", ",")
    (one,), (other,) = (sample_archive.coverage(text).parts for text in (PRICE, wide))
    assert one.status == other.status
    assert len(one.changes) == len(other.changes)


def test_a_filter_narrows_what_is_compared(sample_archive: Archive) -> None:
    (part,) = sample_archive.coverage(PRICE, where=Filter(until="2026-04-30")).parts  # type: ignore[arg-type]
    assert {(change.old, change.new) for change in part.changes} == {
        ("132 万元", "119 万元"), ("13 周", "9 周"),
    }  # fmt: skip


def test_a_subject(sample_archive: Archive) -> None:
    (part,) = sample_archive.coverage("数字人民币").parts
    assert (part.status, part.count >= 3, part.sentences) == ("covered", True, ())
    assert all("数字人民币" in result.text + result.passage.heading for result in part.earlier)
    (part,) = sample_archive.coverage("稀土出口管制").parts
    assert part.status == "partly"
    (part,) = sample_archive.coverage("大熊猫饲养").parts
    assert (part.status, part.last, part.count) == ("new", None, 0)


def test_a_draft_in_english(sample_archive: Archive) -> None:
    found = sample_archive.coverage(
        "The Ministry of Commerce issued the first general export licences for rare earths on "
        "August 18. Thirty-eight companies obtained them: 21 magnet makers, 9 traders and 8 end "
        "manufacturers. Between July 15 and August 10, 97 applications were received."
    )
    assert found.parts[0].status in ("covered", "partly")
    assert found.parts[0].earlier[0].briefing.date == "2026-08-18"
    assert "外文" in found.notes[0]
    other = sample_archive.coverage("The museum opened a hall of 1,200 bronze bells on Tuesday.")
    assert other.parts[0].status == "new"


def test_a_pdf_of_the_archive_is_held_against_the_others(sample_home: Path) -> None:
    run = archive("coverage", "--file", LAST, "--json", home=sample_home)
    assert run.code == 0, run.err
    assert "已在档案中" in run.json["notes"][0]
    parts = run.json["parts"]
    assert {part["status"] for part in parts} == {"partly", "new"}
    assert not any(r["briefing"]["date"] == "2026-08-27" for p in parts for r in p["earlier"])
    changes = {(c["old"], c["new"]) for part in parts for c in part["changes"]}
    assert ("298 元", "268 元") in changes
    assert any(part["story"] for part in parts)


def test_the_document(sample_home: Path) -> None:
    document = archive("coverage", PRICE, "--json", home=sample_home).json
    assert {"parts", "timeline"} <= document.keys()
    (part,) = document["parts"]
    assert {"part", "status", "last", "count", "earlier", "new_facts"} <= part.keys()
    assert part["earlier"][0]["rank"] == 1
    assert all(set(month) == {"month", "count"} for month in document["timeline"])


def test_a_topic(sample_home: Path) -> None:
    document = archive("coverage", "--topic", "氢能", "--json", home=sample_home).json
    whole, *latest = document["parts"]
    assert (whole["part"], whole["status"], whole["last"]) == ("氢能", "covered", "2026-07-22")
    assert whole["count"] == sum(month["count"] for month in document["timeline"])
    assert latest
    assert archive("coverage", "--topic", "没有这个主题", home=sample_home).code == 2


def test_stdin_and_text_files(sample_home: Path, tmp_path: Path) -> None:
    expected = archive("coverage", PRICE, "--json", home=sample_home).json["parts"]
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        file = tmp_path / f"{encoding}.txt"
        file.write_bytes(PRICE.encode(encoding))
        found = archive("coverage", "--file", file, "--json", home=sample_home).json["parts"]
        assert found == expected
    piped = archive("coverage", "-", stdin=PRICE.encode(), home=sample_home)
    assert (piped.code, "119 万元" in piped.out) == (0, True)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "no draft"),
        (("",), "empty"),
        (("  \n\t ",), "empty"),
        (("。，！",), "empty"),
        (("--file", "missing.pdf"), "no such file"),
        (("--file", "."), "folder"),
        (("text", "--file", str(LAST)), "both"),
        ((str(LAST),), "--file"),
        (("text", "--since", "2026-08-01", "--until", "2026-07-01"), "begins"),
    ],
)
def test_bad_input(sample_home: Path, args: tuple[str, ...], says: str) -> None:
    run = archive("coverage", *args, home=sample_home)
    assert run.code == 2
    assert says in run.err


def test_a_file_that_is_no_pdf(sample_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "draft.pdf"
    file.write_text("not a PDF")
    assert archive("coverage", "--file", file, home=sample_home).code == 1


def test_two_megabytes_are_refused(sample_archive: Archive) -> None:
    with pytest.raises(UsageError, match=f"{LONGEST:,}"):
        sample_archive.coverage("新质生产力。" * 350_000)


@given(st.lists(st.text("稀土。！\n a1；标题", max_size=30), max_size=8).map("\n".join))
def test_no_sentence_of_a_draft_is_lost(text: str) -> None:
    """Every letter of a draft stands in a part or in a heading, in order."""
    try:
        sections = read_text(text)
    except UsageError:
        assert not any(char.isalpha() for char in text)
        return
    kept = "".join(
        letter
        for section in sections
        for piece in (section.headings, *(part.text for part in section.parts))
        for letter in piece
        if letter.isalnum()
    )
    assert kept == "".join(letter for letter in text if letter.isalnum())
