"""How often something may be done from one network address."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address

MOST_KEYS = 10_000


class RateLimit:
    """So many times in so many seconds for each key; safe to share between threads.

    `limits` are pairs of the two, all of which hold. Beyond `MOST_KEYS` keys the one that came
    longest ago is forgotten, so that a million addresses don't fill the memory.
    """

    def __init__(
        self, *limits: tuple[int, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits, self._clock = limits, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> bool:
        """Count one more for a key; False, without counting it, where that would be too many."""
        with self._lock:
            now, times = self._clock(), self._times.get(key, deque())
            for most, seconds in self._limits:
                if len(times) >= most and times[-most] > now - seconds:
                    return False
            times.append(now)
            if len(times) > max(most for most, _ in self._limits):
                times.popleft()
            self._times[key] = times
            self._times.move_to_end(key)
            if len(self._times) > MOST_KEYS:
                self._times.popitem(last=False)
            return True

    def give_back(self, key: str) -> None:
        """Take back the last one counted for a key."""
        with self._lock:
            if times := self._times.get(key):
                times.pop()


def network_of(address: str | None) -> str:
    """What an address is counted under: itself in IPv4, its /64 in IPv6, where a host has many.

    None is this machine; whatever is no address is counted as `unknown`.
    """
    if address is None:
        return "loopback"
    try:
        known = ip_address(str(address))
    except ValueError:
        return "unknown"
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Network((int(known), 64), strict=False))
