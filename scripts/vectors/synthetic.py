"""Small tokenizers of our own, for features that no real file here has.

    python synthetic.py --train [name ...]   makes the tokenizers and their vectors
    python synthetic.py [name ...]           makes the vectors of the tokenizers that are there

They are trained on our own texts. The tokenizers are kept in
testdata/vectors/synthetic beside their vectors, since a trainer of another
version may give another vocabulary.
"""

import argparse
import gzip
import io
import json
import pathlib
import sys

import references
import texts
import vectors

OUT = vectors.OUT / "synthetic"
LIMIT = 180_000  # bytes of a tokenizer as stored; the charsmap of nmt_nfkc is most of the largest

SPACE = "\u2581"
LANGS = ("en", "de", "fr", "tr", "vi", "ja", "zh-Hans", "ko", "ru", "hi", "th", "ar", "mixed", "upper", "title", "camel")

BUILDERS = {}


def tokenizer(build):
    """Registers a builder under its name."""
    BUILDERS[build.__name__] = build
    return build


def corpus():
    """The texts that the tokenizers are trained on."""
    out = []
    for kind, text in texts.texts():
        group, _, lang = kind.partition("/")
        if (group == "natural" and lang in LANGS) or kind == "code":
            out.append(text)
    return out


# ---------------------------------------------------------------------------
# Hugging Face tokenizers

def hf():
    import tokenizers

    return tokenizers


def trained(trainer_name="BpeTrainer", model=None, pre=None, norm=None, **options):
    """A Tokenizer with a model trained on our texts."""
    from tokenizers import Tokenizer, models, trainers

    t = Tokenizer(model or models.BPE())
    if pre is not None:
        t.pre_tokenizer = pre
    if norm is not None:
        t.normalizer = norm
    options.setdefault("vocab_size", 1200)
    trainer = getattr(trainers, trainer_name)(show_progress=False, **options)
    t.train_from_iterator(corpus(), trainer)
    return t


_byte_model = []


