"""Writes the test data of package tokenizers/normalize: what the references
make of texts. The texts are random, from characters chosen here.

    python vectors.py FOLDER [MIRROR]

FOLDER is the package's testdata. MIRROR is the folder that holds
rinna_gpt2/spiece.model, whose charsmap (SentencePiece's nmt_nfkc) the last two
files are about; without it they are left as they are. Run with tokenizers
0.23.3 and sentencepiece 0.2.3.

  singles.json        for each normaliser, digests of what becomes of every
                      code point c in "a c b", by blocks of 4096
  cases.jsonl.gz      normalisers, texts, results
  rinna_singles.json, rinna.jsonl.gz   the same for the charsmap
"""
import base64
import gzip
import hashlib
import json
import os
import random
import sys
import unicodedata

import sentencepiece
import tokenizers
from tokenizers import Regex, normalizers as N

from charsmap import charsmap, model

VERSIONS = {"tokenizers": tokenizers.__version__, "sentencepiece": sentencepiece.__version__}
out = sys.argv[1]
rng = random.Random(20261124)


def write(name, data):
    with open(os.path.join(out, name), "wb") as f:
        if name.endswith(".gz"):
            with gzip.GzipFile(fileobj=f, mode="wb", mtime=0, compresslevel=9, filename="") as g:
                g.write(data)
        else:
            f.write(data)


def digests(normalize):
    """A digest for each block of 4096 code points."""
    blocks = []
    for block in range(0, 0x110000, 0x1000):
        h = hashlib.sha256()
        for c in range(block, block + 0x1000):
            if not 0xD800 <= c < 0xE000:
                h.update(normalize("a" + chr(c) + "b").encode() + b"\n")
        blocks.append(h.hexdigest()[:8])
    return blocks


# Characters that normalisers care about.
EVERY = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
MARKS = [c for c in EVERY if unicodedata.combining(c)]
SPACING = [c for c in EVERY if unicodedata.category(c) in ("Mc", "Me")]
COMPOSITES = [c for c in EVERY if unicodedata.normalize("NFD", c) != c and not 0xAC00 <= ord(c) < 0xD7A4]
COMPAT = [c for c in EVERY if unicodedata.normalize("NFKD", c) != unicodedata.normalize("NFD", c)]
PARTS = sorted({d for c in COMPOSITES for d in unicodedata.normalize("NFD", c)})
JAMO = [chr(c) for c in (*range(0x1100, 0x1200, 3), *range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A7, 0x11C3))]
HANGUL = [chr(c) for c in range(0xAC00, 0xD7A4, 7)] + [chr(c) for c in range(0xAC00, 0xD7A4, 28)]
SPACES = [" "] * 12 + [chr(c) for c in (9, 10, 11, 12, 13, 0x85, 0xA0, 0x1680, 0x2000, 0x2003, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0x2581)]
CONTROLS = [chr(c) for c in (0, 1, 8, 0xE, 0x1F, 0x7F, 0x80, 0x8F, 0x9F, 0xAD, 0x600, 0x61C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202E, 0x2060, 0xFEFF, 0xFFFD, 0xE000, 0xFFFE, 0xE0001, 0xE0061, 0x10FFFF)]
CASED = [c for c in EVERY if c.lower() != c or c.upper() != c]
CJK = [chr(c) for c in (*range(0x4E00, 0x4E80), *range(0x3041, 0x3097), *range(0x30A1, 0x30FF), 0x3400, 0x4DBF, 0x9FFF, 0xF900, 0xFA0E, 0x20000, 0x2A6DF, 0x2A6E0, 0x2B820, 0x2B91F, 0x2B920, 0x2CEAF, 0x2CEB0, 0x2F800, 0x30000, 0x31350, 0x323B0)]
EMOJI = [chr(c) for c in (0x1F600, 0x1F468, 0x1F469, 0x200D, 0x1F3FB, 0x1F3FF, 0x2764, 0xFE0F, 0x1F1E6, 0x1F1EB, 0x1F1F7, 0x23, 0x20E3)]
INDIC = list("\u0915\u0937\u094d\u093c\u0928\u0929\u0958\u0930\u0931\u093f\u0940\u09a1\u09bc\u09bf\u09c7\u09be\u09d7\u09cb\u0b95\u0bc6\u0bbe\u0bca\u0e01\u0e33\u0e4d\u0e48\u0eb3\u0d4e\u0d15\u1025\u102e\u0600\u06dd\u110bd\u111c2")
ASCII = [chr(c) for c in range(0x20, 0x7F)]
POOLS = [MARKS, SPACING, COMPOSITES, COMPAT, PARTS, JAMO, HANGUL, SPACES, CONTROLS, CASED, CJK, EMOJI, INDIC, ASCII, ASCII, EVERY]


