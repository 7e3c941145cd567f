"""What all sessions share for as long as the server runs.

Streamlit's `cache_resource` won't do: any browser can have it emptied for everybody, which would
let a guesser try on, open the archive anew and start a second runner of uploads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

T = TypeVar("T")


def shared(make: Callable[[str], T]) -> Callable[[str], T]:
    """Make what belongs to an archive's home when it is first wanted, once for all sessions."""
    made: dict[str, T] = {}
    lock = threading.Lock()

    @wraps(make)
    def get(home: str) -> T:
        with lock:
            if home not in made:
                made[home] = make(home)
            return made[home]

    return get