def byte_tokenizer(norm=None, pre=(), use_regex=True, add_prefix_space=False, added=()):
    """Byte-level BPE over the given steps; the model is the same each time."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    if not _byte_model:
        bl = pre_tokenizers.ByteLevel
        t = trained(pre=bl(add_prefix_space=False), vocab_size=700, initial_alphabet=sorted(bl.alphabet()))
        _byte_model.append(json.loads(t.to_str())["model"])
    parts = _byte_model[0]
    t = Tokenizer(models.BPE(parts["vocab"], [tuple(m) for m in parts["merges"]]))
    if norm is not None:
        t.normalizer = norm
    t.pre_tokenizer = pre_tokenizers.Sequence([*pre, pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space, use_regex=use_regex)])
    if added:
        t.add_tokens([a for a in added if not a.special])
        t.add_special_tokens([a for a in added if a.special])
    return t


_wide_model = []


def wide_tokenizer(pre, norm=None):
    """A character BPE whose merges cross every class of character, so that
    each cut shows in the ids."""
    from tokenizers import Tokenizer, models

    if not _wide_model:
        t = trained(vocab_size=1100, special_tokens=["<unk>"], model=models.BPE(unk_token="<unk>"), limit_alphabet=420)
        # Merges that our exhaustive texts need.
        parts = json.loads(t.to_str())["model"]
        vocab, merges = parts["vocab"], [tuple(m) for m in parts["merges"]]
        reps = list(texts.CLASSES.values())
        for c in reps:
            vocab.setdefault(c, len(vocab))
        known = set(merges)
        for a in reps:
            for b in reps:
                if (a, b) not in known:
                    merges.append((a, b))
                    vocab.setdefault(a + b, len(vocab))
        _wide_model.append((vocab, merges))
    vocab, merges = _wide_model[0]
    t = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>"))
    t.pre_tokenizer = pre
    if norm is not None:
        t.normalizer = norm
    return t


# Normalisers, one each, over bytes, so that the ids show the normalised text.

def normalizer_case(name, make):
    def build():
        from tokenizers import normalizers

        return byte_tokenizer(norm=make(normalizers))

    BUILDERS["hf_norm_" + name] = build


normalizer_case("nfc", lambda n: n.NFC())
normalizer_case("nfd", lambda n: n.NFD())
normalizer_case("nfkc", lambda n: n.NFKC())
normalizer_case("nfkd", lambda n: n.NFKD())
normalizer_case("lowercase", lambda n: n.Lowercase())
normalizer_case("strip_accents", lambda n: n.Sequence([n.NFD(), n.StripAccents()]))
normalizer_case("strip_accents_alone", lambda n: n.StripAccents())
normalizer_case("strip_left", lambda n: n.Strip(left=True, right=False))
normalizer_case("strip_right", lambda n: n.Strip(left=False, right=True))
normalizer_case("strip", lambda n: n.Strip())
normalizer_case("nmt", lambda n: n.Nmt())
normalizer_case("bert", lambda n: n.BertNormalizer())
normalizer_case("bert_cased", lambda n: n.BertNormalizer(lowercase=False))
normalizer_case("bert_strip_only", lambda n: n.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False))
normalizer_case("bert_keep_accents", lambda n: n.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True))
normalizer_case("replace", lambda n: n.Sequence([n.Replace("ab", "<b>"), n.Replace("  ", " ")]))
normalizer_case("replace_regexp", lambda n: n.Sequence([n.Replace(hf().Regex(r"\s+"), " "), n.Replace(hf().Regex(r"(?<=\p{L})\p{N}+|[\p{P}&&[^.]]"), "#")]))
normalizer_case("prepend", lambda n: n.Sequence([n.Prepend("_"), n.Replace(" ", "_")]))
normalizer_case("sequence", lambda n: n.Sequence([n.NFKC(), n.Lowercase(), n.Strip(), n.Replace(hf().Regex(" {2,}"), " "), n.Prepend("^")]))


@tokenizer
def hf_norm_byte_level():
    """Bytes are spelled by the normaliser, before added tokens and splits."""
    from tokenizers import Regex, normalizers, pre_tokenizers

    t = byte_tokenizer(norm=normalizers.ByteLevel())
    t.pre_tokenizer = pre_tokenizers.Split(Regex("Ġ?[^Ġ]+|Ġ+"), "isolated")
    return t


# Splitters.

def split_case(name, make):
    def build():
        from tokenizers import pre_tokenizers

        return wide_tokenizer(make(pre_tokenizers))

    BUILDERS["hf_split_" + name] = build


for _behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
    for _invert in (False, True):
        split_case(_behavior + ("_invert" if _invert else ""),
                   lambda p, b=_behavior, i=_invert: p.Split(hf().Regex(r"\p{N}|\p{P}|\s+(?!\S)|aB|[\p{Han}]{2}"), b, invert=i))
    split_case("space_" + _behavior, lambda p, b=_behavior: p.Split(" ", b))
    split_case("punctuation_" + _behavior, lambda p, b=_behavior: p.Punctuation(b))
split_case("digits", lambda p: p.Digits(individual_digits=False))
split_case("digits_each", lambda p: p.Digits(individual_digits=True))
split_case("whitespace", lambda p: p.Whitespace())
split_case("whitespace_only", lambda p: p.WhitespaceSplit())
split_case("bert", lambda p: p.BertPreTokenizer())
split_case("scripts", lambda p: p.UnicodeScripts())
split_case("delimiter", lambda p: p.CharDelimiterSplit("."))
split_case("fixed", lambda p: p.FixedLength(length=3))
split_case("sequence", lambda p: p.Sequence([p.WhitespaceSplit(), p.Punctuation("merged_with_previous"), p.Digits(individual_digits=True), p.UnicodeScripts()]))
split_case("dollar", lambda p: p.Split(hf().Regex(r"\s+$|^a|\ba|.\z"), "isolated"))
split_case("dotall", lambda p: p.Split(hf().Regex(r"(?i:b)|[[:punct:]]|[^\S\n]+|a(?=か)|(?<!7)中"), "isolated"))


@tokenizer
def hf_byte_prefix_space():
    return byte_tokenizer(add_prefix_space=True)


@tokenizer
def hf_byte_prefix_space_no_regex():
    return byte_tokenizer(add_prefix_space=True, use_regex=False)


@tokenizer
def hf_byte_prefix_space_digits():
    """Each piece of the split before gets its own space."""
    from tokenizers import pre_tokenizers

    return byte_tokenizer(pre=[pre_tokenizers.Digits(individual_digits=True)], add_prefix_space=True)


@tokenizer
def hf_byte_ignore_merges():
    """Whole tokens that no merge reaches, taken before any merge."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    byte_tokenizer()
    parts = _byte_model[0]
    vocab = dict(parts["vocab"])
    for word in ("kettle", "Ġnoticed", "aa", "Ġ.", "'s", "ĠĠĠ", "ä¸Ńæĸĩ", "Ċ", "zzz"):
        vocab.setdefault(word, len(vocab))
    t = Tokenizer(models.BPE(vocab, [tuple(m) for m in parts["merges"]], ignore_merges=True))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return t