def text(n, pools=POOLS):
    s = []
    while len(s) < n:
        pool = rng.choice(pools)
        s += [rng.choice(pool) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    return "".join(s)


def texts(n):
    """n texts, long and short, mixed and of one kind."""
    list = ["", " ", "  ", "a", " a ", "\u3000", "\r\n", "a\r\nb", "\u0301", "e\u0301", "\u2581", " \u2581 ", "\ufeff", "\u00e9\u0323", "\u1100\u1161\u11a7", "\u1100\u1161\u11a8\u11a8", "\uac00\u11a8", "\uac01\u11a8"]
    while len(list) < n:
        pools = POOLS if rng.random() < 0.6 else [rng.choice(POOLS), SPACES if rng.random() < 0.3 else MARKS, rng.choice(POOLS)]
        list.append(text(rng.choice((2, 3, 4, 6, 9, 14, 30)), pools))
    return list


def case(spec, normalize, inputs):
    """One line: the normalisers in the words of package vocab, the texts and
    their results (null: unchanged)."""
    results = [normalize(t) for t in inputs]
    return json.dumps({"normalizers": spec, "user_defined": [], "in": inputs,
                       "out": [None if r == t else r for t, r in zip(inputs, results)]}, ensure_ascii=True).encode()


def bert(clean, chinese, strip, lower):
    n = N.BertNormalizer(clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lower)
    return {"op": "Bert", "clean_text": clean, "chinese_chars": chinese, "strip_accents": strip, "lowercase": lower}, n


FORMS = [({"op": n}, c()) for n, c in (("NFC", N.NFC), ("NFD", N.NFD), ("NFKC", N.NFKC), ("NFKD", N.NFKD))]
MAPS = [({"op": n}, c()) for n, c in (("Lowercase", N.Lowercase), ("StripAccents", N.StripAccents), ("Nmt", N.Nmt), ("ByteLevel", N.ByteLevel))]
BERTS = [bert(True, False, False, False), bert(False, True, False, False), bert(False, False, True, False),
         bert(False, False, False, True), bert(True, True, True, True), bert(True, True, False, False)]

# Every cluster that a code point makes with an a before or a b behind it. The
# characters of GraphemeBreakProperty Prepend (17.0) need rules to be seen.
PREPEND = [chr(c) for a, b in ((0x600, 0x605), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2), (0xD4E, 0xD4E), (0x110BD, 0x110BD),
                               (0x110CD, 0x110CD), (0x111C2, 0x111C3), (0x113D1, 0x113D1), (0x1193F, 0x1193F), (0x11941, 0x11941), (0x11A84, 0x11A89),
                               (0x11D46, 0x11D46), (0x11F02, 0x11F02)) for c in range(a, b + 1)]
CLUSTERS = charsmap({"a": "1", "b": "2", **{c: "P" for c in PREPEND}})
CLUSTER = [({"op": "Precompiled", "charsmap": base64.b64encode(CLUSTERS).decode()}, N.Precompiled(CLUSTERS))]

# singles.json
data = {"versions": VERSIONS, "normalizers": []}
for spec, n in FORMS + MAPS + BERTS + CLUSTER:
    data["normalizers"].append({"normalizer": spec, "digests": digests(n.normalize_str)})
write("singles.json", json.dumps(data).encode().replace(b'{"normalizer"', b'\n{"normalizer"') + b"\n")

# cases.jsonl.gz
lines = [json.dumps({"versions": VERSIONS}).encode()]
for spec, n in FORMS:
    lines.append(case([spec], n.normalize_str, texts(1500)))
for spec, n in MAPS + BERTS:
    lines.append(case([spec], n.normalize_str, texts(150)))
for left, right in ((True, True), (True, False), (False, True)):
    lines.append(case([{"op": "Strip", "left": left, "right": right}], N.Strip(left=left, right=right).normalize_str,
                      texts(60) + [text(n, [SPACES]) + text(n, [ASCII]) + text(n, [SPACES]) for n in range(1, 30)]))

