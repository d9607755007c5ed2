"""Finds out which Unicode version each reference tokenizer really uses.

    python references.py DIR [tiktoken|onig|rust|normalizers|all]

DIR is the -inputs folder of the Go program beside this file, which leaves the
properties of each version there as text. Needs tiktoken and tokenizers; run
with tiktoken 0.14.0, tokenizers 0.23.3.

Each line is one property over all code points but the surrogates: what was
asked, of whom, the versions that agree exactly, or else the nearest one and
the differences (+ where the reference has it and Unicode does not).
The table in the comment of package tokenizers/internal/ucd comes from here.
"""
import glob
import os
import re
import sys

from charsmap import charsmap

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, ALL))


class Version:
    def __init__(self, path):
        self.name = re.search(r"unicode-unicode-([0-9.]+)-", path).group(1)
        self.sets = {}
        self.lower = {}
        for line in open(path):
            f = line.split()
            n = [int(x, 16) for x in f[2:]]
            if f[0] in ("gc", "sc", "bp", "gb"):
                self.sets.setdefault(f[0] + ":" + f[1], []).append((n[0], n[1]))
            elif f[0] == "cm" or (f[0] == "scm" and n[1:] != n[:1]):
                self.lower[n[0]] = n[1:]

    def get(self, *names):
        s = set()
        for name in names:
            for a, b in self.sets.get(name, ()):
                s.update(range(a, b + 1))
        s.difference_update(range(0xD800, 0xE000))
        return s


def ranges(s):
    out = []
    for c in sorted(s):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return " ".join("%04X" % a if a == b else "%04X-%04X" % (a, b) for a, b in out)


def report(what, got, want):
    """want gives the expected set for a Version."""
    exact, best = [], None
    for v in versions:
        w = want(v)
        if w == got:
            exact.append(v.name)
        d = len(w ^ got)
        if best is None or d <= best[0]:
            best = (d, v.name, got - w, w - got)
    if exact:
        print("%-44s exactly %s" % (what, ", ".join(exact)))
    else:
        print("%-44s NONE, nearest %s, %d apart" % (what, best[1], best[0]))
        for sign, s in (("+", best[2]), ("-", best[3])):
            if s:
                t = ranges(s)
                print("    %s %d: %s" % (sign, len(s), t if len(t) < 1500 else t[:1500] + " …"))
    sys.stdout.flush()


GC = {
    "L": ["Uppercase_Letter", "Lowercase_Letter", "Titlecase_Letter", "Modifier_Letter", "Other_Letter"],
    "Lu": ["Uppercase_Letter"], "Ll": ["Lowercase_Letter"], "Lt": ["Titlecase_Letter"],
    "Lm": ["Modifier_Letter"], "Lo": ["Other_Letter"],
    "M": ["Nonspacing_Mark", "Spacing_Mark", "Enclosing_Mark"], "Mn": ["Nonspacing_Mark"],
    "N": ["Decimal_Number", "Letter_Number", "Other_Number"], "Nd": ["Decimal_Number"],
    "P": ["Connector_Punctuation", "Dash_Punctuation", "Open_Punctuation", "Close_Punctuation",
          "Initial_Punctuation", "Final_Punctuation", "Other_Punctuation"],
    "Pc": ["Connector_Punctuation"],
    "S": ["Math_Symbol", "Currency_Symbol", "Modifier_Symbol", "Other_Symbol"],
    "Z": ["Space_Separator", "Line_Separator", "Paragraph_Separator"],
    "Cc": ["Control"], "Cf": ["Format"], "Cn": ["Unassigned"], "Co": ["Private_Use"],
}


def gc(*names):
    return lambda v: v.get(*["gc:" + n for x in names for n in GC[x]])


def bp(name):
    return lambda v: v.get("bp:" + name)


def sc(name):
    return lambda v: v.get("sc:" + name)


def word(v):
    return bp("Alphabetic")(v) | gc("M", "Nd", "Pc")(v)


CLASSES = [(r"\p{%s}" % n, gc(n)) for n in GC]
CLASSES += [(r"\p{%s}" % n, sc(n)) for n in ("Han", "Hiragana", "Katakana", "Hangul", "Latin", "Thai", "Arabic", "Devanagari", "Common")]
CLASSES += [(r"\p{%s}" % n, bp(n)) for n in ("Alphabetic", "White_Space", "Uppercase", "Lowercase")]
CLASSES += [(r"\s", bp("White_Space")), (r"\d", gc("Nd")), (r"\w", word)]


