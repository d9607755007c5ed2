"""Writes rules.tsv: normalisation rules for a SentencePiece charsmap of our own.

Like nmt_nfkc in shape (width, ligatures, composition, controls, odd spaces) and
small. Unicode's decompositions for these characters have not changed since 6.0.
"""

import pathlib
import unicodedata

RANGES = (
    (0x00A0, 0x00BE), (0x0132, 0x0133), (0x013F, 0x0140), (0x017F, 0x017F), (0x01C4, 0x01CC), (0x2000, 0x200A), (0x2024, 0x2026), (0x2070, 0x209C), (0x2100, 0x2138), (0x2150, 0x217F), (0x2460, 0x24B5), (0x3000, 0x3000),
    (0x3131, 0x3163), (0x32A4, 0x32B0), (0x3300, 0x3310), (0x33A5, 0x33AF), (0xF900, 0xF920), (0xFB00, 0xFB06), (0xFB20, 0xFB2A), (0xFDFA, 0xFDFA), (0xFF01, 0xFF9F), (0xFFE0, 0xFFE6), (0x1D400, 0x1D433), (0x2F800, 0x2F80A),
)


def rules():
    out = {}
    for a, b in RANGES:
        for c in map(chr, range(a, b + 1)):
            n = unicodedata.normalize("NFKC", c)
            if n != c:
                out[c] = n
    # Base and mark become one; Hangul jamo of a few syllables.
    for c in "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿắằẳặấầẩậếềểệốồổộớờởợứừửựđếйёїўがぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽガギグパピプヴ가각간갈감갑강한국글":
        n = unicodedata.normalize("NFD", c)
        if n != c:
            out[n] = c
    for c in "\u0958\u0959\u095a\u095b\u095c\u095d\u09dc\u09dd":  # composition exclusions come apart
        out[c] = unicodedata.normalize("NFC", c)
    for c in [*range(0x01, 0x09), 0x0B, *range(0x0E, 0x20), 0x7F, 0x8F, 0x9F, 0x200B, 0x200E, 0x200F]:
        out[chr(c)] = ""
    for c in (0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD):
        out[chr(c)] = " "
    # A rule whose source begins another's, and one that changes length much.
    out["..."] = "…"
    out[".."] = "‥"
    out["(c)"] = "©"
    out["ＡＢＣ"] = "abc!"
    return out


def code_points(text):
    return " ".join(f"{ord(c):X}" for c in text)


if __name__ == "__main__":
    lines = [f"{code_points(a)}\t{code_points(b)}\n" for a, b in sorted(rules().items())]
    pathlib.Path(__file__).with_name("rules.tsv").write_text("".join(lines), "ascii")
    print(len(lines), "rules")
