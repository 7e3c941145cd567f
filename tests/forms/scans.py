"""Another form's pages as pictures, all of them or one."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

_DPI = 150
SCANNED_PAGES = 2
PICTURE_PAGE = 2
"""The page that is a picture in a file which is text else."""


def scan(source: Path, target: Path) -> None:
    """The first pages as a scanner in black and white gives them."""
    first, *rest = (_picture(source, page) for page in range(1, SCANNED_PAGES + 1))
    first.save(target, "PDF", resolution=_DPI, save_all=True, append_images=rest)


def scan_one_page(source: Path, target: Path) -> None:
    """The whole file, with one page a picture: the text of a page that someone scanned."""
    picture = io.BytesIO()
    _picture(source, PICTURE_PAGE).save(picture, "PDF", resolution=_DPI)
    scanned = PdfReader(picture).pages[0]
    writer = PdfWriter(clone_from=PdfReader(source))
    page = writer.pages[PICTURE_PAGE - 1]
    for key in ("/Contents", "/Resources", "/MediaBox"):
        page[NameObject(key)] = scanned.raw_get(key).clone(writer)
    writer.write(target)


def _picture(pdf: Path, page: int) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        bitmap = document[page - 1].render(scale=_DPI / 72, grayscale=True)
        image: Image.Image = bitmap.to_pil()
        return image.point(lambda value: 255 * (value > 150)).convert("1")
