"""The reference libraries, each as a function from vocabulary to encoder.

Every encoder takes one text as ordinary text: control tokens are characters,
nothing is put before or behind.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from importlib import metadata

HERE = pathlib.Path(__file__).resolve().parent


# The Unicode versions that are at work in each library. Patterns were found by
# asking about every code point (properties.py); the others are those of the
# tables that Hugging Face's library is built with.
UNICODE = {
    "tiktoken": {"patterns": "16.0.0"},
    "mistral-common": {"patterns": "16.0.0"},
    "npm @anthropic-ai/tokenizer": {"patterns": "16.0.0", "NFKC": "17.0.0"},
    "tokenizers": {
        "patterns": "16.0.0", "Digits, Lowercase, graphemes": "17.0.0", "NFC, NFD, NFKC, NFKD, StripAccents": "9.0.0",
        "UnicodeScripts": "9.0.0", "BertNormalizer, BertPreTokenizer, Punctuation": "8.0.0",
    },
    "sentencepiece": {},
}


class Reference:
    """An encoder, with the name and version of the library that it is."""

    def __init__(self, library, encode_all, version=""):
        self.library = library
        self.version = version or metadata.version(library)
        self.encode_all = encode_all  # list of texts → list of ids
        self.unicode = UNICODE[library]


def each(encode):
    """Encodes one text at a time; None where the library refuses it."""
    def encode_all(texts):
        out = []
        for text in texts:
            try:
                out.append(encode(text))
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # a panic in Rust is not an Exception
                print(f"{text!r}: {error}", file=sys.stderr)
                out.append(None)
        return out

    return encode_all


# tiktoken

def read_ranks(path):
    ranks = {}
    for line in pathlib.Path(path).read_bytes().splitlines():
        if line:
            token, rank = line.split()
            ranks[base64.b64decode(token)] = int(rank)
    return ranks


def tiktoken(vocabulary, normalize=lambda text: text):
    import tiktoken as library

    ranks = read_ranks(vocabulary.paths()[0])
    pattern = vocabulary.pattern or openai_pattern(vocabulary.name)
    encoding = library.Encoding(vocabulary.name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return Reference("tiktoken", each(lambda t: encoding.encode_ordinary(normalize(t))))


def tiktoken_nfc(vocabulary):
    # The vendor takes what Python has; of a pinned version the ids stay the same.
    import unicodedata2 as unicodedata

    reference = tiktoken(vocabulary, lambda t: unicodedata.normalize("NFC", t))
    reference.unicode = {**reference.unicode, "NFC": unicodedata.unidata_version}
    return reference


def openai_pattern(name):
    """The pattern that the library itself publishes, without its download."""
    from tiktoken_ext import openai_public

    kept = openai_public.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = lambda *_, **__: {}
    try:
        return openai_public.ENCODING_CONSTRUCTORS[name]()["pat_str"]
    finally:
        openai_public.load_tiktoken_bpe = kept


# Hugging Face tokenizers

def huggingface(vocabulary):
    from tokenizers import Tokenizer

    return hf_reference(Tokenizer.from_file(str(vocabulary.paths()[0])))


def hf_reference(tokenizer):
    tokenizer.encode_special_tokens = True
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Reference("tokenizers", each(lambda t: tokenizer.encode(t, add_special_tokens=False).ids))


def gpt2_alphabet():
    """GPT-2's printable character of each byte, in the order of its vocabulary."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]


def byte_level(vocab, merges, pattern, nfc=False):
    """A byte-level BPE tokenizer of Hugging Face from its parts."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(vocab, merges))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    return hf_reference(tokenizer)


def read_merges(path):
    lines = pathlib.Path(path).read_text("utf-8").split("\n")
    # Cohere's file has a third column, a count.
    return [tuple(line.split(" ")[:2]) for line in lines if line and not line.startswith("#version")]


def merges(vocabulary, nfc=False):
    pairs = read_merges(vocabulary.paths()[0])
    vocab = {c: i for i, c in enumerate(gpt2_alphabet())}
    for left, right in pairs:
        vocab.setdefault(left + right, len(vocab))
    return byte_level(vocab, pairs, vocabulary.pattern, nfc)


def merges_nfc(vocabulary):
    return merges(vocabulary, nfc=True)


def gpt2_files(vocabulary):
    encoder, bpe = vocabulary.paths()
    return byte_level(json.loads(encoder.read_text("utf-8")), read_merges(bpe), vocabulary.pattern)


# SentencePiece

def sentencepiece(vocabulary):
    return sentencepiece_reference(vocabulary.paths()[0].read_bytes())


def sentencepiece_reference(model):
    import sentencepiece as library

    processor = library.SentencePieceProcessor(model_proto=model)
    return Reference("sentencepiece", each(lambda t: processor.encode(t, out_type=int, add_bos=False, add_eos=False)))


# Mistral's tekken

def tekken(vocabulary):
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    tokenizer = Tekkenizer.from_file(str(vocabulary.paths()[0]))
    return Reference("mistral-common", each(lambda t: tokenizer.encode(t, bos=False, eos=False)))


# Anthropic's package, under Node

def anthropic(vocabulary):
    (path,) = vocabulary.paths()
    version, encode_all = npm("anthropic", str(path.parent))
    return Reference("npm @anthropic-ai/tokenizer", encode_all, version)


def npm(library, *arguments):
    """A library under Node: its version and its encoder of many texts."""
    root = os.environ.get("NODE_MODULES", str(HERE / "node_modules"))
    command = ["node", str(HERE / "npm.mjs"), root, library, *arguments]
    version = subprocess.check_output([*command, "--version"], text=True).strip()

    def encode_all(texts):
        with tempfile.TemporaryDirectory() as folder:
            source, target = pathlib.Path(folder, "texts"), pathlib.Path(folder, "ids")
            source.write_text("".join(json.dumps(t) + "\n" for t in texts), "ascii")
            subprocess.run([*command, str(source), str(target)], check=True)
            return [json.loads(line) for line in target.read_text("ascii").splitlines()]

    return version, encode_all


# GGUF

def gguf_gpt2(vocabulary):
    import gguf

    meta = gguf.read(vocabulary.paths()[0])
    vocab = {t: i for i, t in enumerate(meta["tokenizer.ggml.tokens"])}
    pairs = [tuple(m.split(" ")) for m in meta["tokenizer.ggml.merges"]]
    return byte_level(vocab, pairs, vocabulary.pattern)


def gguf_bert(vocabulary):
    import gguf

    tokens = gguf.read(vocabulary.paths()[0])["tokenizer.ggml.tokens"]
    vocab = {}
    for i, token in enumerate(tokens):
        if token.startswith("\u2581"):
            token = token[1:]
        elif not (token.startswith("[") and token.endswith("]")):
            token = "##" + token
        vocab[token] = i
    return bert(vocab, lowercase=True)


# BERT, from its list of words

def bert_vocab(vocabulary):
    words = vocabulary.paths()[0].read_text("utf-8").split("\n")
    return bert({w.removesuffix("\r"): i for i, w in enumerate(words) if w}, lowercase=False)


def bert(vocab, lowercase):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return hf_reference(tokenizer)


def open_reference(vocabulary):
    return globals()[vocabulary.how](vocabulary)
