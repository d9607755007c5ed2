"""Small random vocabularies, and the ids that the references give with them.

    python references.py

writes references.jsonl.gz beside itself: one vocabulary a line, with texts and
ids. Needs tokenizers 0.23.3, sentencepiece 0.2.3, tiktoken 0.14.0 and protobuf.
The vocabularies are made to be hard, not sensible: few characters, many ties,
characters that are missing, tokens that merging never reaches.
"""

import gzip
import io
import json
import pathlib
import random

import sentencepiece
import tiktoken
import tokenizers
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import Tokenizer, models, pre_tokenizers

EACH = 40  # vocabularies of each kind
TEXTS = 14  # texts of each vocabulary
LETTERS = "abcé中😀"
BYTES = ["<0x%02X>" % b for b in range(256)]


def text(rng, letters, longest=40):
    """A text; half of them repeat a short one, for long runs of equals."""
    n = rng.choice([1, 2, 3, 5, 9, 17, longest])
    if rng.random() < 0.4:
        part = "".join(rng.choice(letters) for _ in range(rng.randint(1, 3)))
        return (part * n)[:n]
    if rng.random() < 0.1:
        n = 150  # beyond what small pieces are merged by
        letters = letters[:3]
    return "".join(rng.choice(letters) for _ in range(n))


def words(rng, letters, n, longest=5):
    """Up to n different strings of letters."""
    seen = {}
    for _ in range(n):
        seen["".join(rng.choice(letters) for _ in range(rng.randint(1, longest)))] = True
    return list(seen)


def grown(rng, units, n, join):
    """Tokens made by joining tokens, and the merges that make them."""
    tokens, merges = list(units), {}
    for _ in range(n):
        # Few of the tokens take part, so that some are joined in several ways.
        left, right = rng.choice(tokens), rng.choice(tokens)
        if (left, right) in merges:
            continue
        into = join(left, right)
        if into is None or len(into) > 24:
            continue
        if into not in tokens:
            tokens.append(into)
        merges[left, right] = into
    # Another way to make a token that is there already.
    for token in list(tokens):
        for left in tokens:
            for right in tokens:
                if (left, right) not in merges and join(left, right) == token and rng.random() < 0.5:
                    merges[left, right] = token
    order = list(merges)
    rng.shuffle(order)
    return tokens, [(l, r, merges[l, r]) for l, r in order]


def hf_bpe(rng):
    prefix, suffix = rng.choice(["", "", "", "##", "a"]), rng.choice(["", "", "", "</w>", "b"])
    known = rng.sample(LETTERS, rng.randint(2, len(LETTERS)))
    units = []
    for c in known:
        for u in dict.fromkeys((c, prefix + c, c + suffix, prefix + c + suffix)):
            if u not in units and rng.random() < 0.9:
                units.append(u)
    fallback = rng.random() < 0.4
    unk = "<unk>" if rng.random() < 0.7 else (rng.choice(known) if rng.random() < 0.2 else None)
    for extra in ([unk] if unk else []) + (rng.sample(BYTES, 250) if fallback and rng.random() < 0.5 else BYTES if fallback else []):
        if extra not in units:
            units.append(extra)
    if len(units) > 30:  # merge mostly letters
        first, rest = units[:len(units) - len(BYTES) + 8], units[len(units) - len(BYTES) + 8:]
    else:
        first, rest = units, []
    def join(left, right):
        if prefix and (not right.startswith(prefix) or right == prefix):
            return None
        return left + right[len(prefix):]
    if not first:
        first = ["a"]
    tokens, merges = grown(rng, first, rng.randint(0, 25), join)
    tokens += [t for t in rest if t not in tokens]
    tokens += [w for w in words(rng, LETTERS, 3) if w not in tokens]  # unreachable
    rng.shuffle(tokens)
    ids = {t: i for i, t in enumerate(tokens)}
    assert len(ids) == len(tokens)
    options = dict(fuse_unk=rng.random() < 0.5, byte_fallback=fallback, ignore_merges=rng.random() < 0.3)
    if unk:
        options["unk_token"] = unk
    if prefix:
        options["continuing_subword_prefix"] = prefix
    if suffix:
        options["end_of_word_suffix"] = suffix
    tok = Tokenizer(models.BPE(vocab=ids, merges=[(l, r) for l, r, _ in merges], **options))
    record = dict(kind="bpe", by="list", chars=True, tokens=tokens, merges=[[ids[l], ids[r], ids[m]] for l, r, m in merges],
        prefix=prefix, suffix=suffix, fuse=options["fuse_unk"], ignore=options["ignore_merges"], unknown=ids.get(unk, -1))
    if fallback:
        record["bytes"] = [ids.get(b, -1) for b in BYTES]
    return record, lambda s: tok.encode(s).ids, LETTERS + "x"


