"""The entries of 参考文献 that a quoted sentence relies on, by the outlets and days named there.

An attribution such as `据星海财经 3 月 3 日报道` holds for its sentence and those after it, until
the next one. Where a section names none, an entry whose title stands in it is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from itertools import zip_longest

from archive.chinese.dates_in_words import find_dates
from archive.chinese.text import HAN, fold, sentences
from archive.records import ABSTRACT_TITLE, Passage, Reference, day_range

_SAME_OUTLET = (
    ("Reuters", "路透社", "路透"),
    ("Reuters Breakingviews", "Breakingviews", "路透热点透视"),
    ("Bloomberg", "彭博社", "彭博"),
    ("Financial Times", "FT", "英国金融时报", "金融时报"),
    ("Wall Street Journal", "The Wall Street Journal", "WSJ", "华尔街日报"),
    ("New York Times", "The New York Times", "NYT", "纽约时报"),
    ("Washington Post", "The Washington Post", "华盛顿邮报"),
    ("Associated Press", "AP", "美联社"),
    ("Agence France-Presse", "AFP", "法新社"),
    ("The Economist", "经济学人"),
    ("The Guardian", "卫报"),
    ("Nikkei Asia", "Nikkei", "日经亚洲", "日经新闻", "日经"),
    ("South China Morning Post", "SCMP", "南华早报"),
    ("Politico", "政客新闻网"),
    ("Brookings", "布鲁金斯学会", "布鲁金斯"),
    ("World Economic Forum", "WEF", "世界经济论坛"),
    ("International Monetary Fund", "IMF", "国际货币基金组织"),
    ("World Bank", "世界银行"),
    ("CSIS", "战略与国际研究中心"),
    ("RAND", "兰德公司"),
    ("Xinhua", "新华社", "新华网", "新华通讯社"),
    ("People's Daily", "人民日报", "人民网"),
    ("China Daily", "中国日报"),
    ("Global Times", "环球时报", "环球网"),
    ("China News Service", "中新社", "中新网", "中国新闻网"),
    ("CCTV", "央视", "央视新闻", "中央电视台"),
    ("Caixin", "财新", "财新网", "财新传媒"),
    ("Yicai", "第一财经"),
    ("Cailian", "财联社"),
    ("澎湃新闻", "澎湃"),
)
"""Names of one outlet."""
_GENERIC_END = re.compile(r"(?i)(?<=\w)(?:\s+(?:news|institution|institute|online)|\.com|网)$")
"""What a text leaves out of an outlet's name."""

_FILLER = r"[\s《》·•]"
"""What typesetting and title marks put between the characters of a name."""
_JOINT = re.compile(r"[\s《》]*(?:[、,/和与及同跟]|以及|[(（]|and)[\s《》]*")
_CLAUSE_END = re.compile(r"[,。;!?\n]")
_LONGEST_CLAUSE = 40
_LED = re.compile(
    r"(?i)(?:据|援引|引述|引用|引自|来源[:：]?|告诉|接受|according to|told)[\s《“\"]*$"
)
_LED_FIRST = re.compile(r"(?i)\s*(?:据|according to)")
_SAYS = re.compile(
    r"(?i)报道|消息|快讯|电讯|评论|评述|点评|快评|短评|分析|指出|认为|[宣声]?称|[介据]绍|说|表示|透露"
    r"|报价|统计|数据|监测|显示|测算|估[算计]|预[计测]|调查|调研|报告|简报|访谈|采访|专访|刊[文发登]|社论|记者"
    r"|撰文|文章|援引|引述|披露|独家|提[醒出示]|建议|呼吁|警告|强调|解读|发布|走访|梳理|观察|一文"
    r"|report|sa(?:id|ys)|according|analy|warn|comment|wrote|writes"
)
_MEDIUM = (
    "(?:研究院|研究所|研究中心|智库|[日晚早时周]报|周刊|财经|通讯社|通讯|新闻网"
    "|(?<![A-Za-z])(?:Review|Times|Post|Journal|Weekly|Monitor|News))"
)
_DAY = r"\d{1,2}\s*月\s*\d{1,2}\s*日"
_UNLISTED = re.compile(
    rf"\s*(?:据\s*)?[^,。;:、]{{1,24}}?{_MEDIUM}\s*(?:则|在?\s*{_DAY})"
    rf"|\s*据\s*[^,。;:、\d]{{2,24}}?\s*{_DAY}\s*[{HAN}]{{0,4}}(?:报道|消息|通报)"
)
"""A sentence's beginning that names a source, of whatever name."""
_NEAR = timedelta(days=2)
"""How far the day in a text may be from the entry's: time zones, and print after the web."""
_LEAD = 16
_BESIDE = 4
"""Within how many characters of an outlet's name a day is surely that of its report."""
_WORD = re.compile(r"[a-z][a-z]+(?:-?\d+)?|\d[\d,.]*\d|\d")
_COMMON_WORDS = frozenset(
    "a an the of in on at to for and or is are was with by as from but it".split()
)
_MUCH, _AHEAD = 0.5, 0.15
"""How much of a title, by weight, a section must hold, and how much more than of the next one."""
_MUCH_OF_SENTENCE = 0.55
"""The same for a sentence of the abstract, which may rest on several entries."""

