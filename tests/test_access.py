"""Who is staff: the password and its hash, the list of addresses, signing in on the page."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from archive.cli import cli
from archive.errors import ArchiveError, UsageError
from archive.keeping import staff as access
from archive.keeping.rate_limit import MOST_KEYS, RateLimit, network_of
from tests.app_page import drawn, new_page
from tests.conftest import wait_until

PASSWORD = "长长的密码 2026"
OTHER = "another one"


def run(home: Path, *arguments: str, given: str | None = None) -> str:
    result = CliRunner().invoke(cli, ["staff", *arguments, "--home", str(home)], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


# --- password and addresses ----------------------------------------------------------------------


def test_a_password_is_kept_as_a_hash_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "password", given=f"{PASSWORD}\n")
    kept = home / "staff.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert PASSWORD not in kept.read_text(encoding="utf-8")
    assert [path.name for path in home.iterdir()] == ["staff.json"]
    assert access.check_password(home, PASSWORD)
    # As an input method may type it: full width.
    assert access.check_password(home, "长长的密码　２０２６")
    for wrong in ("", PASSWORD[:-1], f"{PASSWORD} ", "\udcff" * 9, "x" * 100_000):
        assert not access.check_password(home, wrong)
    hashes = {kept.read_text(encoding="utf-8")}
    run(home, "password", given=PASSWORD)
    hashes.add(kept.read_text(encoding="utf-8"))
    assert len(hashes) == 2  # another salt
    assert access.staff(home).password.hash not in run(home, "list")  # type: ignore[union-attr]
    assert json.loads(run(home, "list", "--json")) == {"password": True, "emails": []}


@pytest.mark.parametrize("short", ["", "1234567", "       x", "\n"])
def test_a_short_password_is_refused(tmp_path: Path, short: str) -> None:
    with pytest.raises(UsageError, match="fewer than 8"):
        run(tmp_path, "password", given=f"{short}\n")
    assert not (tmp_path / "staff.json").exists()


def test_without_a_password_none_is_right(tmp_path: Path) -> None:
    assert not access.check_password(tmp_path, "")
    assert access.staff(tmp_path) == access.Staff()


def test_addresses_are_compared_case_folded(tmp_path: Path) -> None:
    run(tmp_path, "password", given=PASSWORD)
    run(tmp_path, "add", "Wang.Fang@Example.org")
    run(tmp_path, "add", " wang.fang@example.org ")
    assert run(tmp_path, "list").splitlines()[-1] == "wang.fang@example.org"
    assert access.staff(tmp_path).has("WANG.FANG@example.org")
    assert not access.staff(tmp_path).has("")
    assert access.check_password(tmp_path, PASSWORD)
    run(tmp_path, "remove", "WANG.FANG@example.org")
    assert access.staff(tmp_path).emails == ()
    with pytest.raises(UsageError, match="not on the list"):
        run(tmp_path, "remove", "wang.fang@example.org")
    for wrong in ("", "@", "name", "a b@c.d", "a@b\n.c", "x" * 300 + "@example.org"):
        with pytest.raises(UsageError, match="e-mail address"):
            run(tmp_path, "add", wrong)


@pytest.mark.parametrize(
    "damaged",
    [
        b"", b"\xff\xfe", b"[]", b"{}", b'{"password": {}, "emails": []}', b"[" * 100_000,
        b'{"password": {"salt": "zz", "hash": "zz"}, "emails": []}',
        b'{"password": {"salt": "", "hash": ""}, "emails": []}',
        b'{"password": null, "emails": [1]}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_said_and_kept(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "staff.json").write_bytes(damaged)
    for call in (["list"], ["password"], ["add", "a@b.c"]):
        with pytest.raises(ArchiveError, match="damaged") as raised:
            run(tmp_path, *call, given=PASSWORD)
        assert "archive staff" in raised.value.cure
    assert (tmp_path / "staff.json").read_bytes() == damaged


def wrong() -> bool:
    return False


def right() -> bool:
    return True


def test_attempts_are_counted_over_a_minute_for_each_address() -> None:
    now = [0.0]
    attempts = access.Attempts(clock=lambda: now[0])
    for _ in range(5):
        assert attempts.check("192.0.2.1", wrong) == "wrong"
        now[0] += 10
    assert attempts.check("192.0.2.1", right) == "locked out"
    assert attempts.check("192.0.2.2", right) == "right"
    now[0] = 60.0  # the first of the five is a minute old
    assert attempts.check("192.0.2.1", right) == "right"
    assert attempts.check("192.0.2.1", wrong) == "wrong"
    assert attempts.check("192.0.2.1", right) == "locked out"


def test_a_thousand_guessers_lock_out_none_of_the_staff(home: Path) -> None:
    attempts = access.Attempts()
    for number in range(1000):
        assert attempts.check(f"network {number}", wrong) == "wrong"
    assert attempts.check("the staff's", lambda: access.check_password(home, PASSWORD)) == "right"


def test_who_comes_while_many_guess_at_once_is_next() -> None:
    attempts = access.Attempts()
    began, go_on = threading.Event(), threading.Event()
    looked_at: list[str] = []
    said: list[access.Verdict] = []

    def look(name: str, is_right: bool) -> bool:
        looked_at.append(name)
        began.set()
        go_on.wait(60)
        return is_right

    def attempt(name: str, is_right: bool) -> None:
        said.append(attempts.check(name, lambda: look(name, is_right)))

    guessers = [threading.Thread(target=attempt, args=(f"{n}", False)) for n in range(100)]
    guessers[0].start()
    began.wait(60)
    for guesser in guessers[1:]:
        guesser.start()
    wait_until(lambda: len(said) == 91)  # one is looked at, eight wait
    staff = threading.Thread(target=attempt, args=("the staff's", True))
    staff.start()
    wait_until(lambda: len(said) == 92)
    go_on.set()
    for thread in (*guessers, staff):
        thread.join(60)
    assert looked_at[:2] == ["0", "the staff's"]
    assert [said.count(verdict) for verdict in ("busy", "wrong", "right")] == [92, 8, 1]


def test_tries_at_once_do_not_get_past_the_limit() -> None:
    attempts = access.Attempts()
    go_on = threading.Event()
    said: list[access.Verdict] = []

    def attempt() -> None:
        said.append(attempts.check("192.0.2.1", lambda: not go_on.wait(60)))

    tries = [threading.Thread(target=attempt) for _ in range(50)]
    for each in tries:
        each.start()
    wait_until(lambda: len(said) == 45)
    go_on.set()
    for each in tries:
        each.join(60)
    assert [said.count(verdict) for verdict in ("locked out", "wrong")] == [45, 5]


def test_a_check_that_fails_counts_for_nothing_and_holds_up_nobody(home: Path) -> None:
    attempts = access.Attempts()
    (home / "staff.json").write_text("{", encoding="utf-8")
    for _ in range(10):
        with pytest.raises(ArchiveError, match="damaged"):
            attempts.check("192.0.2.1", lambda: access.check_password(home, PASSWORD))
    assert attempts.check("192.0.2.1", right) == "right"


def test_every_limit_of_a_key_holds() -> None:
    now = [0.0]
    limit = RateLimit((2, 10.0), (3, 100.0), clock=lambda: now[0])
    assert [limit.take("a"), limit.take("a"), limit.take("a"), limit.take("b")] == [1, 1, 0, 1]
    now[0] = 10.0
    assert [limit.take("a"), limit.take("a")] == [True, False]
    limit.give_back("a")
    assert [limit.take("a"), limit.take("a")] == [True, False]
    now[0] = 99.0
    assert not limit.take("a")
    now[0] = 100.0
    assert limit.take("a")
    limit.give_back("never came")


def test_a_million_addresses_do_not_fill_the_memory() -> None:
    limit = RateLimit((1, 1e9))
    assert [limit.take("first"), limit.take("first")] == [True, False]
    assert all(limit.take(f"{number}") for number in range(MOST_KEYS))
    assert limit.take("first")  # forgotten
    assert not limit.take(f"{MOST_KEYS - 1}")


@pytest.mark.parametrize(
    ("addresses", "network"),
    [
        (["192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.1"),
        (["192.0.2.2"], "192.0.2.2"),
        (["2001:db8:0:1::1", "2001:DB8:0:1:ffff::2"], "2001:db8:0:1::/64"),
        (["2001:db8:0:2::1"], "2001:db8:0:2::/64"),
        (["fe80::1%eth0", "fe80::2"], "fe80::/64"),
        ([None], "loopback"),
        (["", "unix:", "192.0.2.1.5", "x" * 10_000, "\x00", "１９２.0.2.1"], "unknown"),
    ],
)
def test_the_network_of_an_address(addresses: list[str | None], network: str) -> None:
    assert {network_of(address) for address in addresses} == {network}


# --- the page ------------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ARCHIVE_HOME", str(tmp_path / "home"))
    return new_page()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    access.set_password(tmp_path / "home", PASSWORD)
    return tmp_path / "home"


def enter(page: AppTest, password: str) -> AppTest:
    page.text_input[0].set_value(password)
    next(button for button in page.button if button.label == "登录").click()
    return drawn(page)


def notes(page: AppTest) -> str:
    return "\n".join(element.body for element in page.html)


def test_without_a_password_the_page_says_how_to_set_one(page: AppTest) -> None:
    drawn(page)
    assert "archive staff password" in notes(page)
    assert not page.text_input
    assert not page.file_uploader


def test_members_see_no_uploader_and_staff_do(home: Path, page: AppTest) -> None:
    drawn(page)
    assert page.text_input[0].proto.type == page.text_input[0].proto.PASSWORD
    assert not page.file_uploader
    enter(page, OTHER)
    assert not page.file_uploader
    assert "密码不对" in page.error[0].value
    enter(page, PASSWORD)
    assert page.file_uploader
    next(button for button in page.button if button.label == "退出").click()
    assert not drawn(page).file_uploader


def test_another_password_signs_out(home: Path, page: AppTest) -> None:
    assert enter(drawn(page), PASSWORD).file_uploader
    access.add_staff(home, "a@b.c")
    assert drawn(page).file_uploader
    access.set_password(home, PASSWORD)
    assert not drawn(page).file_uploader


def test_wrong_passwords_lock_out_an_address_and_no_other(
    home: Path, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_from(monkeypatch, "203.0.113.7")
    drawn(page)
    for _ in range(5):
        assert "密码不对" in enter(page, OTHER).error[0].value
    assert "请一分钟后再试" in enter(page, PASSWORD).error[0].value
    assert not page.file_uploader
    st.cache_resource.clear()  # as any browser may ask of Streamlit
    again = drawn(new_page())
    assert "请一分钟后再试" in enter(again, PASSWORD).error[0].value
    come_from(monkeypatch, "203.0.113.8")
    other = drawn(new_page())
    assert enter(other, PASSWORD).file_uploader


def come_from(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let readers come from an address, which AppTest has none of."""
    client = SimpleNamespace(remote_ip=address, cookies={}, headers=[])
    monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: client)