def hf_byte_level(rng):
    """Byte-level BPE, in the alphabet of ByteLevel, which may lack bytes."""
    alphabet = {}
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    n = 0
    for b in range(256):
        alphabet[b] = chr(b) if b in printable else chr(256 + n)
        n += b not in printable
    used = sorted({b for c in LETTERS for b in c.encode()})
    known = [alphabet[b] for b in (used if rng.random() < 0.5 else rng.sample(used, len(used) - 3))]
    unk = rng.choice([None, "<unk>", "<unk>", rng.choice(known)])
    units = list(known) + (["<unk>"] if unk == "<unk>" else [])
    tokens, merges = grown(rng, known, rng.randint(0, 40), lambda l, r: l + r)
    tokens += [u for u in units if u not in tokens]
    for w in words(rng, known, 3):
        if w not in tokens:
            tokens.append(w)
    rng.shuffle(tokens)
    ids = {t: i for i, t in enumerate(tokens)}
    options = dict(fuse_unk=rng.random() < 0.5, ignore_merges=rng.random() < 0.3)
    if unk:
        options["unk_token"] = unk
    tok = Tokenizer(models.BPE(vocab=ids, merges=[(l, r) for l, r, _ in merges], **options))
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    back = {c: b for b, c in alphabet.items()}
    raw = [t if t == "<unk>" else bytes(back[c] for c in t).decode("latin-1") for t in tokens]
    record = dict(kind="bpe", by="list", latin1=True, tokens=raw, merges=[[ids[l], ids[r], ids[m]] for l, r, m in merges],
        fuse=options["fuse_unk"], ignore=options["ignore_merges"], unknown=ids.get(unk, -1))
    return record, lambda s: tok.encode(s).ids, LETTERS


def ranks(rng):
    used = sorted({b for c in LETTERS for b in c.encode()})
    units = [bytes([b]) for b in used]
    tokens, _ = grown(rng, units, rng.randint(0, 40), lambda l, r: l + r)
    for _ in range(6):  # most of them cannot be reached
        t = b"".join(rng.choice(units) for _ in range(rng.randint(2, 5)))
        if t not in tokens:
            tokens.append(t)
    tokens = [t for t in tokens if len(t) > 1]
    rng.shuffle(tokens)
    singles = [bytes([b]) for b in range(256)]
    tokens = tokens + singles if rng.random() < 0.3 else singles + tokens
    enc = tiktoken.Encoding("random", pat_str=r"(?s:.+)", mergeable_ranks={t: i for i, t in enumerate(tokens)}, special_tokens={})
    record = dict(kind="bpe", by="rank", latin1=True, tokens=[t.decode("latin-1") for t in tokens], unknown=-1)
    return record, enc.encode_ordinary, LETTERS


def model_proto(kind, fallback):
    m = proto.ModelProto()
    m.trainer_spec.model_type = kind
    m.trainer_spec.byte_fallback = fallback
    m.normalizer_spec.name = "identity"
    m.normalizer_spec.add_dummy_prefix = False
    m.normalizer_spec.remove_extra_whitespaces = False
    m.normalizer_spec.escape_whitespaces = False
    return m


def scores(rng):
    """A way to draw scores: with many ties, in steps that float32 rounds, or any."""
    return rng.choice([
        lambda: -float(rng.randint(1, 3)),
        lambda: -rng.randint(1, 6) * 0.1,
        lambda: -rng.random() * 20,
        lambda: rng.random() * 3 - 1,
        lambda: -rng.randint(1, 40) / 3,
    ])


