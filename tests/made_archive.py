"""An archive of made-up briefings, large enough for Chroma to write its index to files."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from archive import Settings
from archive.keeping.writer import Intake
from archive.keeping.writing import open_writer
from archive.records import Briefing, Page, Section
from ingest.reading.passages import cut_passages
from tests.small_encoder import save_encoder

CHARACTERS = "".join(map(chr, range(0x4E00, 0x4F00)))
QUERIES = [CHARACTERS[at : at + 6] for at in (3, 50, 120, 200)]


def save_telling_encoder(folder: Path, seed: str = "") -> Path:
    """A tiny encoder to which the texts of a made-up archive differ."""
    save_encoder(folder, f"□？问文：{seed}{CHARACTERS}", size=32, length=64)
    return folder


def make_archive(settings: Settings, briefings: int, sections: int) -> None:
    """Take in briefings of so many sections each, a passage to a section."""
    chance = random.Random(8)
    with open_writer(settings, "making") as writer:
        intakes = []
        for number in range(briefings):
            pdf = f"%PDF-1.4 no more than a stand-in {number}".encode()
            texts = ["".join(chance.choices(CHARACTERS, k=60)) + "。" for _ in range(sections)]
            date = f"{2020 + number // 300}-{1 + number % 300 // 28:02}-{1 + number % 28:02}"
            briefing = Briefing(
                id=f"{date}-{number:08}",
                series="每日动态",
                title="每日动态",
                issuer="某协会",
                date=date,
                abstract="",
                sections=tuple(
                    Section(str(at), text[:4], 1, (text[:4],), 1, "1", text, ((0, 1),))
                    for at, text in enumerate(texts, 1)
                ),
                references=(),
                pages=(Page(1, "1", "\n".join(texts)),),
                signal="none",
                warnings=(),
                file_hash=hashlib.sha256(pdf).hexdigest(),
            )
            passages = cut_passages(briefing)
            intakes.append(Intake(briefing, passages, writer.encode(passages), pdf))
        writer.add(intakes)
        writer.reconcile()
