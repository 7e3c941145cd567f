"""Who is staff: a password kept as a salted hash, and e-mail addresses for a login by OIDC."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from archive.errors import ArchiveError, UsageError
from archive.keeping.rate_limit import RateLimit
from archive.store.atomic_file import write_whole
from archive.untrusted_text import without_surrogates

SHORTEST = 8
"""Characters of a password."""
_COST = {"n": 2**15, "r": 8, "p": 1}
_MAX_MEMORY = 64 * 2**20
"""Twice what scrypt needs at this cost."""
_LONGEST_EMAIL = 254
_MOST_WAITING = 8


@dataclass(frozen=True, slots=True)
class Password:
    """A password's salt and its hash, both in hexadecimal."""

    salt: str
    hash: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Who may take in, remove and read reports."""

    password: Password | None = None
    emails: tuple[str, ...] = ()
    """Case-folded, in order."""

    def has(self, email: str) -> bool:
        return email.strip().casefold() in self.emails


Verdict = Literal["right", "wrong", "locked out", "busy"]
"""Of an attempt; `locked out` and `busy` say that the password wasn't checked."""


class Attempts:
    """Limits attempts at a password: so many wrong ones from a network, and one checked at a time.

    Whoever guesses from many addresses is slowed down by that and holds up nobody: the newest
    attempt is next, and the oldest is sent away where more than `_MOST_WAITING` wait. Safe to
    share between threads.
    """

    def __init__(
        self, most: int = 5, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wrong = RateLimit((most, seconds), clock=clock)
        self._turn = threading.Condition()
        self._waiting: list[object] = []
        self._is_busy = False

    def check(self, network: str, is_right: Callable[[], bool]) -> Verdict:
        """Check an attempt from a network, unless too many wrong ones came from there."""
        # Counted before it is checked: many at once would else get past the limit.
        if not self._wrong.take(network):
            return "locked out"
        verdict: Verdict = "busy"
        try:
            if self._wait_for_turn():
                try:
                    verdict = "right" if is_right() else "wrong"
                finally:
                    self._end_turn()
        finally:
            if verdict != "wrong":
                self._wrong.give_back(network)
        return verdict

    def _wait_for_turn(self) -> bool:
        """Wait; returns whether the turn came, False where too many newer ones wait."""
        ticket = object()
        with self._turn:
            self._waiting.append(ticket)
            if len(self._waiting) > _MOST_WAITING:
                del self._waiting[0]
                self._turn.notify_all()
            self._turn.wait_for(
                lambda: (
                    ticket not in self._waiting
                    or (not self._is_busy and self._waiting[-1] is ticket)
                )
            )
            if ticket not in self._waiting:
                return False
            self._waiting.remove(ticket)
            self._is_busy = True
            return True

    def _end_turn(self) -> None:
        with self._turn:
            self._is_busy = False
            self._turn.notify_all()


def staff(home: Path) -> Staff:
    """Who is staff of the archive at `home`; nobody where nothing is set.

    Raises ArchiveError where the file that says so is damaged or can't be read.
    """
    path = _path(home)
    try:
        return _parsed(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Staff()
    except OSError as error:
        raise ArchiveError(
            f"{path} can't be read: {error.strerror}",
            "give the archive's user the right to read it",
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArchiveError(
            f"{path} is damaged, so that nobody counts as staff",
            "move it away, then set the password and the addresses anew with `archive staff`",
        ) from error


def set_password(home: Path, password: str) -> None:
    """Set the staff's password; whoever has signed in with an earlier one is signed out.

    Raises UsageError for one that is too short, ArchiveError where it can't be kept.
    """
    if len(_normal(password).strip()) < SHORTEST:
        raise UsageError(
            f"the password has fewer than {SHORTEST} characters", "choose a longer one"
        )
    salt = secrets.token_hex(16)
    _keep(home, replace(staff(home), password=Password(salt, _hash(password, salt))))


def check_password(home: Path, attempt: str) -> bool:
    """Whether an attempt is the staff's password; raises ArchiveError as `staff` does."""
    known = staff(home).password
    return known is not None and hmac.compare_digest(known.hash, _hash(attempt, known.salt))


def add_staff(home: Path, email: str) -> str:
    """Let whoever signs in with an e-mail address be staff; returns the address as it is kept.

    Raises UsageError for what is no address.
    """
    email = email.strip().casefold()
    name, at, host = email.rpartition("@")
    if not (name and at and host) or not email.isprintable() or any(map(str.isspace, email)):
        raise UsageError(f"not an e-mail address: {email!r}", "write it like name@example.org")
    if len(email) > _LONGEST_EMAIL:
        raise UsageError(
            f"an e-mail address of {len(email)} characters", f"{_LONGEST_EMAIL} are the most"
        )
    known = staff(home)
    _keep(home, replace(known, emails=tuple(sorted({*known.emails, email}))))
    return email


def remove_staff(home: Path, email: str) -> str:
    """Let an e-mail address no longer be staff; raises UsageError where it isn't."""
    known, email = staff(home), email.strip().casefold()
    if email not in known.emails:
        raise UsageError(f"{email!r} is not on the list", "`archive staff list` shows who is")
    _keep(home, replace(known, emails=tuple(each for each in known.emails if each != email)))
    return email


def _path(home: Path) -> Path:
    return home / "staff.json"


def _normal(password: str) -> str:
    """A password as it is hashed: the same in half and full width, composed or not."""
    return unicodedata.normalize("NFKC", without_surrogates(password))


def _hash(password: str, salt: str) -> str:
    return hashlib.scrypt(
        _normal(password).encode(), salt=bytes.fromhex(salt), maxmem=_MAX_MEMORY, **_COST
    ).hex()


def _parsed(plain: object) -> Staff:
    """What the file says; raises ValueError, KeyError or TypeError where it isn't of this form."""
    if not isinstance(plain, dict):
        raise TypeError("not an object")
    emails, kept = plain["emails"], plain["password"]
    if not isinstance(emails, list) or not all(isinstance(email, str) for email in emails):
        raise TypeError("e-mail addresses that are no texts")
    password = Password(kept["salt"], kept["hash"]) if kept is not None else None
    if password and not (bytes.fromhex(password.salt) and bytes.fromhex(password.hash)):
        raise ValueError("an empty hash")
    return Staff(password, tuple(email.casefold() for email in emails))


def _keep(home: Path, known: Staff) -> None:
    """Write the file whole or not at all, for its owner's eyes only."""
    path = _path(home)
    password = known.password and {"salt": known.password.salt, "hash": known.password.hash}
    text = json.dumps({"password": password, "emails": known.emails}, ensure_ascii=False, indent=1)
    try:
        home.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise ArchiveError(
            f"{path} can't be written: {error.strerror}", "make the archive's folder writable"
        ) from error
