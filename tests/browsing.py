"""A served archive and a real browser, for tests of the page as a reader sees it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT, free_port, wait_until

ARTIFACTS = ROOT / "tests" / "artifacts"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
CHROMIUM_OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

PATIENCE = 60_000
"""Milliseconds in which the page must have drawn what was asked of it."""
_FADES = "a => a.playState === 'running' && a.effect.getComputedTiming().endTime !== Infinity"


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`archive serve` of an archive on a free port; ended with the block if it hasn't been."""
    port = free_port()
    command = [sys.executable, "-m", "archive", "serve", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        wait_until(lambda: process.poll() is not None or is_listening(port))
        assert process.poll() is None, "archive serve has ended by itself"
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless; skips where there is none, unless one is required."""
    if CHROMIUM is None:
        (pytest.fail if "BROWSER_REQUIRED" in os.environ else pytest.skip)("no Chromium found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until the script has run to its end."""
    expect(page.locator(".masthead")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'",
        timeout=PATIENCE,
    )


def keep(page: Page, name: str) -> None:
    """A screenshot as an artefact of the run, once nothing is fading in any more."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.wait_for_function(f"!document.getAnimations().some({_FADES})")
    page.screenshot(path=ARTIFACTS / f"{name}.png")
