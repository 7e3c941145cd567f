"""Trains the span model: python -m benchmarks.train_reader --data FOLDER --checkpoints FOLDER

Writes `reader.onnx` and `reader.npz` of data/answer_model. The eight upper layers of the default
encoder learn to mark the answer to a question in a passage, or its first token where there is none
(Devlin et al. 2019), and to say whether there is one, from `benchmarks.reading_examples`. One fold
of five is held out, so that what is built on it can be measured and calibrated on what it never
saw. Interrupted, it goes on where it stopped. On two cores in bfloat16 some 25 examples a second,
three epochs in two hours; prints how it does on the fold held out. Needs the extra `train`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from archive.asking.span_model import (
    LONGEST_QUESTION,
    LONGEST_TITLE,
    TOKEN_END,
    TOKEN_START,
    likeliest,
)
from archive.index.default_model import default_model_folder
from archive.index.sentencepieces import open_pieces
from benchmarks.answered import is_held_out
from benchmarks.asking import news_archive
from benchmarks.corpora import ROOT, ingested_samples
from benchmarks.reader_graph import write_learnt
from benchmarks.reading_examples import ReadingExample, all_examples

MODEL = ROOT / "data" / "answer_model"
_EPOCHS, _FROZEN = 3, 4
_RATE, _RATE_BELOW, _RATE_OF_HEADS, _WARM_UP = 1.5e-4, 0.9, 3.0, 0.06
"""The learning rate of the uppermost layer, what each below it has of that, and what the heads."""
_DECAY, _CLIPPED, _DROPPED = 0.01, 1.0, 0.1
_TOKENS = 6144
"""Tokens of a batch."""
_WINDOWS = (224, 288)
_SHORT = 0.8
"""The share of the windows that have the shorter length."""
_SAVED_EVERY = 300.0
_TAKEN = {
    "answer": 1.0, "near": 1.0, "other": 0.25, "cut": 0.35, "made": 0.3, "own": 1.0,
    "own near": 0.6, "own other": 0.6, "cloze": 0.6, "cloze cut": 0.6, "cloze made": 0.5,
}  # fmt: skip
"""The share of the examples of each kind that an epoch takes."""


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens to be read, where the answer begins and ends (0, 0: none), where the text begins."""

    tokens: list[int]
    start: int
    end: int
    head: int


class Windows:
    """Cuts examples into windows of tokens."""

    def __init__(self, folder: Path) -> None:
        self._cut = open_pieces(folder)
        self._known: dict[str, tuple[list[int], NDArray[np.int32]]] = {}
        self._asks, self._tells, self._stop = (
            self._of(text)[0] for text in ("query:", "passage:", "。")
        )

    def _of(self, text: str) -> tuple[list[int], NDArray[np.int32]]:
        if text not in self._known:
            tokens, places = self._cut(text)
            self._known[text] = tokens, np.array(places, np.int32).reshape(-1, 2)
        return self._known[text]

    def cut(self, example: ReadingExample, length: int, chance: random.Random) -> Window:
        """A window of a passage, with its answer; sometimes under its heading."""
        asked = self._of(example.question)[0][:LONGEST_QUESTION]
        tokens, places = self._of(example.text)
        head = [TOKEN_START, *self._asks, *asked, TOKEN_END, *self._tells]
        if example.title and (example.kind.startswith("own") or chance.random() < 0.6):
            head += [*self._of(example.title)[0][:LONGEST_TITLE], *self._stop]
        room = length - len(head) - 1
        begins = ends = first = 0
        if example.span:
            begins = int(np.searchsorted(places[:, 1], example.span[0], side="right"))
            ends = max(begins, int(np.searchsorted(places[:, 0], example.span[1])) - 1)
        if len(tokens) > room:
            farthest = len(tokens) - room
            low, high = (max(0, ends + 1 - room), begins) if example.span else (0, farthest)
            first = chance.randint(min(low, farthest), max(min(low, farthest), min(high, farthest)))
        window = [*head, *tokens[first : first + room], TOKEN_END]
        begins, ends = begins - first + len(head), ends - first + len(head)
        is_in = example.span is not None and len(head) <= begins <= ends < len(window) - 1
        return Window(window, begins if is_in else 0, ends if is_in else 0, len(head))


def evened(window: Window) -> Window:
    """Cut to a multiple of eight tokens, away from the answer, so that a batch needs no mask."""
    tokens, spare = window.tokens, len(window.tokens) % 8
    if not spare:
        return window
    whole = len(tokens) - spare
    if window.end < whole - 1:
        return Window([*tokens[: whole - 1], TOKEN_END], window.start, window.end, window.head)
    if window.start - spare >= window.head:
        kept = tokens[: window.head] + tokens[window.head + spare :]
        return Window(kept, window.start - spare, window.end - spare, window.head)
    return Window([*tokens[: whole - 1], TOKEN_END], 0, 0, window.head)


