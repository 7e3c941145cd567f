"""Figures of a text: a table of how they are written, which agree, and laws for any text."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.chinese.figure import Figure, agree
from archive.chinese.figures import find_figures
from tests.conftest import assert_in_proportion

# What is written, and the figures in it: `amount in base units` or `low..high`, then the unit.
READ = [
    ("700 万元", "7000000 元"),
    ("７００万元", "7000000 元"),
    ("7,000,000 元", "7000000 元"),
    ("７，０００，０００元", "7000000 元"),
    ("700万元人民币", "7000000 元"),
    ("人民币 700 万元", "7000000 元"),
    ("7 million yuan", "7000000 元"),
    ("RMB 7m", "7000000 元"),
    ("RMB7 million", "7000000 元"),
    ("¥7,000,000", "7000000 元"),
    ("￥７００万", "7000000 元"),
    ("七百万元", "7000000 元"),
    ("7 百万元", "7000000 元"),
    ("700 萬元", "7000000 元"),
    ("三千二百亿元", "320000000000 元"),
    ("3,200亿参数", "320000000000"),
    ("1亿2000万元", "120000000 元"),
    ("一亿两千万元", "120000000 元"),
    ("3 万 5 千台", "35000 台"),
    ("1.2 万亿元", "1200000000000 元"),
    ("7 trillion yuan", "7000000000000 元"),
    ("100 万美元", "1000000 美元"),
    ("US$1 million", "1000000 美元"),
    ("$1.5bn", "1500000000 美元"),
    ("3.5 亿欧元", "350000000 欧元"),
    ("一百零五家", "105 家"),
    ("三点五倍", "3.5 倍"),
    ("十二家企业", "12 家"),
    ("两种路线", "2 种"),
    ("30 多家", "30 家"),
    ("三千多万元", "30000000 元"),
    ("下降 3.2%", "3.2 %"),
    ("-3.2%", "3.2 %"),
    ("３．２％", "3.2 %"),
    ("百分之六", "6 %"),
    ("百分之三点五", "3.5 %"),
    ("百分之三至五", "3..5 %"),
    ("三成", "30 %"),
    ("三成五", "35 %"),
    ("四分之一", "25 %"),
    ("一半以上", "50 %"),
    ("千分之三", "0.3 %"),
    ("12 percent", "12 %"),
    ("2.5 个百分点", "2.5 百分点"),
    ("32 百分点", "32 百分点"),
    ("25 个基点", "0.25 百分点"),
    ("2 percentage points", "2 百分点"),
    ("3 至 5 个工作日", "3..5 工作日"),
    ("三至五个工作日", "3..5 工作日"),
    ("10%-15%", "10..15 %"),
    ("10～15%", "10..15 %"),
    ("80万至100万元", "800000..1000000 元"),
    ("2 万—3 万元", "20000..30000 元"),
    ("5000 至 1 万元", "5000..10000 元"),
    ("$5-7 million", "5000000..7000000 美元"),
    ("三百至五百亿元", "30000000000..50000000000 元"),
    ("十七八家", "17..18 家"),
    ("两三年", "24..36 月"),
    ("从 3 家到 5 家", "3 家|5 家"),
    ("从 10 万元到 8 万元", "100000 元|80000 元"),
    ("以 6-3 裁定", "6|3"),
    ("一个月", "1 月"),
    ("一年半", "18 月"),
    ("三个半月", "3.5 月"),
    ("30 天", "30 天"),
    ("两周", "14 天"),
    ("3 日内", "3 天"),
    ("two weeks", "14 天"),
    ("14-day", "14 天"),
    ("24 小时", "86400 秒"),
    ("3 吉瓦时", "3000000000 瓦时"),
    ("3GWh", "3000000000 瓦时"),
    ("5 千瓦时", "5000 瓦时"),
    ("5kWh", "5000 瓦时"),
    ("3 万千瓦", "30000000 瓦"),
    ("14nm", "0.000000014 米"),
    ("1.2 吨", "1200000 克"),
    ("零下40摄氏度", "-40 摄氏度"),
    ("-40℃", "-40 摄氏度"),
    ("第 301 条", "301 第条"),
    ("第三百零一条", "301 第条"),
    ("38 companies", "38"),
    ("seventy companies", "70"),
    ("three million yuan", "3000000 元"),
    ("2026年5月7日", "20260507 date"),
    ("２０２６年５月７日", "20260507 date"),
    ("二〇二六年五月七日", "20260507 date"),
    ("2026-05-07", "20260507 date"),
    ("2026/5/7", "20260507 date"),
    ("2026.5.7", "20260507 date"),
    ("May 7, 2026", "20260507 date"),
    ("7 May 2026", "20260507 date"),
    ("2026 年 5 月", "20260501..20260531 date"),
    ("2026-05", "20260501..20260531 date"),
    ("5 月 7 日", "507 date"),
    ("5 月 7 号", "507 date"),
    ("5 月 14-15 日", "514 date|515 date"),
    ("5 月 14 日至 15 日", "514 date|515 date"),
    ("May 14-15", "514 date|515 date"),
    ("1—5月", "101..131 date|501..531 date"),
    ("5 月中旬", "511..520 date"),
    ("in August", "801..831 date"),
    ("18 日发放", "18 date"),
    ("2026年", "20260101..20261231 date"),
    ("2024-2026 年", "20240101..20241231 date|20260101..20261231 date"),
    ("上半年", "101..631 date"),
    ("结转期限只有半年", "6 月"),
    ("由三折改为对折", "3 折|5 折"),
    ("九所高校和六家企业", "9 所|6 家"),
    ("焊接过半", "50 %"),
    ("2026年下半年", "20260701..20261231 date"),
    ("第三季度", "701..931 date"),
    ("前三季度", "101..931 date"),
    ("Q3", "701..931 date"),
    ("Q3 2026", "20260701..20260931 date"),
    ("third quarter of 2026", "20260701..20260931 date"),
    ("Reuters4月30日", "430 date"),
]
NO_FIGURES = """
B300 服务器|X200|5G 专网和 6G|IEEPA 关税|GB/T 7714|GB 18030|H2|GPT-4o|v2.1.3|3.57.0|PM2.5|L4级|3-D
[3]|[1,2]|[^1]|【1】|［１］|（1）|https://example.org/2026/05/07|①|増长²
一些|统一|一方面|第一|进一步|一家企业|第一批|几十家|数百亿元|上千人|第三方|三元材料|二次开发
星期三|周三家|半导体|一半导体|十分|十四五期间|二十大|三中全会|四川|七台河|百亿|7x24|天然气|万元
""".strip().replace("\n", "|").split("|")  # fmt: skip

# What is claimed, what is stated, whether the claim follows.
AGREE = [
    ("700万元", "RMB 7m", True),
    ("700万元", "7,000,000", True),
    ("7,000,000", "700 万元", True),
    ("700万元", "700 万美元", False),
    ("700万元", "70 万元", False),
    ("38 家", "38 个", True),
    ("38 名", "38 个", True),
    ("38 家", "38 台", False),
    ("38 个", "38 吨", False),
    ("3 个", "3 至 5 个", False),
    ("3 至 5 个", "3～5个", True),
    ("3%", "3 个百分点", False),
    ("30%", "三成", True),
    ("30%", "30 台", False),
    ("25%", "四分之一", True),
    ("18 个月", "一年半", True),
    ("5 个月", "5 月", False),
    ("5 天", "5 个工作日", False),
    ("第 12 条", "12 条", False),
    ("1 吨", "1000 公斤", True),
    ("10 兆比特", "10 吉比特", False),
    ("2026年5月7日", "2026-05-07", True),
    ("5 月 7 日", "2026-05-07", True),
    ("2026年5月7日", "5 月 7 日", True),
    ("2026年5月", "2026-05-07", True),
    ("2026年", "2026-05-07", True),
    ("2026年5月7日", "2026年5月", False),
    ("2026年5月7日", "2025-05-07", False),
    ("2026年5月", "2026年6月7日", False),
    ("上半年", "6 月 30 日", True),
    ("第三季度", "8月", True),
    ("8月", "第三季度", False),
    ("5 月中旬", "5 月 14 日", True),
    ("18 日", "8 月 18 日", True),
    ("in 2026", "2026年5月", True),
    ("2026年", "2026", True),
    ("in 2025", "2026年5月", False),
    ("为期 3 天", "为期 3 日", True),
]  # fmt: skip

PIECES = """
7 3.5 12 2026 1,000 ７
万 亿 千 元 美元 家 个 月 日 年 % ％ 百分点 成 半 三 十 两 一 百分之 分之 第 至 - ～
到 从 约 多 季度 上 下 Q3 May 7 million yuan RMB $ [ ] B 300 G . , ， 。 ① ㎡ ℃ 零下
""".split()
TEXTS = st.one_of(
    st.lists(st.sampled_from([*PIECES, " ", "\n", "\u3000"]), max_size=14).map("".join),
    st.text(max_size=40),
    st.text(alphabet="0123456789.,-/年月日万亿% ", max_size=24),
)


def shown(figure: Figure) -> str:
    low, high = (f"{number.normalize():f}" for number in (figure.low, figure.high))
    unit = "date" if figure.kind == "date" else figure.unit
    return f"{low if low == high else f'{low}..{high}'} {unit}".strip()


def only(text: str) -> Figure:
    (figure,) = find_figures(text)
    return figure


@pytest.mark.parametrize(("text", "figures"), READ)
def test_what_a_figure_says(text: str, figures: str) -> None:
    for around in ("{}", "约{}。", "据报道，{}，同比", "（{}）"):
        found = find_figures(around.format(text))
        assert "|".join(map(shown, found)) == figures


def test_the_kind_goes_by_the_unit() -> None:
    kinds = [figure.kind for figure in find_figures("3 家，3%，3 个百分点，3 月")]
    assert kinds == ["amount", "percent", "percent", "date"]


@pytest.mark.parametrize("text", NO_FIGURES)
def test_what_is_no_figure(text: str) -> None:
    assert [shown(figure) for figure in find_figures(text)] == []


def test_figures_have_their_places_in_the_original() -> None:
    text = "㎡：７００　万元，5 月 14 日至 15 日；\n1.1 38 家企业获证，3.5 亿元。"
    places = [text[figure.start : figure.end] for figure in find_figures(text)]
    assert places == ["７００　万元", "5 月 14", "15 日", "38 家", "3.5 亿元"]


@pytest.mark.parametrize(("claimed", "stated", "follows"), AGREE)
def test_what_agrees(claimed: str, stated: str, follows: bool) -> None:
    assert agree(only(claimed), only(stated)) is follows


def test_no_row_is_there_twice() -> None:
    assert len({text for text, _ in READ}) == len(READ)
    assert len(set(NO_FIGURES)) == len(NO_FIGURES)
    assert len(set(AGREE)) == len(AGREE)


@given(TEXTS)
@example("B300")
@example("第")
def test_whatever_the_text(text: str) -> None:
    found = find_figures(text)
    ends = [0]
    for figure in found:
        assert ends[-1] <= figure.start < figure.end <= len(text)
        assert figure.low <= figure.high
        assert agree(figure, figure)
        ends.append(figure.end)


@given(st.integers(1, 10**9 - 1), st.sampled_from("元 美元 台 家 吨 瓦时".split()))
def test_an_amount_is_the_same_however_it_is_written(amount: int, unit: str) -> None:
    plain = only(f"{amount}{unit}")
    wide = str(amount).translate({ord("0") + n: ord("０") + n for n in range(10)})
    myriads, hundred_millions = Decimal(amount) / 10**4, Decimal(amount) / 10**8
    for written in (
        f"{amount:,} {unit}",
        f"{wide}{unit}",
        f"{myriads:f}万{unit}",
        f"{hundred_millions:f} 亿{unit}",
        f"{amount:,}",
    ):
        assert agree(only(written), plain)
        assert agree(plain, only(written))
    assert not agree(only(f"{amount + 1}{unit}"), plain)


@given(st.dates(date(1901, 1, 1), date(2199, 12, 30)))
def test_a_day_is_the_same_however_it_is_written(day: date) -> None:
    iso = only(f"{day}")
    for written in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year} 年 {day.month} 月 {day.day} 日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day} {day:%b} {day.year}",
    ):
        assert agree(only(written), iso)
        assert agree(iso, only(written))
    for less in (f"{day.year} 年", f"{day.year} 年 {day.month} 月", f"{day.month} 月 {day.day} 日"):
        assert agree(only(less), iso)
    for other in (day - timedelta(1), day + timedelta(1)):
        assert not agree(only(f"{other}"), iso)


def test_a_percentage_keeps_out_of_the_way_of_amounts() -> None:
    assert not agree(only("30"), only("30%"))


def test_a_long_text_takes_time_in_proportion() -> None:
    for piece in (
        "9",
        "三",
        "1,000",
        "5 月 ",
        "第",
        "7 至 ",
        "百分之",
        "2026年的",
        "$",
        "[1,",
        " ",
        "\n",
    ):
        assert_in_proportion(find_figures, piece)