Entries = tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    """What a text may call the outlets of 参考文献, and what it must not mistake for them."""

    pattern: re.Pattern[str]
    entries: Mapping[str, Entries]
    """By a name's key; none for an outlet that isn't listed."""


@dataclass(frozen=True, slots=True)
class _Mention:
    """An outlet named in a text, up to character `end`, and the days beside it."""

    end: int
    entries: Entries
    days: tuple[Date, Date] | None
    is_sure: bool
    """Whether the days are those of the report, not of the news."""
    is_source: bool
    """Whether it is named as a source, not as what the news is about."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A section as far as it is known, and the entries it may rely on.

    `titles` has the parts of each entry's title, with how telling they are among all titles.
    """

    sentences: tuple[str, ...]
    title: str
    headings: str
    """From the top level down, the title included."""
    issued: Date
    references: Entries
    names: _Names
    titles: Mapping[Reference, Mapping[str, float]]

    @property
    def text(self) -> str:
        return f"{self.title} {' '.join(self.sentences)}"


def sources_of(
    passage: Passage, start: int, end: int, references: Sequence[Reference], before: str = ""
) -> tuple[Reference, ...]:
    """The entries that the characters [start, end) of a passage's text rely on, in their order.

    `before` is the section's text before this passage, where an attribution may stand.
    """
    if not references:
        return ()
    text = before + passage.text
    start, end = start + len(before), end + len(before)
    ranges = list(sentences(text))
    section = _Section(
        sentences=tuple(_folded(text[first:last]) for first, last in ranges),
        title=passage.section.title,
        headings=_folded(" ".join(passage.section.path)),
        issued=day_range(passage.briefing.date)[1],
        references=tuple(references),
        names=_names(references, _key(f"{text}\n{' '.join(passage.section.path)}")),
        titles=_weighted_titles(references),
    )
    quoted = [at for at, (first, last) in enumerate(ranges) if first < end and start < last]
    if passage.section.title == ABSTRACT_TITLE:
        found = {entry for at in quoted for entry in _of_digest(at, section)}
    else:
        attributed = _attributions(section)
        found = {entry for at in quoted for entry in _of_sentence(at, attributed, section)}
    return tuple(entry for entry in section.references if entry in found)


def _attributions(section: _Section) -> list[Entries | None]:
    """What each sentence of a section names as its sources."""
    attributed: list[Entries | None] = []
    for text in section.sentences:
        attributed.append(_attributed(text, section, attributed))
    return attributed


def _of_sentence(at: int, attributed: Sequence[Entries | None], section: _Section) -> Entries:
    """The entries that one of a section's sentences relies on.

    They are those of the attribution in force: its own, the nearest before it, a heading's, or that
    of a 据… which opens the next sentence of its paragraph.
    """
    for entries in reversed(attributed[: at + 1]):
        if entries is not None:
            return entries
    if named := _chosen(_mentions(section.headings, section), section.headings, section, ()):
        return named
    text, *rest = section.sentences[at:]
    following = attributed[at + 1] if rest else None
    if following and "\n" not in text and _LED_FIRST.match(rest[0]):
        return following
    if named := _chosen(_mentions(text, section), text, section, ()):
        return named
    if any(entries is not None for entries in attributed):
        # A text that names its source further on names none for what stands before.
        return ()
    return _by_title(section)