SOUP = ["a", "aa", "aaa", "b", "ab", "``", "'", "''", "'''", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u3000", "\u00a0", "\u0085",
        "1", "23", "\u00b2", "\u00bd", "\u0663", "_", "-", ".", "...", "\u2581", "\u00e9", "e\u0301", "\u4e2d", "\u200d", "[", "]", "\\", "x.y", "A", "Z"]


def soup(n):
    return ["", "a"] + ["".join(rng.choice(SOUP) for _ in range(rng.randrange(1, 14))) for _ in range(n)]


for pattern, content in ((" ", "\u2581"), ("``", '"'), ("''", '"'), ("aa", "b"), ("a", ""), (".", "!"), ("\u2581", " "), ("\\", "/"), ("-", "--"), ("\r\n", "\n"), ("[", "("), ("\u4e2d", "zh")):
    lines.append(case([{"op": "Replace", "pattern": pattern, "content": content}], N.Replace(pattern, content).normalize_str, soup(60)))
for pattern, content in ((r" {2,}", "\u2581"), (r"\s+", " "), (r"\s{2,}", " "), (r"[\r\n\t]", " "), (r"[^\S\n]+", " "), (r"\w", "w"), (r"[\w]", "w"),
                         (r"\W", "-"), (r"[^\w\s]", ""), (r"\d+", "0"), (r"\D", "x"), (r"\p{L}+", "L"), (r"\p{N}", "N"), (r"[\p{L}\p{M}]+", "l"), (r"\P{L}", ""),
                         (r"a{2,3}", "x"), (r"a{,2}b", "x"), (r"a{2}", "x"), (r"(?:ab|a)b?", "y"), (r"a|aa", "z"), (r"(a|b)+", "c"), (r".", "."), (r"a.*?b", "|"),
                         (r"a+?", "p"), (r"'{2}|``", '"'), (r"[a-cx\u3000]", "k"), (r"\x{4E2D}", "zh"), (r"\.{3}", "\u2026"), (r"[\[\]\\]", "b"), (r"[\n\r]+|\t", "n"),
                         (r"\p{Han}", "h"), (r"\p{^L}", "q"), (r"[^a]", ""), (r"\.+", "."), (r"a[^a]*", "A")):
    lines.append(case([{"op": "Replace", "pattern": pattern, "regexp": True, "content": content}], N.Replace(Regex(pattern), content).normalize_str, soup(60)))

for specs, chain in (
    ([{"op": "Prepend", "content": "\u2581"}, {"op": "Replace", "pattern": " ", "content": "\u2581"}], [N.Prepend("\u2581"), N.Replace(" ", "\u2581")]),
    ([{"op": "Nmt"}, {"op": "NFKC"}, {"op": "Replace", "pattern": " {2,}", "regexp": True, "content": " "}], [N.Nmt(), N.NFKC(), N.Replace(Regex(" {2,}"), " ")]),
    ([{"op": "NFD"}, {"op": "Lowercase"}, {"op": "StripAccents"}], [N.NFD(), N.Lowercase(), N.StripAccents()]),
    ([{"op": "NFKD"}, {"op": "StripAccents"}, {"op": "NFC"}, {"op": "Strip", "left": True, "right": True}, {"op": "Prepend", "content": " "}],
     [N.NFKD(), N.StripAccents(), N.NFC(), N.Strip(), N.Prepend(" ")]),
    ([{"op": "NFC"}, {"op": "Replace", "pattern": r"\s+", "regexp": True, "content": " "}, {"op": "Lowercase"}], [N.NFC(), N.Replace(Regex(r"\s+"), " "), N.Lowercase()]),
):
    lines.append(case(specs, N.Sequence(chain).normalize_str, texts(200)))

# Charsmaps of our own, for both references. The rules overlap, drop, grow,
# make and take spaces, and begin inside clusters.
RULES = {
    "a": "1", "ab": "2", "abc": "", "b\u0301": "B", "e\u0301": "\u00e9", "\u0301": "", "\u3000": " ", "\u2003": "  ", "\t": " ", "\u00a0": " ",
    "\uff21": "A", "\u4e2d": "zh ", "\u1100\u1161": "\uac00", "\u1100": "g", "\u0915\u094d": "k", "\r": "\n", "\n": " ", "\u2581": " ", "\u200b": "",
    "\U0001f468": "man", "\ufffd": "?", "x": " x ", "\u0600": "n",
}
CHARS = list(RULES) + [" ", " ", " ", "a", "b", "c", "d", "e", "\u0302", "\u0301", "\u0323", "\u1161", "\u11a8", "\u0937", "\u094d", "\U0001f469", "\u200d", "\ufe0f",
                       "\u65e5", "\ud55c", "0", "\u0e33", "\u0e01", "<x>", "a a", "\u2581\u2581", "xx", "\u0903", "\U0001f1eb", "\u00e9", "\r\n"]


