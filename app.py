"""The page; `archive serve` runs it."""

from __future__ import annotations


def main() -> None:
    """Draw the page.

    What that needs is imported here: Streamlit makes this file the main module, which every process
    that reads a PDF for the page imports first.
    """
    from archive.page.desk import main as draw

    draw()


if __name__ == "__main__":
    main()