# Metaspace.

def metaspace_case(name, scheme, split, added=False, replacement=SPACE):
    def build():
        from tokenizers import AddedToken, models, pre_tokenizers

        pre = pre_tokenizers.Metaspace(replacement=replacement, prepend_scheme=scheme, split=split)
        t = trained(pre=pre, model=models.BPE(unk_token="<unk>", fuse_unk=True), special_tokens=["<unk>"], limit_alphabet=400, vocab_size=1500)
        if added:
            t.add_tokens([AddedToken("<think>", normalized=False), AddedToken("[INST]", normalized=True), AddedToken("中文", normalized=False), AddedToken(".", normalized=False, single_word=True)])
        return t

    BUILDERS["hf_metaspace_" + name] = build


metaspace_case("always", "always", True)
metaspace_case("always_added", "always", True, added=True)
metaspace_case("first_added", "first", True, added=True)
metaspace_case("never_nosplit", "never", False)
metaspace_case("first_nosplit", "first", False, added=True)
metaspace_case("underscore", "always", True, replacement="_")


# BPE models.

@tokenizer
def hf_bpe_clip():
    """CLIP's way: NFC, white space made one, lower case, words end in </w>."""
    from tokenizers import Regex, models, normalizers, pre_tokenizers

    norm = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    pre = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    return trained(model=models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"), pre=pre, norm=norm, end_of_word_suffix="</w>", vocab_size=1500,
                   initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), special_tokens=["<|startoftext|>", "<|endoftext|>"])


