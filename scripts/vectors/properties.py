"""Writes testdata/vectors/properties.json.gz: what the reference libraries take
each code point for, found by asking them about every one.

    python properties.py [DIR ...]

Each DIR holds a unicodedata2 of another version; with them it also prints
which Unicode version each set is that of.

The file is an object: library → {"version", "sets": {name: [[first, last], …]},
"maps": {name: {character: what it becomes}}}.
"""

import gzip
import importlib
import importlib.metadata
import json
import sys
import unicodedata

import vectors

POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
PATTERNS = (r"\p{L}", r"\p{Lu}", r"\p{Ll}", r"\p{Lt}", r"\p{Lm}", r"\p{Lo}", r"\p{M}", r"\p{Mn}", r"\p{N}", r"\p{Nd}", r"\p{P}", r"\p{S}", r"\p{Han}", r"\s", r"\w", r"(?i:s)", r"(?i:t)", r"(?i:l)", r"(?i:k)")


def ranges(members):
    out = []
    for c in sorted(map(ord, members)):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def where(test):
    return {c for c in POINTS if test(c)}


def changed(function):
    out = {}
    for c in POINTS:
        to = function(c)
        if to != c:
            out[c] = to
    return out


def tiktoken_sets():
    import tiktoken

    for p in PATTERNS:
        e = tiktoken.Encoding("probe", pat_str=p, mergeable_ranks={bytes([b]): b for b in range(256)}, special_tokens={})
        yield "pattern " + p, where(e.encode_ordinary)  # what does not match gives nothing


def tokenizers_sets():
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

    for p in PATTERNS + ("[[:punct:]]",):
        s = pre_tokenizers.Split(Regex(p), "removed")
        yield "pattern " + p, where(lambda c: not s.pre_tokenize_str(c))
    cuts = lambda s: where(lambda c: len(s.pre_tokenize_str("a" + c)) == 2)
    drops = lambda s: where(lambda c: not s.pre_tokenize_str(c))
    yield "Digits", cuts(pre_tokenizers.Digits())
    yield "Punctuation", cuts(pre_tokenizers.Punctuation())
    yield "WhitespaceSplit", drops(pre_tokenizers.WhitespaceSplit())
    word = pre_tokenizers.Whitespace()
    yield "Whitespace, in a word", where(lambda c: len(word.pre_tokenize_str("a" + c)) == 1 and word.pre_tokenize_str(c))
    yield "Whitespace, dropped", drops(word)
    bert = pre_tokenizers.BertPreTokenizer()
    yield "BertPreTokenizer, punctuation", where(lambda c: len(bert.pre_tokenize_str("a" + c + "a")) == 3)
    yield "BertPreTokenizer, dropped", drops(bert)
    scripts = pre_tokenizers.UnicodeScripts()
    yield "UnicodeScripts, any", drops(scripts)
    yield "UnicodeScripts, not Latin", cuts(scripts)

    def bert_normalizer(**on):
        return normalizers.BertNormalizer(**{"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False, **on})

    clean = bert_normalizer(clean_text=True)
    yield "BertNormalizer, dropped", where(lambda c: clean.normalize_str("a" + c + "b") == "ab")
    yield "BertNormalizer, to space", where(lambda c: clean.normalize_str("a" + c + "b") == "a b")
    chinese = bert_normalizer(handle_chinese_chars=True)
    yield "BertNormalizer, Chinese", where(lambda c: chinese.normalize_str(c) == f" {c} ")
    accents = bert_normalizer(strip_accents=True)
    yield "BertNormalizer, accent", where(lambda c: accents.normalize_str("a" + c) == "a")
    strip = normalizers.StripAccents()
    yield "StripAccents", where(lambda c: strip.normalize_str("a" + c) == "a")
    outer = normalizers.Strip()
    yield "Strip", where(lambda c: not outer.normalize_str(c))
    nmt = normalizers.Nmt()
    yield "Nmt, dropped", where(lambda c: not nmt.normalize_str(c))
    yield "Nmt, to space", where(lambda c: nmt.normalize_str(c) == " ")

    t = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    t.add_tokens([AddedToken("x", single_word=True), AddedToken("yz", rstrip=True)])
    yield "added token, word character", where(lambda c: len(t.encode(c + "x").ids) == 1)
    yield "added token, white space", where(lambda c: len(t.encode("yz" + c).ids) == 1)


def tokenizers_maps():
    from tokenizers import normalizers

    for name in ("Lowercase", "NFC", "NFD", "NFKD"):
        step = getattr(normalizers, name)()
        yield name, changed(step.normalize_str)


def main():
    libraries = {
        "tiktoken": (importlib.metadata.version("tiktoken"), tiktoken_sets(), ()),
        "tokenizers": (importlib.metadata.version("tokenizers"), tokenizers_sets(), tokenizers_maps()),
    }
    unicodes = load_unicodes(sys.argv[1:])
    out = {}
    for library, (version, sets, maps) in libraries.items():
        found = dict(sets)
        out[library] = {"version": version, "sets": {n: ranges(s) for n, s in found.items()}, "maps": dict(maps)}
        for name, members in found.items():
            print(f"{library:11} {name:36} {len(members):7} {compare(name, members, unicodes)}", flush=True)
    data = json.dumps(out, separators=(",", ":")).encode("ascii")
    with open(vectors.OUT / "properties.json.gz", "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(data)


def load_unicodes(folders):
    out = {unicodedata.unidata_version: unicodedata}
    for folder in folders:
        sys.path.insert(0, folder)
        sys.modules.pop("unicodedata2", None)
        module = importlib.import_module("unicodedata2")
        out[module.unidata_version] = module
        sys.path.pop(0)
    return out


def compare(name, members, unicodes):
    """The Unicode versions whose category this set is."""
    if r"\p{" not in name or "Han" in name:
        return ""
    category = name.split("{")[1].rstrip("}")
    return " ".join(v for v, m in unicodes.items() if members == {c for c in POINTS if m.category(c).startswith(category)})


if __name__ == "__main__":
    main()