def test_a_damaged_file_makes_nobody_staff_and_stops_no_reader(home: Path, page: AppTest) -> None:
    enter(drawn(page), PASSWORD)
    (home / "staff.json").write_text("{", encoding="utf-8")
    assert not drawn(page).file_uploader
    assert "damaged" in page.error[0].value


@pytest.mark.parametrize(
    ("user", "is_staff"),
    [
        ({"is_logged_in": False}, False),
        ({"is_logged_in": True, "email": "Wang@Example.org", "email_verified": True}, True),
        ({"is_logged_in": True, "email": "wang@example.org", "email_verified": False}, False),
        ({"is_logged_in": True, "email": "wang@example.org"}, False),
        ({"is_logged_in": True, "email": "li@example.org", "email_verified": True}, False),
        ({"is_logged_in": True, "email_verified": True}, False),
        ({"is_logged_in": False, "email": "wang@example.org", "email_verified": True}, False),
    ],
)
def test_by_oidc_whoever_has_a_verified_address_on_the_list(
    home: Path, page: AppTest, user: dict[str, object], is_staff: bool
) -> None:
    access.add_staff(home, "wang@example.org")
    page.user = user
    drawn(page)
    assert bool(page.file_uploader) is is_staff
    assert not page.text_input  # the password doesn't count beside it
    labels = [button.label for button in page.button]
    assert ("退出" in labels) is bool(user["is_logged_in"])
    assert ("登录" in labels) is not user["is_logged_in"]