@tokenizer
def hf_bpe_suffix_chars():
    """End suffix without bytes: a character may lack its word-end form."""
    from tokenizers import models, pre_tokenizers

    return trained(model=models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"), pre=pre_tokenizers.WhitespaceSplit(), end_of_word_suffix="</w>", special_tokens=["<unk>"], limit_alphabet=300)


@tokenizer
def hf_bpe_continuing():
    from tokenizers import models, pre_tokenizers

    return trained(model=models.BPE(unk_token="[UNK]", continuing_subword_prefix="##"), pre=pre_tokenizers.Whitespace(), continuing_subword_prefix="##", special_tokens=["[UNK]"], limit_alphabet=400)


@tokenizer
def hf_bpe_continuing_suffix():
    from tokenizers import models, pre_tokenizers

    return trained(model=models.BPE(unk_token="[UNK]", continuing_subword_prefix="@", end_of_word_suffix="$"), pre=pre_tokenizers.Whitespace(), continuing_subword_prefix="@", end_of_word_suffix="$",
                   special_tokens=["[UNK]"], limit_alphabet=400)


def unknown_case(name, **model):
    def build():
        from tokenizers import models, pre_tokenizers

        special = [model["unk_token"]] if model.get("unk_token") else []
        return trained(model=models.BPE(**model), pre=pre_tokenizers.Split(" ", "merged_with_previous"), special_tokens=special, limit_alphabet=250, vocab_size=1200)

    BUILDERS["hf_bpe_" + name] = build


unknown_case("unk", unk_token="<unk>")
unknown_case("fuse_unk", unk_token="<unk>", fuse_unk=True)
unknown_case("no_unk")


def byte_fallback_case(name, missing, fuse, ignore_merges=False):
    def build():
        from tokenizers import Tokenizer, models, normalizers

        parts = json.loads(trained(special_tokens=["<unk>"], limit_alphabet=250, vocab_size=1200, norm=normalizers.Replace(" ", SPACE)).to_str())["model"]
        vocab = parts["vocab"]
        for b in range(256):
            if b not in missing:
                vocab.setdefault(f"<0x{b:02X}>", len(vocab))
        t = Tokenizer(models.BPE(vocab, [tuple(m) for m in parts["merges"]], unk_token="<unk>", fuse_unk=fuse, byte_fallback=True, ignore_merges=ignore_merges))
        t.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
        return t

    BUILDERS["hf_bpe_bytes_" + name] = build


byte_fallback_case("all", (), True)
byte_fallback_case("partial", (0x00, 0x07, 0xE4, 0xF0, 0x9F), False)
byte_fallback_case("partial_fuse", (0x00, 0x07, 0xE4, 0xF0, 0x9F), True)


# Added tokens.

ADDED_TEXTS = [
    "a [L] b", "a[L]b", "  [L]  ", "x \n\t[L]y", "[L][L] [L]", "a [R] b", "a[R]b", "a [R]  \n b", "[R] [R]", "a [B] b", "  [B]  [B]  ", "[L] [R] [B] [R] [L]", "\u3000[B]\u00a0x\u2003", "\u200b[B]\u200b", "[R]\u0085a", "\x1c[L]\x1c",
    "word", "a word here", "words", "sword", "wordword", "word.", "(word)", "word_", "_word", "1word", "word1", "中word", "word中", "éword", "word\u0301", "\u0301word", "word\u200d", "-word-", "word word", "WORD", "word's", "½word", "wordⅧ", "word\u203f", "😀word😀", "Ⓐword",
    "LOUD", "loud", "Loud", "aloudb", "ＬＯＵＤ", "LO\u00adUD", "QUIET quiet Quiet", "<keep>", "<KEEP>", "a<keep>b", "Éa éa e\u0301a E\u0301A", "ﬁx fix FIX",
    "<|x|>y", "<|x|>", "a<|x|>yb", "|>y", "x|>y", "<|x|><|x|>y", "<|x", "<|x|", "<|x |>y", "ab", "abc", "abcd", "abcde", "bcd", "aabcdab", "abab", "abcabcd", "中国人", "中国", "国人", "中国人中国", "中", " \u2581 ", "a\u2581b", "  a", "   a", "    a", "a  b   c", "\n\na", "\n\n\n", "\r\n\r\n", "a\n\nb",
    "[S] one", "one [S]", " [S] ", "x[S]", "[S]x", "x [S] x", "x  [S]  x", "[S][S]", "[S]1", "[S]é", ".[S].", "İstanbul", "i\u0307stanbul", "ISTANBUL", "istanbul", "STRASSE Straße straße", "ΑΣ ας ασ Σ",
]


def added_tokens():
    from tokenizers import AddedToken as A

    return [
        A("[L]", lstrip=True, normalized=False), A("[R]", rstrip=True, normalized=False), A("[B]", lstrip=True, rstrip=True, normalized=False),
        A("word", single_word=True, normalized=False), A("[S]", single_word=True, lstrip=True, rstrip=True, normalized=False),
        A("LOUD", normalized=True), A("Quiet", normalized=True, single_word=True), A("<keep>", normalized=False), A("Éa", normalized=True), A("ﬁx", normalized=True), A("İstanbul", normalized=True), A("Straße", normalized=True), A("ας", normalized=True),
        A("|>y", normalized=False), A("<|x|>", special=True, normalized=False), A("abc", normalized=False), A("bcd", normalized=False), A("abcd", normalized=False), A("ab", normalized=True), A("中国", normalized=False), A("国人", normalized=False),
        A("  ", normalized=False), A(" b", normalized=True), A("\n\n", normalized=False), A("[Z]", special=True, lstrip=True, normalized=False), A("\u2581", normalized=False),
    ]


def added_case(name, norm, **steps):
    def build():
        from tokenizers import normalizers

        return byte_tokenizer(norm=norm(normalizers), added=added_tokens(), **steps)

    BUILDERS["hf_added_" + name] = build


added_case("plain", lambda n: None)
added_case("lower", lambda n: n.Sequence([n.NFC(), n.Lowercase()]))
added_case("nfkc", lambda n: n.NFKC())
added_case("bert", lambda n: n.BertNormalizer())
added_case("prepend", lambda n: n.Sequence([n.Prepend("~"), n.Replace(" ", "_")]))
added_case("prefix_space", lambda n: None, add_prefix_space=True)
added_case("strip", lambda n: n.Strip())


# WordPiece.

def wordpiece_case(name, norm, pre="BertPreTokenizer", prefix="##", longest=100):
    def build():
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

        t = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=longest))
        t.normalizer = normalizers.BertNormalizer(**norm)
        t.pre_tokenizer = getattr(pre_tokenizers, pre)()
        trainer = trainers.WordPieceTrainer(vocab_size=1600, limit_alphabet=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], continuing_subword_prefix=prefix, show_progress=False)
        t.train_from_iterator(corpus(), trainer)
        parts = json.loads(t.to_str())
        parts["model"]["max_input_chars_per_word"] = longest
        return Tokenizer.from_str(json.dumps(parts))

    BUILDERS["hf_wordpiece_" + name] = build


