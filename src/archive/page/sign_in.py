"""Signing in on the page: staff by Streamlit's own login where it is configured, or by password."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import streamlit as st

from archive import log
from archive.errors import ArchiveError
from archive.keeping.rate_limit import network_of
from archive.keeping.staff import Attempts, Staff, check_password, staff
from archive.page.cards import draw_error, draw_note
from archive.page.language import say
from archive.page.shared import shared

_MARK = "signed in"


@shared
def attempts(home: str) -> Attempts:
    """The tries of the archive's password, counted over all sessions."""
    return Attempts()


def reader_network() -> str:
    """Where a reader comes from, for limits: the peer's address, or what a proxy says of it.

    That a proxy is believed only on this machine is the web server's doing (`FORWARDED_ALLOW_IPS`).
    """
    return network_of(st.context.ip_address)


def is_staff(home: str) -> bool:
    """Whether the reader is staff; nobody is while the file that says who is damaged."""
    try:
        known = staff(Path(home))
    except ArchiveError:
        return False
    if _has_login():
        return known.has(_verified_email())
    return known.password is not None and st.session_state.get(_MARK) == _mark(known)


def note_by_staff(what: str, /, **facts: Any) -> None:
    """Log what one of the staff did: who by the address of a login, or where the password was."""
    log.note(
        what, by=_verified_email() if _has_login() else f"password@{reader_network()}", **facts
    )


def draw_sign_in(home: str) -> None:
    """The way to become staff, or why there is none."""
    try:
        known = staff(Path(home))
    except ArchiveError as error:
        draw_error(error)
        return
    if _has_login():
        _draw_login()
    elif known.password is None:
        draw_note(
            say(
                "还没有设置管理密码。请管理档案的人运行 archive staff password，再刷新本页。",
                "No staff password is set. Whoever runs the archive: run `archive staff password` "
                "in a terminal, then reload this page.",
            )
        )
    else:
        _draw_password(home, known)


def draw_sign_out() -> None:
    """A button that makes the reader a member again."""
    st.button(say("退出", "Sign out"), key="sign out", type="tertiary", on_click=_sign_out)


def _has_login() -> bool:
    """Whether Streamlit's own login is configured; it says so of a reader only then."""
    return "is_logged_in" in st.user


def _verified_email() -> str:
    """The address of a reader whose provider has verified it; empty without."""
    if st.user.get("is_logged_in") is not True or st.user.get("email_verified") is not True:
        return ""
    return str(st.user.get("email") or "")


def _draw_login() -> None:
    if st.user.get("is_logged_in") is not True:
        draw_note(say("入库只对工作人员开放，请先登录。", "Taking in is for staff: log in first."))
        st.button(say("登录", "Log in"), type="primary", on_click=st.login)
        return
    email = _verified_email()
    draw_note(
        say(
            f"{email} 不在工作人员名单里。请管理档案的人运行 archive staff add {email}。",
            f"{email} is not on the list of staff. Whoever runs the archive can add it with "
            f"`archive staff add {email}`.",
        )
        if email
        else say(
            "登录服务没有确认您的邮箱地址，不能据此认出工作人员。",
            "The login does not vouch for your e-mail address, so that it can't be told whether "
            "you are staff.",
        )
    )
    draw_sign_out()


def _draw_password(home: str, known: Staff) -> None:
    draw_note(
        say("入库只对工作人员开放，请输入管理密码。", "Taking in is for staff: enter the password.")
    )
    with st.form("sign in", border=False, clear_on_submit=True), st.container(horizontal=True):
        attempt = st.text_input(
            say("管理密码", "Staff password"), type="password", label_visibility="collapsed",
            placeholder=say("管理密码", "Staff password"), autocomplete="current-password",
        )  # fmt: skip
        entered = st.form_submit_button(say("登录", "Log in"), type="primary")
    if not entered:
        return
    network = reader_network()
    verdict = attempts(home).check(network, lambda: check_password(Path(home), attempt or ""))
    level = logging.INFO if verdict == "right" else logging.WARNING
    log.note("sign-in", level=level, verdict=verdict, address=network)
    match verdict:
        case "right":
            st.session_state[_MARK] = _mark(known)
            st.rerun()
        case "wrong":
            st.error(say("密码不对。", "That is not the password."))
        case "locked out":
            st.error(
                say("试错的次数太多，请一分钟后再试。", "Too many wrong tries: wait a minute.")
            )
        case "busy":
            st.error(
                say("此刻登录的人太多，请再试一次。", "Too many sign in just now: try once more.")
            )


def _sign_out() -> None:
    st.session_state.pop(_MARK, None)
    if _has_login():
        st.logout()


def _mark(known: Staff) -> str:
    """What a session remembers of having signed in; another password has another mark."""
    return hashlib.sha256(known.password.hash.encode()).hexdigest() if known.password else ""
