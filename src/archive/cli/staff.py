"""`archive staff`: who may take in and remove on the page."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.cli.options import common, print_json
from archive.errors import UsageError
from archive.keeping import staff as access
from archive.settings import Settings


@click.group()
def staff() -> None:
    """Who may take in and remove on the page; everybody else reads."""


@staff.command(name="password")
@common
def set_password(home: Path | None, as_json: bool) -> None:
    """Set the staff's password; asked for on a terminal, else the first line of stdin."""
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = _first_line()
    access.set_password(Settings.load(home=home).home, password)
    if as_json:
        print_json({"password": "set"})
    else:
        click.echo("password set")


def _first_line() -> str:
    try:
        return sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError("the password on stdin is not UTF-8", "pass it in UTF-8") from error


@staff.command(name="add")
@click.argument("email")
@common
def add_email(email: str, home: Path | None, as_json: bool) -> None:
    """Let whoever signs in as EMAIL be staff, where the page has a login by OIDC."""
    added = access.add_staff(Settings.load(home=home).home, email)
    if as_json:
        print_json({"added": added})
    else:
        click.echo(f"added {added}")


@staff.command(name="remove")
@click.argument("email")
@common
def remove_email(email: str, home: Path | None, as_json: bool) -> None:
    """Let EMAIL no longer be staff."""
    removed = access.remove_staff(Settings.load(home=home).home, email)
    if as_json:
        print_json({"removed": removed})
    else:
        click.echo(f"removed {removed}")


@staff.command(name="list")
@common
def list_staff(home: Path | None, as_json: bool) -> None:
    """List the addresses, and whether a password is set."""
    known = access.staff(Settings.load(home=home).home)
    if as_json:
        print_json({"password": known.password is not None, "emails": list(known.emails)})
        return
    click.echo("password set" if known.password else "no password set", err=True)
    for email in known.emails:
        click.echo(email)