def with_joiners(want):
    return lambda v: want(v) | {0x200C, 0x200D}


def tiktoken():
    import tiktoken as t

    def matches(pattern):
        # One token a byte: what comes out is what the pattern matched.
        e = t.Encoding("x", pat_str=pattern, mergeable_ranks={bytes([i]): i for i in range(256)}, special_tokens={})
        return {ord(c) for i in range(0, len(TEXT), 4096)
                for c in e.decode_bytes(e.encode_ordinary(TEXT[i:i + 4096])).decode()}

    for pattern, want in CLASSES:
        report("tiktoken " + pattern, matches(pattern), with_joiners(want) if pattern == r"\w" else want)
    for letter in "sdmtlverk":
        print("tiktoken (?i:%s)" % letter, ranges(matches("(?i:%s)" % letter)))


def onig():
    from tokenizers import Regex
    from tokenizers.pre_tokenizers import ByteLevel, Split

    def matches(pattern):
        # The pieces that stay are the matches.
        p = Split(Regex(pattern), "removed", invert=True)
        return {ord(c) for i in range(0, len(TEXT), 4096)
                for piece, _ in p.pre_tokenize_str(TEXT[i:i + 4096]) for c in piece}

    for pattern, want in CLASSES:
        report("tokenizers Split(Regex) " + pattern, matches(pattern), want)
    for letter in "sdmtlverk":
        print("tokenizers Split(Regex) (?i:%s)" % letter, ranges(matches("(?i:%s)" % letter)))

    b = ByteLevel(add_prefix_space=False, use_regex=True)

    def joins(prefix, c):
        return len(b.pre_tokenize_str(prefix + chr(c))) == 1

    letters = {c for c in ALL if joins("a", c)}
    numbers = {c for c in ALL if joins("1", c)}
    others = {c for c in ALL if joins("!", c)}
    report(r"tokenizers ByteLevel \p{L}", letters, gc("L"))
    report(r"tokenizers ByteLevel \p{N}", numbers, gc("N"))
    report(r"tokenizers ByteLevel [^\s\p{L}\p{N}]", others,
           lambda v: set(ALL) - gc("L", "N")(v) - bp("White_Space")(v))