wordpiece_case("uncased", {})
wordpiece_case("cased", {"lowercase": False})
wordpiece_case("cased_strip", {"lowercase": False, "strip_accents": True, "clean_text": False, "handle_chinese_chars": False}, longest=20)
wordpiece_case("uncased_keep", {"lowercase": True, "strip_accents": False}, pre="Whitespace", prefix="@@")


# Unigram, from pieces that SentencePiece trained, as the published ones are.

def unigram_vocab(model, scale=None):
    from sentencepiece import sentencepiece_model_pb2 as proto

    m = proto.ModelProto.FromString(model)
    score = (lambda s: s) if scale is None else (lambda s: float(round(s / scale)) * scale)
    return [(p.piece, score(p.score)) for p in m.pieces], m.normalizer_spec.precompiled_charsmap


def unigram_case(name, spm, norm=None, pre=None, byte_fallback=False, scale=None):
    def build():
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

        vocab, charsmap = unigram_vocab(spm(), scale)
        t = Tokenizer(models.Unigram(vocab, unk_id=0, byte_fallback=byte_fallback))
        if norm is not None:
            t.normalizer = norm(normalizers, charsmap)
        t.pre_tokenizer = (pre or (lambda p: p.Metaspace(prepend_scheme="always", split=True)))(pre_tokenizers)
        return t

    BUILDERS["hf_unigram_" + name] = build


unigram_case("nmt_nfkc", lambda: spm_unigram_nmt_nfkc(), lambda n, c: n.Precompiled(c))
unigram_case("rules", lambda: spm_unigram_rules(), lambda n, c: n.Precompiled(c))
unigram_case("xlmr", lambda: spm_unigram_rules(), lambda n, c: n.Sequence([n.Precompiled(c), n.Replace(hf().Regex(" {2,}"), " ")]),
             lambda p: p.Sequence([p.WhitespaceSplit(), p.Metaspace(prepend_scheme="always", split=True)]))
