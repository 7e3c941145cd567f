"""How well each engine present reads scans of PDFs whose text is known.

    python -m benchmarks.ocr briefing.pdf ...

Pages are drawn at several resolutions as a scanner gives them: gray, as JPEG; "worse" is also
askew, blurred and noisy. Right is the share of characters after the edits that lead to the PDF's
own text; white space and the leaders of contents lists don't count.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from archive.chinese.text import fold
from archive.evidence.page_image import page_picture, page_text
from ingest.extract import ocr

Engine = Callable[[Image.Image, int], str]
_SCANS = (("150", 150), ("200", 200), ("300", 300), ("worse", 200))
_LEADER = re.compile(r"(?:[.·…]\s*){4,}")


def right_share(truth: str, text: str, folded: bool = True) -> float:
    """The share of a text's characters that are right: one less edits by length, at least 0."""
    one, other = (_bare(part, folded) for part in (truth, text))
    return max(0.0, 1 - edits(one, other) / max(1, len(one)))


def _bare(text: str, folded: bool) -> str:
    text = re.sub(r"[\s\x00-\x1f]", "", _LEADER.sub("", text))
    return fold(text) if folded else text


def edits(one: str, other: str) -> int:
    """The Levenshtein distance, by Hyyrö's bits: a column of the table is two integers."""
    if not one:
        return len(other)
    full, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    places: dict[str, int] = {}
    for index, char in enumerate(one):
        places[char] = places.get(char, 0) | 1 << index
    more, less, distance = full, 0, len(one)
    for char in other:
        equal = places.get(char, 0)
        across = (((equal & more) + more) ^ more) | equal
        up, down = less | ~(across | more) & full, more & across
        distance += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & full, down << 1 & full
        more, less = down | ~(equal | less | up) & full, up & (equal | less)
    return distance


def scanned(pdf: Path, page: int, kind: str, dpi: int) -> Image.Image:
    """A page as a scanner gives it."""
    picture, _ = page_picture(pdf.read_bytes(), page, dpi / 72, None)
    if kind == "worse":
        picture = picture.rotate(0.7, Image.Resampling.BICUBIC, fillcolor=255)
        picture = picture.filter(ImageFilter.GaussianBlur(0.7))
        noise = Image.effect_noise(picture.size, 12)
        picture = ImageChops.add(picture, noise, offset=-128)
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=60)
    return Image.open(jpeg)


def engines() -> Iterator[tuple[str, Engine]]:
    """The engines that are installed."""
    if ocr.is_available():
        yield "RapidOCR as used here", _recognise
        yield "RapidOCR, its own order", _rapidocr()
    if shutil.which("tesseract"):
        for language in ("chi_sim", "chi_sim+eng", "HanS"):
            if set(language.split("+")) <= _tesseract_languages():
                yield f"Tesseract {language}", _tesseract(language)


def _recognise(picture: Image.Image, dpi: int) -> str:
    return "\n".join(line.text for line in ocr.recognise(picture, dpi / 72))


def _rapidocr() -> Engine:
    import numpy
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})

    def read(picture: Image.Image, dpi: int) -> str:
        return "\n".join(engine(numpy.asarray(picture.convert("RGB"))).txts or ())

    return read


def _tesseract_languages() -> set[str]:
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True)
    return set(listed.stdout.split())


def _tesseract(language: str) -> Engine:
    def read(picture: Image.Image, dpi: int) -> str:
        png = io.BytesIO()
        picture.save(png, "PNG")
        command = ["tesseract", "-", "-", "-l", language, "--psm", "3", "--dpi", str(dpi)]
        done = subprocess.run(command, input=png.getvalue(), capture_output=True, check=True)
        return done.stdout.decode()

    return read


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table: engine, scan, right folded and as written, seconds a page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("pdf", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=7, help="first pages of each PDF")
    options = parser.parse_args(arguments)
    print(f"{'engine':24} {'scan':6} {'right':>7} {'as is':>7} {'s/page':>7}", flush=True)
    for name, read in engines():
        for kind, dpi in _SCANS:
            truths, texts, seconds = [], [], 0.0
            for pdf, page in _pages(options.pdf, options.pages):
                picture = scanned(pdf, page, kind, dpi)
                begun = time.perf_counter()
                texts.append(read(picture, dpi))
                seconds += time.perf_counter() - begun
                truths.append(page_text(pdf, page))
            right, as_is = (_all_pages(truths, texts, folded) for folded in (True, False))
            print(f"{name:24} {kind:6} {right:7.4f} {as_is:7.4f} {seconds / len(texts):7.2f}")


def _pages(pdfs: Sequence[Path], most: int) -> Iterator[tuple[Path, int]]:
    from ingest.extract.pdf import read_pdf

    for pdf in pdfs:
        count = len(read_pdf(pdf, pdf.read_bytes()).pages)
        yield from ((pdf, page) for page in range(1, min(count, most) + 1))


def _all_pages(truths: Sequence[str], texts: Sequence[str], folded: bool) -> float:
    lengths = [len(_bare(truth, folded)) for truth in truths]
    shares = [right_share(truth, text, folded) for truth, text in zip(truths, texts, strict=True)]
    return sum(map(float.__mul__, shares, map(float, lengths))) / max(1, sum(lengths))


if __name__ == "__main__":
    os.environ.setdefault("OMP_THREAD_LIMIT", "2")  # Tesseract is slower with more than cores
    main()