def batches(
    examples: Sequence[ReadingExample], windows: Windows, chance: random.Random
) -> list[list[Window]]:
    """An epoch's windows, those of one length together."""
    chosen = [example for example in examples if chance.random() < _TAKEN[example.kind]]
    lengths = (_WINDOWS[chance.random() >= _SHORT] for _ in chosen)
    cut = [evened(windows.cut(e, n, chance)) for e, n in zip(chosen, lengths, strict=True)]
    chance.shuffle(cut)
    cut.sort(key=lambda window: len(window.tokens))
    found: list[list[Window]] = []
    for window in cut:
        length = len(window.tokens)
        own = found[-1] if found else []
        if not own or len(own[0].tokens) != length or (len(own) + 1) * length > _TOKENS:
            found.append(own := [])
        own.append(window)
    chance.shuffle(found)
    return found


class Network(nn.Module):
    """The encoder with two heads: where an answer begins and ends, and whether there is one."""

    def __init__(self, folder: Path) -> None:
        from transformers import BertModel

        super().__init__()
        self.bert = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32)
        self.span, self.has = nn.Linear(384, 2), nn.Linear(384, 1)
        for head in (self.span, self.has):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        for part in (self.bert.embeddings, self.bert.encoder.layer[:_FROZEN]):
            part.requires_grad_(False)

    @property
    def learning(self) -> nn.ModuleList:
        """The layers that are trained."""
        return self.bert.encoder.layer[_FROZEN:]

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each token to begin and to end the answer, (n, t, 2), and of one, (n,)."""
        with torch.autocast(tokens.device.type, torch.bfloat16):
            with torch.no_grad():
                hidden = self.bert.embeddings(input_ids=tokens)
                for layer in self.bert.encoder.layer[:_FROZEN]:
                    hidden = _through(layer, hidden, training=False)
            for layer in self.learning:
                hidden = _through(layer, hidden, training=self.training)
        hidden = hidden.float()
        return self.span(hidden), self.has(hidden[:, 0])[:, 0]


def _through(layer: Any, hidden: Tensor, *, training: bool) -> Tensor:
    """A layer of BERT on windows of one length; whole dimensions are dropped, which is quicker."""
    attention = layer.attention.self
    shape = (*hidden.shape[:2], attention.num_attention_heads, -1)
    query, key, value = (
        part(hidden).view(shape).transpose(1, 2)
        for part in (attention.query, attention.key, attention.value)
    )
    mixed = functional.scaled_dot_product_attention(query, key, value)
    out = layer.attention.output
    attended = _dropped(out.dense(mixed.transpose(1, 2).flatten(2)), training=training)
    hidden = out.LayerNorm(hidden + attended)
    up = functional.gelu(layer.intermediate.dense(hidden))
    fed = _dropped(layer.output.dense(up), training=training)
    normed: Tensor = layer.output.LayerNorm(hidden + fed)
    return normed


def _dropped(values: Tensor, *, training: bool) -> Tensor:
    if not training:
        return values
    kept = torch.rand(len(values), 1, values.shape[-1], device=values.device) > _DROPPED
    return values * kept


def optimizer_of(network: Network) -> torch.optim.Optimizer:
    """AdamW, the lower a layer the slower."""
    groups: list[dict[str, Any]] = []
    for depth, layer in enumerate(reversed(network.learning)):
        rate = _RATE * _RATE_BELOW**depth
        for is_matrix in (True, False):
            own = [p for p in layer.parameters() if (p.ndim > 1) == is_matrix]
            groups.append({"params": own, "lr": rate, "weight_decay": _DECAY * is_matrix})
    heads = [*network.span.parameters(), *network.has.parameters()]
    groups.append({"params": heads, "lr": _RATE * _RATE_OF_HEADS, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6)


def loss_of(network: Network, batch: Sequence[Window], device: str) -> Tensor:
    """How far the network is from a batch's answers."""
    tokens = torch.tensor([window.tokens for window in batch], device=device)
    start, end = (
        torch.tensor([getattr(window, name) for window in batch], device=device)
        for name in ("start", "end")
    )
    spans, has = network(tokens)
    can = torch.zeros(tokens.shape, dtype=torch.bool, device=device)
    can[:, 0] = True
    for row, window in enumerate(batch):
        can[row, window.head : -1] = True
    spans = spans.masked_fill(~can[..., None], -1e4)
    of_span = functional.cross_entropy(spans[..., 0], start) + functional.cross_entropy(
        spans[..., 1], end
    )
    return of_span / 2 + functional.binary_cross_entropy_with_logits(has, (start > 0).float()) / 2