unigram_case("t5", lambda: spm_unigram_rules(), lambda n, c: n.Sequence([n.Precompiled(c), n.Strip(left=False, right=True), n.Replace(hf().Regex(" {2,}"), SPACE)]),
             lambda p: p.Metaspace(prepend_scheme="first", split=False))
unigram_case("bytes", lambda: spm_unigram_bytes(), byte_fallback=True, pre=lambda p: p.Metaspace(prepend_scheme="first", split=False))
unigram_case("albert", lambda: spm_unigram_rules(), lambda n, c: n.Sequence([n.Replace("``", '"'), n.Replace("''", '"'), n.NFKD(), n.StripAccents(), n.Lowercase(), n.Precompiled(c)]))
# Scores rounded, so that many ways to cut a text have the same.
unigram_case("ties", lambda: spm_unigram_bytes(), byte_fallback=True, scale=2.0, pre=lambda p: p.Metaspace(prepend_scheme="first", split=False))


# ---------------------------------------------------------------------------
# SentencePiece

_spm_cache = {}


def spm_train(**options):
    import sentencepiece

    key = repr(sorted(options.items()))
    if key not in _spm_cache:
        out = io.BytesIO()
        lines = [line for text in corpus() for line in text.split("\n") if line]
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=out, num_threads=1, minloglevel=2, hard_vocab_limit=False, shuffle_input_sentence=False,
            **{"vocab_size": 2000, "character_coverage": 0.98, **options},
        )
        _spm_cache[key] = out.getvalue()
    return _spm_cache[key]


def spm_edit(model, edit):
    from sentencepiece import sentencepiece_model_pb2 as proto

    m = proto.ModelProto.FromString(model)
    edit(m)
    return m.SerializeToString(deterministic=True)


RULES_FILE = pathlib.Path(__file__).with_name("rules.tsv")


def spm(build):
    BUILDERS[build.__name__] = build
    return build


@spm
def spm_unigram_nmt_nfkc():
    """The usual kind: nmt_nfkc, dummy prefix, extra spaces removed, no bytes."""
    return spm_train(model_type="unigram", vocab_size=700)


@spm
def spm_unigram_rules():
    """The same with a charsmap of our own rules."""
    return spm_train(model_type="unigram", normalization_rule_tsv=str(RULES_FILE))


@spm
def spm_unigram_bytes():
    return spm_train(model_type="unigram", normalization_rule_name="identity", byte_fallback=True, remove_extra_whitespaces=False)


@spm
def spm_unigram_identity():
    """Neither charsmap nor dummy prefix; extra spaces removed; no bytes."""
    return spm_train(model_type="unigram", normalization_rule_name="identity", add_dummy_prefix=False)


@spm
def spm_unigram_suffix():
    return spm_train(model_type="unigram", normalization_rule_name="identity", treat_whitespace_as_suffix=True)


@spm
def spm_unigram_user():
    return spm_train(model_type="unigram", normalization_rule_tsv=str(RULES_FILE), user_defined_symbols=["<mask>", "hello", "中文", "  ", "ab", "abc", "ﬁ", SPACE + "x"], control_symbols=["<ctrl>", "[INST]"], byte_fallback=True)


@spm
def spm_unigram_ties():
    def edit(m):
        for p in m.pieces:
            p.score = round(p.score / 2.0) * 2.0

    return spm_edit(spm_unigram_bytes(), edit)


@spm
def spm_unigram_unused():
    def edit(m):
        for p in m.pieces[300::3]:
            if p.type == p.NORMAL and len(p.piece) > 1:
                p.type = p.UNUSED

    return spm_edit(spm_unigram_identity(), edit)


@spm
def spm_unigram_nosplit():
    """Pieces may hold white space, digits and scripts together."""
    return spm_train(model_type="unigram", normalization_rule_name="identity", split_by_whitespace=False, split_by_number=False, split_by_unicode_script=False, byte_fallback=True, remove_extra_whitespaces=False)


