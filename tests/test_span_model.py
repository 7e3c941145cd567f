"""The model that reads question and passage together: where the answer stands, and whether."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from archive import Archive
from archive.asking.span_model import (
    LONGEST_ANSWER,
    SpanModel,
    likeliest,
    load_span_model,
    packed,
    unpacked,
)
from archive.errors import ArchiveError
from archive.index.default_model import EncoderWeights, default_model_folder
from archive.index.sentencepieces import open_pieces
from archive.resources import shipped

PERMITS = (
    "商务部 8 月 12 日公告，首批通用许可发给 38 家企业。许可的审批时限为 20 个工作日，"
    "比征求意见稿缩短一半以上。云汀稀土董事长林默表示，公司将在内蒙古新建两条产线，投资 6.5 亿元。"
)
ASKED = {
    "审批时限是多久？": "20 个工作日",
    "首批发给了多少家企业": "38 家",
    "投资多少钱": "6.5 亿元",
    "新产线建在哪里": "内蒙古",
    "云汀稀土的董事长是谁？": "林默",
}
NOT_TOLD = ("审批费用是多少？", "红烧肉怎么做", "S2 机器人的单价是多少", "欧盟什么时候开会")


@pytest.fixture(scope="module")
def model() -> SpanModel:
    return load_span_model()


def marked(model: SpanModel, question: str, text: str) -> tuple[float, str]:
    """The log odds of the likeliest answer, and what is marked as such."""
    odds, start, end = model.read(question, "稀土", text).best(0, len(text))
    return odds, text[start:end]


@pytest.mark.parametrize(("question", "answer"), ASKED.items())
def test_the_answer_is_marked(model: SpanModel, question: str, answer: str) -> None:
    odds, said = marked(model, question, PERMITS)
    assert answer in said or said in answer
    assert odds > 0


@pytest.mark.parametrize("question", NOT_TOLD)
def test_what_is_not_told_is_unlikely(model: SpanModel, question: str) -> None:
    assert marked(model, question, PERMITS)[0] < min(
        marked(model, asked, PERMITS)[0] for asked in ASKED
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("審批時限是多久？", "許可的審批時限為 20 個工作日，比徵求意見稿縮短一半以上。"),
        ("审批时限是多久?", "许可的审批时限为２０个工作日,比征求意见稿缩短一半以上。"),
    ],
)
def test_script_and_width_do_not_matter(model: SpanModel, question: str, text: str) -> None:
    odds, said = marked(model, question, text)
    assert odds > 0
    assert "20" in said or "２０" in said


@pytest.mark.parametrize("before", [0, 400, 1500])
def test_all_of_a_long_passage_is_read(model: SpanModel, before: int) -> None:
    """In windows, whose places are those in the whole text."""
    other = "本周多地出台支持低空经济的措施，通航机场的建设提速。"
    text = other * (before // len(other)) + PERMITS + other * ((1500 - before) // len(other))
    assert marked(model, "首批发给了多少家企业", text)[1].strip() in ("38 家", "38 家企业")


@pytest.mark.parametrize("text", ["", " ", "　", "\ue000", "𠀀𠀁", "a" * 3000])
def test_anything_can_be_read(model: SpanModel, text: str) -> None:
    for question in ("审批时限", "", "问" * 3000):
        spans = model.read(question, text, text)
        odds, start, end = spans.best(0, len(text))
        assert 0 <= start <= end <= len(text)
        assert not np.isnan(odds)


def test_a_sentence_without_words_holds_no_answer(model: SpanModel) -> None:
    assert model.read("多久", "", PERMITS).best(3, 3) == (float("-inf"), 3, 3)


FLOATS = arrays.arrays(np.float32, 60, elements=st.floats(-20, 20, width=32))


@settings(max_examples=20)
@given(FLOATS, FLOATS)
def test_the_likeliest_span_is_the_best_of_all(begins: np.ndarray, ends: np.ndarray) -> None:
    odds, first, last = likeliest(begins, ends)
    possible = [
        begins[a] + ends[b] for a, b in product(range(60), repeat=2) if 0 <= b - a < LONGEST_ANSWER
    ]
    assert 0 <= last - first < LONGEST_ANSWER
    assert odds == max(possible) == begins[first] + ends[last]


@given(arrays.arrays(np.float32, (3, 128), elements=st.floats(-2, 2, width=32)))
def test_four_bits_keep_a_change_to_half_a_step(change: np.ndarray) -> None:
    nibbles, scale = packed(change)
    steps = np.repeat(scale.astype(np.float32), 64, axis=1)
    assert nibbles.nbytes == change.size // 2
    assert np.all(np.abs(unpacked(nibbles, scale) - change) <= steps * 0.51 + 1e-6)


def test_its_vocabulary_is_the_encoders(sample_archive: Archive) -> None:
    """SentencePiece cuts texts into the pieces that `tokenizers` cuts them into."""
    from tokenizers import Tokenizer

    folder = default_model_folder()
    cut, tokenizer = open_pieces(folder), Tokenizer.from_file(str(folder / "tokenizer.json"))
    for entry in sample_archive.briefings()[:5]:
        for passage in sample_archive.show(entry.id)[1]:
            tokens, places = cut(passage.text)
            theirs = tokenizer.encode(passage.text, add_special_tokens=False)
            assert list(tokens) == theirs.ids
            assert list(map(tuple, places))[1:] == theirs.offsets[1:]


def test_its_weights_are_the_encoders() -> None:
    from safetensors.numpy import load_file

    folder = default_model_folder()
    own, whole = EncoderWeights(folder), load_file(folder / "model.safetensors")
    for name in ("encoder.layer.3.output.dense.weight", "embeddings.LayerNorm.bias"):
        assert np.array_equal(own.tensor(name), whole[name].astype(np.float32))
    words, places, kinds = (
        whole[f"embeddings.{kind}_embeddings.weight"].astype(np.float32)
        for kind in ("word", "position", "token_type")
    )
    assert np.allclose(own.embed([0, 9, 2]), words[[0, 9, 2]] + places[:3] + kinds[0], atol=1e-6)


@pytest.mark.parametrize("damaged", ["reader.npz", "reader.onnx"])
def test_a_damaged_model_is_said_to_be_one(tmp_path: Path, damaged: str) -> None:
    for name in ("reader.npz", "reader.onnx"):
        shutil.copy(shipped("answer_model") / name, tmp_path)
    data = (tmp_path / damaged).read_bytes()
    (tmp_path / damaged).write_bytes(data[: len(data) // 2])
    with pytest.raises(ArchiveError, match="the model that reads passages can't be read"):
        load_span_model(tmp_path)
