"""The intent of a question, learnt: its vector and the cues that patterns see, weighed together.

Patterns alone know the ways of asking they were written for; a question in other words lies near to
those that were learnt from. `benchmarks/train_requests.py` makes `intents.json`, and says from
what.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from archive.asking import request_patterns
from archive.asking.records import Intent, Request
from archive.errors import ArchiveError
from archive.resources import shipped

Values = NDArray[np.float64]
INTENTS: tuple[Intent, ...] = get_args(Intent)
_OF_AN_ISSUE = re.compile(
    "[这那本上前]一?[期份]|今[天日]的?(?:简报|日报|摘编)|issue|briefing", re.IGNORECASE
)


def _patterns() -> dict[str, re.Pattern[str]]:
    """The patterns that give cues, by name."""
    found: dict[str, re.Pattern[str]] = {}
    for name, value in vars(request_patterns).items():
        if name.isupper() and isinstance(value, re.Pattern):
            found[name] = value
        elif name in ("ISSUES", "COVERAGE", "READ"):
            found |= {f"{name} {key}": pattern for key, pattern in value.items()}
    return found


_PATTERNS = _patterns()
_FLAGS = ("subject", "period", "day", "issue", "outlet")
CUES = (*_PATTERNS, *_FLAGS, *(f"by rule {intent}" for intent in INTENTS))
"""What is seen in a question, each 0 or 1."""


def cues(request: Request) -> Values:
    """The cues of a question read by rule, (cues,)."""
    period = request.period
    seen = [bool(pattern.search(request.text)) for pattern in _PATTERNS.values()]
    seen += [bool(request.subject), period is not None, period is not None and period.is_day]
    seen += [request.issue is not None, bool(request.outlet)]
    seen += [request.intent == intent for intent in INTENTS]
    return np.array(seen, np.float64)


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A multinomial logistic regression over a question's vector, made comparable, and its cues.

    It goes with one encoder's vectors only. `weights` is (dimension + cues, intents).
    """

    encoder: str
    mean: Values
    scale: Values
    weights: Values
    bias: Values

    def intent(self, request: Request, vector: NDArray[np.float32]) -> Intent:
        """The likeliest intent that the question has what it takes for."""
        features = np.concatenate(((vector - self.mean) / self.scale, cues(request)))
        order = np.argsort(-(features @ self.weights + self.bias), kind="stable")
        return next(INTENTS[at] for at in order.tolist() if _is_possible(INTENTS[at], request))


def _is_possible(intent: Intent, request: Request) -> bool:
    """Whether a question names what an answer of an intent is made for."""
    match intent:
        case "period":
            return request.period is not None
        case "sources":
            return bool(request.outlet or request_patterns.SOURCES.search(request.text))
        case "issue":
            is_day = request.period is not None and request.period.is_day
            return is_day or request.issue is not None or bool(_OF_AN_ISSUE.search(request.text))
        case _:
            return True


@lru_cache(maxsize=1)
def load_intent_model() -> IntentModel:
    """The weights shipped; raises ArchiveError when they can't be read."""
    try:
        read = json.loads(shipped("answer_model").joinpath("intents.json").read_bytes())
        if tuple(read["cues"]) != CUES or tuple(read["intents"]) != INTENTS:
            raise ValueError("intents.json is of other cues or intents")
        arrays = (np.array(read[name], np.float64) for name in ("mean", "scale", "weights", "bias"))
        return IntentModel(cast(str, read["encoder"]), *arrays)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"the weights of intents can't be read ({error})", "install the program anew"
        ) from error