@spm
def spm_bpe_plain():
    """No bytes: unknown characters. Dummy prefix, extra spaces removed."""
    return spm_train(model_type="bpe", normalization_rule_name="identity")


@spm
def spm_bpe_rules():
    return spm_train(model_type="bpe", normalization_rule_tsv=str(RULES_FILE), byte_fallback=True)


@spm
def spm_bpe_bytes():
    return spm_train(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, remove_extra_whitespaces=False, split_digits=True)


@spm
def spm_bpe_user():
    return spm_train(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, add_dummy_prefix=False, remove_extra_whitespaces=False,
                     user_defined_symbols=["<mask>", "hello", "中文", "  ", "   ", "\n", "\n\n", "\t", "ab", "abc", "bcd", SPACE + SPACE + SPACE + SPACE], control_symbols=["<ctrl>", "[INST]"])


@spm
def spm_bpe_user_removed():
    """User-defined pieces while extra spaces are removed."""
    return spm_train(model_type="bpe", normalization_rule_tsv=str(RULES_FILE), user_defined_symbols=["<mask>", "中文", "  ", "\t", "ab", "ﬁ", "\u3000"])


@spm
def spm_bpe_suffix():
    return spm_train(model_type="bpe", normalization_rule_name="identity", treat_whitespace_as_suffix=True)


@spm
def spm_bpe_nosplit():
    return spm_train(model_type="bpe", normalization_rule_name="identity", split_by_whitespace=False, split_by_number=False, split_by_unicode_script=False, remove_extra_whitespaces=False, allow_whitespace_only_pieces=True)


@spm
def spm_bpe_unused():
    """Pieces that form while merging and are taken apart again; one is NUL."""
    def edit(m):
        for p in m.pieces[300::3]:
            if p.type == p.NORMAL and len(p.piece) > 1:
                p.type = p.UNUSED
        m.pieces.add(piece="\0", score=-5000.0, type=1)
        m.trainer_spec.vocab_size = len(m.pieces)

    return spm_edit(spm_bpe_bytes(), edit)


