"""Another form's PDF, changed by pypdf: locked, turned, with junk before it."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import RectangleObject

PASSWORD = "秘密"
_JUNK = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"


def encrypt(source: Path, target: Path) -> None:
    """Lock the file: it opens with the password only."""
    writer = PdfWriter(clone_from=PdfReader(source))
    writer.encrypt(PASSWORD, algorithm="AES-256")
    writer.write(target)


def restrict(source: Path, target: Path) -> None:
    """Lock the file against changes only: it opens without a password."""
    writer = PdfWriter(clone_from=PdfReader(source))
    writer.encrypt("", owner_password="owner", algorithm="AES-256")
    writer.write(target)


def rotate(source: Path, target: Path) -> None:
    """Turn every page on its side, as a viewer's button does: /Rotate 90."""
    writer = PdfWriter(clone_from=PdfReader(source))
    for page in writer.pages:
        page.rotate(90)
    writer.write(target)


def turn(source: Path, target: Path) -> None:
    """Draw every page on its side and let /Rotate put it upright, as printer drivers do."""
    writer = PdfWriter(clone_from=PdfReader(source))
    for page in writer.pages:
        width, height = page.mediabox.width, page.mediabox.height
        page.add_transformation(Transformation().rotate(90).translate(height, 0))
        page.mediabox = page.cropbox = RectangleObject((0, 0, height, width))
        page.rotate(90)
    writer.write(target)


def prepend_junk(source: Path, target: Path) -> None:
    """Put a few lines before the PDF's first, as broken downloads have them."""
    target.write_bytes(_JUNK + source.read_bytes())