def mixed(n):
    return ["", " ", "   ", "\u3000", "\u200b", " \u200b ", "a", "abc", "\u0301", "\ufffd"] + ["".join(rng.choice(CHARS) for _ in range(rng.randrange(1, 16))) for _ in range(n)]


blob = charsmap(RULES)
lines.append(case([{"op": "Precompiled", "charsmap": base64.b64encode(blob).decode()}], N.Precompiled(blob).normalize_str, mixed(1500)))
KEPT = ["<x>", "\u2581\u2581", "a a", "ab ", "  ", "\u4e2d\u65e5", " x", "xxx"]
for b in (blob, b""):
    for kept in ([], KEPT):
        for dummy in (True, False):
            for extra in (True, False):
                for escape in (True, False):
                    for suffix in (True, False):
                        p = sentencepiece.SentencePieceProcessor(model_proto=model(b, kept, dummy, extra, escape, suffix))
                        spec = {"op": "SentencePiece", "charsmap": base64.b64encode(b).decode(), "dummy_prefix": dummy, "remove_extra_spaces": extra,
                                "escape_spaces": escape, "space_as_suffix": suffix}
                        line = json.loads(case([spec], p.normalize, mixed(60)))
                        line["user_defined"] = kept
                        lines.append(json.dumps(line).encode())
write("cases.jsonl.gz", b"\n".join(lines) + b"\n")


def invalid_utf8():
    """What SentencePiece makes of bytes that are not UTF-8, as hexadecimal."""
    p = sentencepiece.SentencePieceProcessor(model_proto=model(blob, KEPT))
    parts = [b"a", b" ", b"\xff", b"\xc3", b"\xe4\xb8", b"\xe4\xb8\xad", b"\x80", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x91", b"\xef\xbf\xbd", b"\xe0\x80\x80"]
    for _ in range(300):
        t = b"".join(rng.choice(parts) for _ in range(rng.randrange(1, 8)))
        r = p.normalize(t)
        yield {"in": t.hex(), "out": (r if isinstance(r, bytes) else r.encode()).hex()}


write("invalid.json", json.dumps({"versions": VERSIONS, "charsmap": base64.b64encode(blob).decode(), "user_defined": KEPT, "cases": list(invalid_utf8())}).encode() + b"\n")

if len(sys.argv) > 2:
    p = sentencepiece.SentencePieceProcessor(model_file=os.path.join(sys.argv[2], "rinna_gpt2", "spiece.model"))

    def fields(b):
        i = 0
        def varint():
            nonlocal i
            n = s = 0
            while True:
                c = b[i]
                i += 1
                n |= (c & 127) << s
                s += 7
                if c < 128:
                    return n
        while i < len(b):
            k = varint()
            if k & 7 == 0:
                yield k >> 3, varint()
            elif k & 7 == 5:
                i += 4
            else:
                n = varint()
                yield k >> 3, b[i:i + n]
                i += n

    spec = next(v for k, v in fields(p.serialized_model_proto()) if k == 3)
    blob = next(v for k, v in fields(spec) if k == 2)
    hf = N.Precompiled(blob)
    sha = hashlib.sha256(blob).hexdigest()
    write("rinna_singles.json", json.dumps({"versions": VERSIONS, "charsmap_sha256": sha, "precompiled": digests(hf.normalize_str), "sentencepiece": digests(p.normalize)}).encode() + b"\n")
    inputs = texts(2500)
    write("rinna.jsonl.gz", b"\n".join([
        json.dumps({"versions": VERSIONS, "charsmap_sha256": sha}).encode(),
        case([{"op": "Precompiled"}], hf.normalize_str, inputs),
        case([{"op": "SentencePiece", "dummy_prefix": True, "remove_extra_spaces": True, "escape_spaces": True}], p.normalize, inputs)]) + b"\n")