@spm
def spm_bpe_ties():
    """Merges of the same score: the leftmost goes first."""
    def edit(m):
        for p in m.pieces:
            if p.type == p.NORMAL:
                p.score = float(-(int(-p.score) // 25))

    return spm_edit(spm_bpe_plain(), edit)


@spm
def spm_bpe_no_escape():
    """Spaces stay U+0020 in the pieces."""
    def edit(m):
        m.normalizer_spec.escape_whitespaces = False
        for p in m.pieces:
            if p.type == p.NORMAL:
                p.piece = p.piece.replace(SPACE, " ")

    return spm_edit(spm_bpe_bytes(), edit)


SPM_TEXTS = ["hello", " hello ", "hellohello", "a hello", "<mask>", "a <mask> b", "<ctrl>", "中文", "中文中文", "x中文x", "  ", "   ", "    ", "     ", "a  b", "a   b", "a    b", "abc", "abcd", "aab", "ab abc", "ﬁ", "oﬁce", "  ﬁ  ", " x", "x x",
             "\t", "a\tb", "\t\t", "\n", "\n\n", "\n\n\n", "a\n\n\nb", " \n ", "\u3000", "\u3000\u3000", "a\u3000b", "  \u3000  ", " a ", "  a  b  ", "\u2581", "a\u2581b", "\u2581a", "a\u2581", " \u2581 ", "  中文  ", " <mask> ", "ab  ab", "\t a \t", "a\0b", "\0", " \0 "]


# ---------------------------------------------------------------------------

def own_texts(name):
    if name.startswith("hf_added") or name.startswith("hf_metaspace"):
        return ADDED_TEXTS
    if name.startswith("spm_"):
        return SPM_TEXTS
    return []


def wanted(name, i, kind):
    """Which of the shared texts a tokenizer's vectors have: the splits need the
    exhaustive ones, the normalisers the single characters, the models the
    sentences."""
    group = kind.split("/")[0]
    if name.startswith("hf_split"):
        return group not in ("natural", "nfd", "random", "code", "special") or i % 4 == 0
    if kind in ("exhaustive/1", "exhaustive/2"):
        return True
    if group == "exhaustive":
        return i % 16 == 0
    if group == "special":
        return i % 4 == 0
    if group in ("natural", "code", "contraction", "run"):
        return i % 4 == 0 or not name.startswith(("hf_norm", "hf_added", "hf_byte"))
    if group in ("random", "unicode"):
        return i % 2 == 0 or name.startswith(("hf_norm", "hf_added"))
    return True


def store(name, value):
    """Writes a tokenizer, compressed if it has to be."""
    data = value if isinstance(value, bytes) else json.dumps(json.loads(value.to_str()), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    suffix = ".model" if isinstance(value, bytes) else ".json"
    for old in (OUT / (name + suffix), OUT / (name + suffix + ".gz")):
        old.unlink(missing_ok=True)
    if len(data) > LIMIT:
        suffix += ".gz"
        out = io.BytesIO()
        with gzip.GzipFile("", "wb", 9, out, mtime=0) as z:
            z.write(data)
        data = out.getvalue()
    if len(data) > LIMIT:
        sys.exit(f"synthetic.py: {name}: {len(data)} bytes, at most {LIMIT} are wanted")
    (OUT / (name + suffix)).write_bytes(data)


def load(name):
    """The stored tokenizer's file name, its bytes as stored, its reference."""
    for suffix in (".json", ".json.gz", ".model", ".model.gz"):
        path = OUT / (name + suffix)
        if path.exists():
            stored = path.read_bytes()
            data = gzip.decompress(stored) if suffix.endswith(".gz") else stored
            if suffix.startswith(".json"):
                return path.name, stored, references.hf_reference(hf().Tokenizer.from_str(data.decode("utf-8")))
            return path.name, stored, references.sentencepiece_reference(data)
    sys.exit(f"synthetic.py: {name}: not in {OUT}; make it with --train")


def make(name, listed, texts_digest):
    file, stored, reference = load(name)
    shared = [(i, text) for i, (kind, text) in enumerate(listed) if wanted(name, i, kind)]
    own = own_texts(name)
    ids = reference.encode_all([text for _, text in shared] + own)
    header = {
        "vocab": name, "reference": reference.library, "version": reference.version, "unicode": reference.unicode,
        "files": [{"file": file, "bytes": len(stored), "sha256": vectors.digest(stored)}],
        "texts": texts_digest, "generated_by": "scripts/vectors/synthetic.py", "notes": (BUILDERS[name].__doc__ or "").replace("\n    ", " "),
    }
    lines = [vectors.compact({k: v for k, v in header.items() if v})]
    lines += [vectors.compact({"i": i, "ids": row}) for (i, _), row in zip(shared, ids)]
    lines += [vectors.compact({"text": text, "ids": row}) for text, row in zip(own, ids[len(shared):])]
    vectors.write(OUT / f"{name}.jsonl.gz", lines)
    return sum(len(row) for row in ids if row is not None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    unknown = [n for n in options.names if n not in BUILDERS]
    if unknown:
        sys.exit(f"synthetic.py: no such tokenizer: {' '.join(unknown)}; known: {' '.join(BUILDERS)}")
    OUT.mkdir(parents=True, exist_ok=True)
    listed = texts.texts()
    texts_digest = vectors.digest("".join(line + "\n" for line in vectors.text_lines(listed)).encode("ascii"))
    for name in options.names or BUILDERS:
        if options.train:
            store(name, BUILDERS[name]())
        tokens = make(name, listed, texts_digest)
        print(f"{name:40} {tokens:8} tokens {(OUT / (name + '.jsonl.gz')).stat().st_size:8} bytes", flush=True)


if __name__ == "__main__":
    main()
