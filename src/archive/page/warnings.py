"""What the warnings of reading a PDF mean, in the reader's language."""

from __future__ import annotations

from archive.output.messages import WARNINGS_ZH as WARNINGS
from archive.page.language import is_english, say
from archive.page.paths import without_paths
from archive.records import Warning

__all__ = ["WARNINGS", "warning_line"]


def warning_line(warning: Warning) -> str:
    """A warning as a line of text."""
    page = say(f"第 {warning.page} 页：", f"Page {warning.page}: ") if warning.page else ""
    known = "" if is_english() else WARNINGS.get(warning.code, "")
    return page + (known or without_paths(warning.message))