def sentencepieces(rng, kind):
    fallback = rng.random() < 0.4
    m = model_proto(kind, fallback)
    draw = scores(rng)
    known = rng.sample(LETTERS, rng.randint(2, len(LETTERS)))
    if kind == 2:
        strings, _ = grown(rng, known, rng.randint(0, 40), lambda l, r: l + r)
        strings = [s for s in strings if rng.random() < 0.95]
    else:
        strings = words(rng, known, 30)
    strings += [w for w in words(rng, LETTERS, 4) if w not in strings]
    types = rng.choice([[1], [1], [1, 1, 1, 5], [1, 1, 1, 4], [1, 1, 1, 1, 4, 5]])
    pieces = [(s, draw(), rng.choice(types)) for s in strings] + [("<unk>", 0.0, 2), ("<s>", 0.0, 3)]
    if fallback:
        pieces += [(b, rng.choice([0.0, -50.0]), 6) for b in BYTES]
    rng.shuffle(pieces)
    for piece, score, type_ in pieces:
        p = m.pieces.add()
        p.piece, p.score, p.type = piece, score, type_
    sp = sentencepiece.SentencePieceProcessor(model_proto=m.SerializeToString())
    at = {p.piece: i for i, p in enumerate(m.pieces)}
    record = dict(kind="unigram" if kind == 1 else "bpe", by="score", chars=True, tokens=[p.piece for p in m.pieces],
        types=[p.type for p in m.pieces], scores=[p.score for p in m.pieces], fuse=True, unknown=at["<unk>"])
    if fallback:
        record["bytes"] = [at[b] for b in BYTES]
    return record, sp.encode, LETTERS + "x"


def sp_bpe(rng):
    return sentencepieces(rng, 2)


def sp_unigram(rng):
    return sentencepieces(rng, 1)


def hf_unigram(rng):
    draw = scores(rng)
    fallback = rng.random() < 0.5
    pieces = [(w, draw()) for w in words(rng, LETTERS, 30)] + [("<unk>", rng.choice([0.0, draw()]))]
    if rng.random() < 0.3:
        pieces += [(w, draw() + 100) for w in words(rng, "xy", 3)]  # above all others: unknowns may win
        pieces = [(w, s + 100) for w, s in pieces]
    if fallback:
        pieces += [(b, 0.0) for b in (rng.sample(BYTES, 250) if rng.random() < 0.5 else BYTES)]
    seen = {w: s for w, s in pieces}
    pieces = list(seen.items())
    rng.shuffle(pieces)
    at = {w: i for i, (w, _) in enumerate(pieces)}
    tok = Tokenizer(models.Unigram(pieces, unk_id=at["<unk>"], byte_fallback=fallback))
    record = dict(kind="unigram", tokens=[w for w, _ in pieces], scores64=[s for _, s in pieces], fuse=True, unknown=at["<unk>"])
    if fallback:
        record["bytes"] = [at.get(b, -1) for b in BYTES]
    return record, lambda s: tok.encode(s).ids, list(LETTERS + "xy") + ["<unk>"]


def hf_wordpiece(rng):
    prefix = rng.choice(["##", "##", "", "a"])
    pieces = words(rng, LETTERS, 20, 4) + [prefix + w for w in words(rng, LETTERS, 20, 4)] + ["[UNK]", prefix or "[x]"]
    pieces = list(dict.fromkeys(pieces))
    rng.shuffle(pieces)
    at = {w: i for i, w in enumerate(pieces)}
    limit = rng.choice([100, 100, 8])
    tok = Tokenizer(models.WordPiece(at, unk_token="[UNK]", max_input_chars_per_word=limit, continuing_subword_prefix=prefix))
    record = dict(kind="wordpiece", tokens=pieces, prefix=prefix, limit=limit, unknown=at["[UNK]"])
    return record, lambda s: tok.encode(s).ids, rng.sample(LETTERS, 4)


KINDS = [hf_bpe, hf_byte_level, ranks, sp_bpe, sp_unigram, hf_unigram, hf_wordpiece]


def main():
    versions = dict(tokenizers=tokenizers.__version__, sentencepiece=sentencepiece.__version__, tiktoken="0.14.0")
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, compresslevel=9) as z:
        put = lambda record: z.write((json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
        put(dict(versions=versions, generated_by="references.py"))
        for make in KINDS:
            rng = random.Random(make.__name__)
            for i in range(EACH):
                record, encode, letters = make(rng)
                texts = {text(rng, letters): True for _ in range(TEXTS)}
                cases = [[s, encode(s)] for s in texts if s]
                put(dict(name=f"{make.__name__}_{i}", **record, cases=cases))
    pathlib.Path(__file__).with_name("references.jsonl.gz").write_bytes(out.getvalue())


if __name__ == "__main__":
    main()
