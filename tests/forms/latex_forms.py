"""The text set by LaTeX: XeLaTeX with ctexart, and pdfLaTeX with the CJK package."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.forms import needs
from tests.forms.style import ABSTRACT, BLOCKS, Heading, Style
from tests.forms.text import TEXT, Section

FANDOL = "fandol"
ARPHIC = "gbsn"
"""The font of pdfLaTeX; it has no bold, so that headings are printed three times, shifted."""

STYLES = {
    "fandol": Style(outline=False, head=False, font=FANDOL),
    "fandol_two_columns": Style(outline=False, columns=2, date="2026-05-07", font=FANDOL),
    "fandol_han": Style(
        numbering="han",
        numbered_references=False,
        date="二〇二六年五月七日",
        masthead=True,
        page_number="- {page} -",
        font=FANDOL,
    ),
    "xelatex_hyperref": Style(contents_title="Contents"),
    "xelatex_cover": Style(
        numbering="chapter", outline=False, cover=True, page_number="第 {page} 页 共 {pages} 页"
    ),
    "xelatex_floats": Style(
        outline=False,
        contents="none",
        masthead=True,  # a line more on page 1, so that the table parts a sentence
        blocks=BLOCKS,
        page_number="{page}/{pages}",
    ),
    "pdflatex_bold": Style(numbered_references=False, outline=False, head=False, font=ARPHIC),
}
_RUNS = 3
"""So many runs until the contents list and the number of the last page are right."""

_NUMBERS = {
    "decimal": "",
    "han": r"""\ctexset{
  section={name={,、},number=\chinese{section},aftername={}},
  subsection={name={（,）},number=\chinese{subsection},aftername={}}}""",
    "chapter": r"""\ctexset{
  section={name={第,章},number=\chinese{section}},
  subsection={name={第,节},number=\chinese{subsection}}}""",
}


def write(style: Style, target: Path) -> None:
    """Set the text into a PDF."""
    program = "pdflatex" if style.font == ARPHIC else "xelatex"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "briefing.tex"
        source.write_text("\n".join(_source(style)), encoding="utf-8")
        for _ in range(_RUNS):
            command = [program, "-interaction=nonstopmode", "-halt-on-error", source.name]
            run = subprocess.run(command, cwd=folder, capture_output=True, timeout=180, check=False)
            if run.returncode:
                raise RuntimeError(f"{program}: {run.stdout.decode(errors='replace')[-2000:]}")
        shutil.move(source.with_suffix(".pdf"), target)


def lacks(style: Style) -> str | None:
    """What this machine lacks for the style."""
    if style.font == ARPHIC:
        return needs.program("pdflatex") or needs.tex_file("CJKutf8.sty")
    found = needs.program("xelatex") or needs.tex_file("ctexart.cls")
    font = "FandolSong-Regular.otf"
    return found or (needs.tex_file(font) if style.font == FANDOL else needs.font(style.font))


def _source(style: Style) -> Iterator[str]:
    yield from _preamble(style)
    yield r"\begin{document}"
    if style.font == ARPHIC:
        yield rf"\begin{{CJK*}}{{UTF8}}{{{ARPHIC}}}\renewcommand{{\contentsname}}{{目录}}"
    yield from _front(style)
    for heading in style.headings:
        if heading.section:
            yield _heading(heading)
            yield from _section(heading.section, style)
    yield from _references(style)
    yield r"\clearpage\onecolumn\vspace*{6cm}"
    yield rf"\begin{{center}}\large\bfseries {TEXT.back_page.title}\end{{center}}"
    yield from (_escaped(paragraph) + "\n" for paragraph in TEXT.back_page.paragraphs)
    if style.font == ARPHIC:
        yield r"\clearpage\end{CJK*}"
    yield r"\end{document}"


def _preamble(style: Style) -> Iterator[str]:
    columns = ",twocolumn" if style.columns == 2 else ""
    if style.font == ARPHIC:
        yield rf"\documentclass[a4paper,11pt{columns}]{{article}}"
        yield r"\usepackage{CJKutf8,indentfirst}\setlength{\parindent}{2em}"
    else:
        fonts = FANDOL if style.font == FANDOL else "none"
        yield rf"\documentclass[UTF8,a4paper,fontset={fonts}{columns}]{{ctexart}}"
        if style.font != FANDOL:
            yield rf"\setCJKmainfont{{{style.font}}}"
        yield _NUMBERS[style.numbering]
        yield rf"\ctexset{{contentsname={{{style.contents_title}}}}}"
    yield r"\usepackage[margin=2.6cm]{geometry}\usepackage{fancyhdr,lastpage,graphicx}"
    yield r"\usepackage[labelsep=space]{caption}"
    if style.outline:
        yield r"\usepackage[hidelinks]{hyperref}"
    foot = style.page_number.format(page=r"\thepage", pages=r"\pageref{LastPage}")
    head = rf"\lhead{{{TEXT.title}}}\rhead{{{style.date}}}" if style.head else ""
    rule = "" if style.head else r"\renewcommand{\headrulewidth}{0pt}"
    yield rf"\pagestyle{{fancy}}\fancyhf{{}}{rule}{head}\cfoot{{{foot}}}"


def _front(style: Style) -> Iterator[str]:
    """Title block, abstract and contents, in the order of the style."""
    abstract = (
        rf"\begin{{center}}\bfseries {ABSTRACT}\end{{center}}"
        rf"\begin{{quotation}}{_escaped(TEXT.abstract)}\end{{quotation}}"
    )
    title_block = "".join(_title_block(style))
    contents = "" if style.contents == "none" else r"\tableofcontents"
    if style.cover:
        yield r"\thispagestyle{empty}\vspace*{5cm}" + title_block + r"\clearpage"
        yield r"\pagenumbering{roman}\pagestyle{plain}" + contents + r"\clearpage"
        yield r"\pagenumbering{arabic}\pagestyle{fancy}" + abstract
    elif style.columns == 2:
        yield rf"\twocolumn[{title_block}{abstract}\vspace{{1em}}]{contents}"
    else:
        yield title_block + abstract + contents


def _title_block(style: Style) -> Iterator[str]:
    yield rf"\begin{{center}}{{\LARGE\bfseries {TEXT.title}\par}}\vspace{{1em}}"
    if style.masthead:
        yield rf"{{\large {TEXT.issue_number}\par}}\vspace{{1em}}"
    yield rf"{TEXT.issuer}\par {style.date_line}\par\end{{center}}"


def _heading(heading: Heading) -> str:
    command = "section" if heading.level == 1 else "subsection"
    return rf"\{command}{{{_escaped(heading.title)}}}"


def _section(section: Section, style: Style) -> Iterator[str]:
    for index, paragraph in enumerate(section.paragraphs):
        if index == 1 and section.table_rows and "table" in style.blocks:
            yield _table(section)
        if index == 1 and section.figure_caption and "figure" in style.blocks:
            yield _figure(section)
        mark = rf"\footnote{{{_escaped(section.note)}}}" if "note" in style.blocks else ""
        yield _escaped(paragraph) + (mark if index == 0 and section.note else "") + "\n"


def _table(section: Section) -> str:
    columns = "l" * len(section.table_rows[0])
    rows = r" \\ ".join(" & ".join(map(_escaped, row)) for row in section.table_rows)
    return (
        rf"\begin{{table}}[t]\centering\caption{{{section.table_caption}}}"
        rf"\begin{{tabular}}{{{columns}}}\hline {rows} \\ \hline\end{{tabular}}\end{{table}}"
    )


def _figure(section: Section) -> str:
    return (
        r"\begin{figure}[t]\centering\setlength{\unitlength}{1mm}\begin{picture}(80,30)"
        r"\put(0,0){\line(1,0){80}}\put(0,5){\line(4,1){80}}\end{picture}"
        rf"\caption{{{section.figure_caption}}}\end{{figure}}"
    )


def _references(style: Style) -> Iterator[str]:
    """A numbered section with a list, or LaTeX's own bibliography, whose heading has no number."""
    heading = style.headings[-1]
    if style.numbered_references:
        yield _heading(heading) + r"\begin{enumerate}"
        yield from (rf"\item {_escaped(reference.line)}" for reference in TEXT.references)
        yield r"\end{enumerate}"
        return
    yield rf"\renewcommand{{\refname}}{{{heading.title}}}\addcontentsline{{toc}}{{section}}"
    yield rf"{{{heading.title}}}\begin{{thebibliography}}{{9}}"
    for reference in TEXT.references:
        yield rf"\bibitem{{source-{reference.number}}} {_escaped(reference.line)}"
    yield r"\end{thebibliography}"


def _escaped(text: str) -> str:
    return re.sub(r"([%&#_$])", r"\\\1", text)