def rust():
    from tokenizers import pre_tokenizers as P

    def cuts(p):
        # A one-character text that is cut away.
        return {c for c in ALL if not p.pre_tokenize_str(chr(c))}

    d = P.Digits(individual_digits=True)
    report("tokenizers Digits", {c for c in ALL if len(d.pre_tokenize_str(chr(c) * 2)) == 2}, gc("N"))
    d = P.Digits(individual_digits=False)
    report("tokenizers Digits, contiguous", {c for c in ALL if len(d.pre_tokenize_str("a" + chr(c))) == 2}, gc("N"))
    report("tokenizers WhitespaceSplit", cuts(P.WhitespaceSplit()), bp("White_Space"))
    report(r"tokenizers Whitespace \s", cuts(P.Whitespace()), bp("White_Space"))
    w = P.Whitespace()
    report(r"tokenizers Whitespace \w", {c for c in ALL if len(w.pre_tokenize_str("a" + chr(c))) == 1 and len(w.pre_tokenize_str("!" + chr(c))) == 2}, with_joiners(word))
    from tokenizers import AddedToken, Tokenizer, models

    t = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    t.add_tokens([AddedToken("foo", single_word=True, normalized=False)])
    report(r"tokenizers single_word \w, behind", {c for c in ALL if 1 not in t.encode("foo" + chr(c)).ids}, with_joiners(word))
    report(r"tokenizers single_word \w, before", {c for c in ALL if 1 not in t.encode(chr(c) + "foo").ids}, with_joiners(word))
    ascii_punctuation = set(map(ord, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"))
    punctuation = lambda v: gc("P")(v) | ascii_punctuation
    report("tokenizers Punctuation", cuts(P.Punctuation("removed")), punctuation)
    b = P.BertPreTokenizer()
    report("tokenizers BertPreTokenizer, white space", cuts(b), bp("White_Space"))
    report("tokenizers BertPreTokenizer, punctuation", {c for c in ALL if len(b.pre_tokenize_str("a" + chr(c) + "a")) == 3}, punctuation)

    u = P.UnicodeScripts()
    # A script is known by a character of it: the two are one piece.
    names = sorted({n[3:] for v in versions for n in v.sets if n.startswith("sc:")})
    samples = {"Latin": "a", "Cyrillic": "б", "Greek": "α", "Han": "中", "Hangul": "한", "Thai": "ก", "Arabic": "ب",
               "Devanagari": "क", "Common": "1", "Inherited": "\u0301"}
    for name in samples:
        got = {c for c in ALL if len(u.pre_tokenize_str(samples[name] + chr(c))) == 1}
        want = lambda v: sc(name)(v)
        if name == "Han":
            want = lambda v: sc("Han")(v) | sc("Hiragana")(v) | sc("Katakana")(v) | {0x30FC}
        report("tokenizers UnicodeScripts, with " + name, got - any_script(u), lambda v: want(v) - any_script(u))
    print("tokenizers UnicodeScripts, script Any: %d: %s" % (len(any_script(u)), ranges(any_script(u))[:3000]))


def any_script(u, cache=[]):
    if not cache:
        cache.append({c for c in ALL if len(u.pre_tokenize_str("a" + chr(c))) == 1 and len(u.pre_tokenize_str("中" + chr(c))) == 1})
    return cache[0]


def normalizers():
    from tokenizers import normalizers as N

    def dropped(n):
        # A character is dropped if nothing is left of it between two letters.
        return {c for c in ALL if n.normalize_str("a" + chr(c) + "a") == "aa"}

    def becomes(n, to):
        return {c for c in ALL if n.normalize_str("a" + chr(c) + "a") == "a" + to + "a"}

    report("tokenizers StripAccents", dropped(N.StripAccents()), gc("M"))
    report("tokenizers StripAccents as Mn", dropped(N.StripAccents()), gc("Mn"))
    clean = N.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    report("tokenizers BertNormalizer clean_text, dropped", dropped(clean) | {9, 10, 13},
           lambda v: gc("Cc", "Cf", "Co")(v) | {0xFFFD})
    report("tokenizers BertNormalizer clean_text, space", becomes(clean, " "), lambda v: bp("White_Space")(v) - {0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x1F, 0x85})
    cjk = N.BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
    print("tokenizers BertNormalizer handle_chinese_chars:", ranges({c for c in ALL if cjk.normalize_str(chr(c)) == " " + chr(c) + " "}))
    strip = N.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    report("tokenizers BertNormalizer strip_accents, dropped", dropped(strip), gc("Mn"))
    lower = N.Lowercase()
    got = {c: s for c in ALL for s in [lower.normalize_str(chr(c))] if s != chr(c)}
    for v in versions:
        want = {c: "".join(map(chr, s)) for c, s in v.lower.items()}
        diff = {c for c in got.keys() | want.keys() if got.get(c) != want.get(c)}
        print("%-44s %s, %d apart" % ("tokenizers Lowercase", v.name, len(diff)), ranges(diff)[:300] if len(diff) < 20 else "")

    # Grapheme clusters in Precompiled: one that begins with a rule's left side
    # is replaced whole, so what joins it is gone.
    joined = N.Precompiled(charsmap({"a": "Z"}))
    report("tokenizers Precompiled, Extend etc.", {c for c in ALL if joined.normalize_str("a" + chr(c)) == "Z"},
           lambda v: v.get("gb:Extend", "gb:SpacingMark", "gb:ZWJ"))
    prepend = set().union(*(v.get("gb:Prepend") for v in versions))
    joined = N.Precompiled(charsmap({**{chr(c): "P" for c in prepend}, "a": "Z"}))
    report("tokenizers Precompiled, Prepend", {c for c in prepend if joined.normalize_str(chr(c) + "a") == "P"}, lambda v: v.get("gb:Prepend"))
    print("tokenizers Strip, left:", ranges({c for c in ALL if N.Strip(left=True, right=False).normalize_str(chr(c) + "a") == "a"}))


if __name__ == "__main__":
    which = sys.argv[2] if len(sys.argv) > 2 else "all"
    paths = glob.glob(os.path.join(sys.argv[1], "unicode-unicode-*.txt"))
    versions = sorted(map(Version, paths), key=lambda v: [int(x) for x in v.name.split(".")])
    for f in (tiktoken, onig, rust, normalizers):
        if which in ("all", f.__name__):
            f()
