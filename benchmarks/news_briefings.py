"""A second archive, of another field than the samples: python -m benchmarks.news_briefings NEWS TO

NEWS is the folder `news` of CRUD_RAG (see `benchmarks.corpora`); TO is where the PDFs are written.
News items of July 2023 on matters that several of them tell of, and as many on anything, become 24
daily briefings of a made-up series and made-up days, seven items each, typeset as the samples are.
The same items give the same briefings each time.
"""

from __future__ import annotations

import random
import re
import runpy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from pathlib import Path

from benchmarks.corpora import existing, split_title

ROOT = Path(__file__).resolve().parents[1]
_TITLE, _ISSUER = "城市要闻每日摘编", "示例城市新闻研究会"
_FIRST_DAY, _ISSUES, _ITEMS = Date(2023, 7, 24), 24, 7
_MATTERS = (
    "台风 杜苏芮 防汛 暴雨 高温 大运会 世界杯 医保 高校 招生 就业 消费券 新能源汽车 房贷 公积金 "
    "地铁 机场 铁路 文旅 演唱会 预制菜 养老 托育 献血 河长 非遗 博物馆 电竞 夜经济"
).split()
_LINE = re.compile(r"\W*(?P<day>\d{4}-\d\d-\d\d).*?，正文：(?P<text>.*)")
_MARKUP = re.compile(r"[#*>|`\[\]<]+")
_OUTLET = re.compile(
    "(?:人民网|新华社|新华网|中新网|央视新闻|央广网|光明网|中国网|科技日报|极目新闻"
    "|[\u4e00-\u9fff]{2,4}(?:日报|晚报|新闻网|发布))"
)
_BODY = range(220, 900)
_HEADLINE = range(8, 45)


@dataclass(frozen=True, slots=True)
class Item:
    """A news item."""

    day: str
    headline: str
    text: str


def items(folder: Path) -> Iterator[Item]:
    """The items whose headline can be told from their text."""
    for path in sorted(existing(folder).glob("news_*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not (match := _LINE.match(line)):
                continue
            headline, text = (_MARKUP.sub("", part) for part in split_title(match["text"].strip()))
            headline, text = headline.strip(" ，。"), re.sub(r"\s+", "", text)
            text = text[: text.rfind("。") + 1]  # what follows is of the web page
            is_sound = len(text) in _BODY and text[:1].isalpha()
            if is_sound and len(headline) in _HEADLINE and headline[0].isalpha():
                yield Item(match["day"], headline, text)


def issues(found: list[Item]) -> Iterator[list[Item]]:
    """The items of each issue, those of one day near to each other."""
    chance = random.Random(23)
    chance.shuffle(found)
    told = [item for item in found if any(matter in item.headline for matter in _MATTERS)]
    rest = [item for item in found if item not in told]
    half = _ISSUES * _ITEMS * 2 // 3
    chosen = (told[:half] + rest)[: _ISSUES * _ITEMS]
    chosen.sort(key=lambda item: item.day)
    for start in range(0, len(chosen), _ITEMS):
        yield chosen[start : start + _ITEMS]


def source(day: Date, chosen: list[Item]) -> str:
    """An issue in the form that `data/samples/typeset.py` sets."""
    front = f"---\ntitle: {_TITLE}\nissuer: {_ISSUER}\ndate: {day}\noutline: true\n"
    front += "contents: 目录\n---\n"
    firsts = [re.split("(?<=。)", item.text)[0] for item in chosen[:3]]
    body = "".join(f"# {item.headline}\n{item.text}\n\n" for item in chosen)
    cited = "".join(
        f"{number}. {outlet(item)} ({item.day}): {item.headline}\n"
        for number, item in enumerate(chosen, 1)
    )
    return f"{front}## 摘要\n{''.join(firsts)}\n\n{body}# 参考文献\n{cited}"


def outlet(item: Item) -> str:
    found = _OUTLET.search(item.text)
    return found[0] if found else "综合媒体"


def make_briefings(news: Path, target: Path) -> list[Path]:
    """Write the sources and the PDFs into a folder; returns the PDFs, oldest first."""
    target.mkdir(parents=True, exist_ok=True)
    setting = runpy.run_path(str(ROOT / "data" / "samples" / "typeset.py"))
    setting["typeset"].__globals__["HERE"] = target
    fonts = setting["typst"].Fonts()
    made = []
    for number, chosen in enumerate(issues(list(items(news)))):
        day = _FIRST_DAY + timedelta(number)
        path = target / f"{day}.md"
        path.write_text(source(day, chosen), encoding="utf-8")
        made.append(setting["typeset"](path, fonts))
    return made


def main() -> None:
    """Write them where the command line says."""
    print(*make_briefings(*map(Path, sys.argv[1:3])), sep="\n")


if __name__ == "__main__":
    main()