def _of_digest(at: int, section: _Section) -> Entries:
    """The entries that a sentence of the abstract relies on, which each tell news of their own."""
    text = section.sentences[at]
    attributed = _attributed(text, section, ())
    if attributed is not None:
        return attributed
    shares = {entry: _share(section.titles[entry], _parts(text)) for entry in section.references}
    return tuple(entry for entry, share in shares.items() if share >= _MUCH_OF_SENTENCE)


def _attributed(text: str, section: _Section, before: Sequence[Entries | None]) -> Entries | None:
    """The entries a sentence names as its sources; None where it names no source.

    There are none where the source isn't listed. `before` are those of the sentences before it.
    """
    mentions = _mentions(text, section)
    if sources := [mention for mention in mentions if mention.is_source]:
        return _chosen(sources, text, section, [entry for found in before for entry in found or ()])
    return () if not mentions and _UNLISTED.match(text) else None


def _chosen(
    mentions: Sequence[_Mention], text: str, section: _Section, before: Sequence[Reference]
) -> Entries:
    """One entry for each outlet and day named in a text, if there is one.

    Of an outlet's entries those of the day are meant, then that in force before, then that whose
    title is likest to the text and the section.
    """
    chosen: list[Reference] = []
    for mention in mentions:
        entries = _of_days(mention)
        if not mention.days:
            entries = tuple(entry for entry in before if entry in entries)[-1:] or entries
        if len(entries) > 1:
            shares = {
                entry: 2 * _share(section.titles[entry], _parts(text))
                + 2 * _share(section.titles[entry], _parts(section.title))
                + _share(section.titles[entry], _parts(section.text))
                for entry in entries
            }
            entries = (max(entries, key=lambda entry: shares[entry]),)
        chosen.extend(entries)
    return tuple(dict.fromkeys(chosen))


def _of_days(mention: _Mention) -> Entries:
    """The entries of a mention that agree with its days best."""
    if mention.days is None:
        return mention.entries
    since, until = mention.days
    for slack in (timedelta(0), _NEAR):
        found = tuple(
            entry
            for entry in mention.entries
            if entry.date
            and day_range(entry.date)[0] <= until + slack
            and since - slack <= day_range(entry.date)[1]
        )
        if found:
            return found
    undated = tuple(entry for entry in mention.entries if not entry.date)
    return undated if mention.is_sure else undated or mention.entries


def _by_title(section: _Section) -> Entries:
    """The entry whose title the section holds most of, if it holds much more than of any other."""
    held = _parts(section.text)
    ranked = sorted(
        ((_share(section.titles[entry], held), entry) for entry in section.references),
        key=lambda pair: -pair[0],
    )
    (best, entry), (second, _) = [*ranked, (0.0, None), (0.0, None)][:2]
    return (entry,) if entry and best >= _MUCH and best - second >= _AHEAD else ()


def _mentions(text: str, section: _Section) -> list[_Mention]:
    """The outlets named in a folded text, in order; of names that overlap the longest."""
    matches = list(section.names.pattern.finditer(text))
    mentions: list[_Mention] = []
    for match, following in zip_longest(matches, matches[1:]):
        start, end = match.span()
        clause = _CLAUSE_END.split(text[end : end + _LONGEST_CLAUSE], maxsplit=1)[0]
        if following and not _JOINT.fullmatch(text[end : following.start()]):
            clause = clause[: following.start() - end]
        entries = section.names.entries[_key(match.group())]
        days, is_sure = _days_beside(text[:start], clause, section.issued)
        is_joined = mentions and _JOINT.fullmatch(text[mentions[-1].end : start])
        is_source = (
            is_sure
            or bool(_LED.search(text[:start]))
            # The IMF that expects something may be what a listed outlet writes of.
            or bool(entries and _SAYS.search(clause))
            or bool(is_joined and mentions[-1].is_source)
        )
        mentions.append(_Mention(end, entries, days, is_sure, is_source))
    return mentions


