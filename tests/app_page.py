"""The page as Streamlit's own tester runs it, without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT


def new_page() -> AppTest:
    """A page not yet drawn, of the archive that the environment names."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)


def drawn(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def view(page: AppTest, name: str, **params: str) -> AppTest:
    """A view by its name and what else stands in the address."""
    for key, value in {"view": name, **params}.items():
        page.query_params[key] = value
    return drawn(page)


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button of a label."""
    next(button for button in page.button if button.label == label).click()
    return drawn(page)


def html(page: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(element.proto.body for element in page.get("html"))
