"""One text printed in many forms, as PDFs with the truth of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests.forms import (
    altered,
    browser_forms,
    fpdf_forms,
    handmade,
    latex_forms,
    reportlab_forms,
    scans,
    typst_forms,
    witness,
    word_forms,
)
from tests.forms.truth import Truth


@dataclass(frozen=True, slots=True)
class Form:
    """A way to print the text; `needs` says what this machine lacks for it, None for nothing."""

    name: str
    make: Callable[[Path], Path]
    """Writes the PDF into a folder."""
    truth_of: Callable[[Path], Truth]
    """The truth of the PDF that `make` wrote."""
    needs: str | None = None


def _printed() -> Iterator[Form]:
    """The forms that a typesetting program prints."""
    engines = (typst_forms, reportlab_forms, fpdf_forms, browser_forms, word_forms, latex_forms)
    for engine in engines:
        for name, style in engine.STYLES.items():
            make = partial(_write, name, partial(engine.write, style))
            yield Form(name, make, partial(witness.truth_of, style), engine.lacks(style))


def _handmade() -> Iterator[Form]:
    truth = handmade.truth()
    unreadable = Truth(error="garbled")
    for script, known in (
        (handmade.gbk_mojibake, truth),
        (handmade.gbkp_euc_h, truth),
        (handmade.founder, unreadable),
    ):
        make = partial(_write, script.__name__, partial(handmade.write, script))
        yield Form(script.__name__, make, partial(_known, known))


def _derived(base: Form) -> Iterator[Form]:
    """The forms that are another one's PDF, changed."""
    changes: tuple[tuple[str, Callable[[Path, Path], None], dict[str, object]], ...] = (
        ("encrypted", altered.encrypt, {"password": altered.PASSWORD}),
        ("owner_password", altered.restrict, {}),
        ("rotated", altered.rotate, {}),
        ("turned", altered.turn, {}),
        ("junk_before", altered.prepend_junk, {}),
        ("scanned", scans.scan, {"error": "no_text"}),
        ("mixed_scanned", scans.scan_one_page, {"pictures": (scans.PICTURE_PAGE,)}),
    )
    for name, change, facts in changes:
        make = partial(_change, name, base, change)
        yield Form(name, make, partial(_truth_of_base, base, facts), base.needs)


def _write(name: str, write: Callable[[Path], None], folder: Path) -> Path:
    target = folder / f"{name}.pdf"
    write(target)
    return target


def _known(truth: Truth, pdf: Path) -> Truth:
    return truth


def _change(name: str, base: Form, change: Callable[[Path, Path], None], folder: Path) -> Path:
    target = folder / f"{name}.pdf"
    change(base.make(folder), target)
    return target


def _truth_of_base(base: Form, facts: dict[str, object], pdf: Path) -> Truth:
    """Pages are looked up in the unchanged PDF, which lies beside the changed one."""
    return replace(base.truth_of(pdf.with_name(f"{base.name}.pdf")), **facts)  # type: ignore[arg-type]


def _all() -> Iterator[Form]:
    printed = {form.name: form for form in _printed()}
    yield from printed.values()
    yield from _handmade()
    yield from _derived(printed["reportlab_song"])


FORMS: dict[str, Form] = {form.name: form for form in _all()}