def _days_beside(before: str, after: str, issued: Date) -> tuple[tuple[Date, Date] | None, bool]:
    """The days that stand after a name in its clause, or right before it; whether that is sure."""
    found = find_dates(after, issued)
    if found and found.since and found.until:
        return (found.since, found.until), found.start <= _BESIDE
    lead = before[-_LEAD:].rstrip(" ,")
    found = find_dates(lead, issued)
    if found and found.since and found.until and found.end == len(lead):
        return (found.since, found.until), False
    return None, False


def _names(references: Sequence[Reference], text: str) -> _Names:
    """The names of outlets that stand in a text, which is given as a key."""
    spellings = {_key(name): name for group in _SAME_OUTLET for name in group}
    listed: dict[str, list[Reference]] = {}
    others: dict[str, list[Reference]] = {}
    for reference in references:
        for name in _forms(reference.outlet):
            listed.setdefault(_key(name), []).append(reference)
            spellings[_key(name)] = name
            for other in (_GENERIC_END.sub("", name), *_aliases(name)):
                others.setdefault(_key(other), []).append(reference)
                spellings.setdefault(_key(other), other)
    # A listed name is that outlet's before it is another's alias.
    entries = {key: tuple((others | listed).get(key, ())) for key in spellings}
    # Only these: to compile a pattern of all would take longer than all the rest of an answer.
    present = sorted((key for key in spellings if key in text), key=len, reverse=True)
    pattern = "|".join(_pattern(spellings[key]) for key in present) or "(?!)"
    return _Names(re.compile(pattern, re.I), entries)


def _forms(outlet: str) -> Iterator[str]:
    """An outlet as listed, and the parts of `Reuters / 路透社` or `新华社（北京）`."""
    name = _folded(outlet).strip()
    parts = [part.strip() for part in re.split(r"\s*[/|、()]\s*", name)]
    yield from dict.fromkeys(part for part in (name, *parts) if len(part) > 1)


def outlet_key(name: str) -> str:
    """What all names of an outlet have in common, such as Reuters and 路透社."""
    keys = {_key(name), _key(_GENERIC_END.sub("", name))}
    for group in _SAME_OUTLET:
        if keys & set(map(_key, group)):
            return _key(group[0])
    return _key(name)


def _aliases(name: str) -> Iterator[str]:
    """The other names of an outlet."""
    keys = {_key(name), _key(_GENERIC_END.sub("", name))}
    for group in _SAME_OUTLET:
        if keys & set(map(_key, group)):
            yield from group


def _pattern(name: str) -> str:
    """What a name looks like in a folded text, whatever typesetting put between its characters."""
    letters = f"{_FILLER}*".join(map(re.escape, re.sub(_FILLER, "", name)))
    if not name.isascii():
        # A short han name may be the end of a longer one, as 财经 is of 新浪财经.
        return letters if len(name) > 2 else rf"(?<![{HAN}](?<![据和与及在对于由]))" + letters
    # FT isn't ft.
    exact = f"(?-i:{letters})" if name.isupper() and len(name) < 5 else letters
    return f"(?<![A-Za-z0-9]){exact}(?![A-Za-z])"


def _key(name: str) -> str:
    """A name as compared: without case and what typesetting puts between characters."""
    return re.sub(_FILLER, "", _folded(name)).casefold()


def _folded(text: str) -> str:
    """A text with widths and quotes made equal, its case and line ends kept."""
    return unicodedata.normalize("NFKC", text)


def _weighted_titles(references: Sequence[Reference]) -> dict[Reference, dict[str, float]]:
    """The parts of each entry's title, each weighing less the more titles it stands in."""
    parts = {reference: _parts(reference.title) for reference in references}
    counts = Counter(part for found in parts.values() for part in found)
    return {
        reference: {part: 1 / counts[part] for part in found} for reference, found in parts.items()
    }


def _parts(text: str) -> set[str]:
    """The pairs of han characters, the Latin words and the figures of a text."""
    folded = fold(text)
    han = re.findall(f"[{HAN}]+", folded)
    pairs = {run[at : at + 2] for run in han for at in range(len(run) - 1)}
    return pairs | set(_WORD.findall(folded)) - _COMMON_WORDS


def _share(title: Mapping[str, float], held: set[str]) -> float:
    """How much of a title's weight stands among the parts of a text, from 0 to 1."""
    total = sum(title.values())
    return sum(weight for part, weight in title.items() if part in held) / total if total else 0.0