def train(
    network: Network, examples: Sequence[ReadingExample], windows: Windows, checkpoint: Path
) -> None:
    """Train for some epochs, from a checkpoint on where there is one."""
    device = next(network.parameters()).device.type
    optimizer = optimizer_of(network)
    step, total = 0, _EPOCHS * len(batches(examples, windows, random.Random(1000)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda at: min(1.0, (at + 1) / (_WARM_UP * total)) * max(0.02, 1 - at / total)
    )
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device)
        step = saved["step"]
        for part, name in ((network, "network"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(saved[name])
    network.train()
    at, saved_at, began = 0, time.monotonic(), time.monotonic()
    for epoch in range(_EPOCHS):
        for batch in batches(examples, windows, random.Random(1000 + epoch)):
            at += 1
            if at <= step:
                continue
            loss = loss_of(network, batch, device)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), _CLIPPED)
            optimizer.step()
            schedule.step()
            if at % 50 == 0:
                took = time.monotonic() - began
                print(f"{at} of {total}: loss {loss.item():.3f}, {took:.0f} s", flush=True)
            if at == total or time.monotonic() - saved_at > _SAVED_EVERY:
                _save(checkpoint, at, network, optimizer, schedule)
                saved_at = time.monotonic()


def _save(checkpoint: Path, step: int, network: Network, optimizer: Any, schedule: Any) -> None:
    states = {"network": network, "optimizer": optimizer, "schedule": schedule}
    partial = checkpoint.with_suffix(".part")
    torch.save({"step": step, **{n: part.state_dict() for n, part in states.items()}}, partial)
    partial.rename(checkpoint)


def measure(network: Network, examples: Sequence[ReadingExample], windows: Windows) -> None:
    """Print how examples not trained on are read: exact match and F1, and none told from one."""
    from sklearn.metrics import roc_auc_score

    network.eval()
    odds: dict[tuple[str, str], list[float]] = {}
    exact, overlap = [], []
    for example in examples:
        window = windows.cut(example, 320, random.Random(3))
        with torch.no_grad():
            spans, _ = network(torch.tensor([window.tokens]))
        begins, ends = spans[0].numpy().T - spans[0, 0].numpy()[:, None]
        found, start, end = likeliest(begins[window.head : -1], ends[window.head : -1])
        start, end = start + window.head, end + window.head
        odds.setdefault((example.group.partition(":")[0], example.kind), []).append(found)
        if example.kind == "answer" and example.group.startswith("cmrc:"):
            mine, right = set(range(start, end + 1)), set(range(window.start, window.end + 1))
            exact.append(mine == right)
            overlap.append(2 * len(mine & right) / (len(mine) + len(right)))
    print(f"CMRC 2018: exact {np.mean(exact):.3f}, F1 {np.mean(overlap):.3f} (tokens)")
    for source, kind in sorted(odds):
        if kind != "answer" and (source, "answer") in odds:
            told, none = odds[source, "answer"], odds[source, kind]
            truth = [True] * len(told) + [False] * len(none)
            area = roc_auc_score(truth, [*told, *none])
            print(f"{source}, {kind}: AUROC {area:.3f} ({len(told)} and {len(none)})")


def divided(examples: Sequence[ReadingExample]) -> Iterator[list[ReadingExample]]:
    """Those to train on, and those held out: no passage or question of these is in the former."""
    yield [e for e in examples if not (is_held_out(e.group) or (e.of and is_held_out(e.of)))]
    yield [e for e in examples if is_held_out(e.group)]


def main() -> None:
    """Train the model and write what it has learnt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds cmrc2018_dev.json, reading")
    parser.add_argument("--checkpoints", type=Path, required=True)
    arguments = parser.parse_args()
    base = default_model_folder()
    with ingested_samples() as samples, news_archive(arguments.data / "news") as news:
        examples = all_examples(arguments.data, {"A": samples, "B": news})
    to_train, held_out = divided(examples)
    print(len(to_train), "examples,", len(held_out), "held out", flush=True)
    torch.manual_seed(1)
    network = Network(base).to("cuda" if torch.cuda.is_available() else "cpu")
    windows = Windows(base)
    arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    train(network, to_train, windows, arguments.checkpoints / "reader.pt")
    network = network.cpu()
    state = {name.removeprefix("bert."): own.numpy() for name, own in network.state_dict().items()}
    state = {name: own for name, own in state.items() if not name.startswith("embeddings.")}
    write_learnt(state, base, MODEL)
    measure(network, held_out, windows)


if __name__ == "__main__":
    main()
