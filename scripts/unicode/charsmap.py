"""Builds precompiled_charsmap blobs and the smallest SentencePiece models
around them, for asking the references about rules of one's own.
Imported by vectors.py and references.py."""
import struct


def _varint(n):
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def _field(number, value):
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, (bool, int)):
        return _varint(number << 3) + _varint(int(value))
    if isinstance(value, str):
        value = value.encode()
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def charsmap(rules):
    """rules: from string to string. The blob is the length of the trie, the
    trie (a double array in Darts' form) and the results, each ended by NUL."""
    pool, where = b"", {}
    for to in rules.values():
        if to not in where:
            where[to] = len(pool)
            pool += to.encode() + b"\0"
    tree = {}
    for key, to in rules.items():
        node = tree
        for b in key.encode():
            node = node.setdefault(b, {})
        node[None] = where[to]
    units, used, bases = {0: 0}, {0}, set()

    def place(pos, node):
        labels = [0 if b is None else b for b in node]
        base = 1
        while base in bases or any(base ^ c in used for c in labels) or not 0 < (base ^ pos) < 1 << 21:
            base += 1
        bases.add(base)  # two nodes with one base would share their children
        for c in labels:
            used.add(base ^ c)
        units[pos] = units.get(pos, 0) | (base ^ pos) << 10 | (0x100 if None in node else 0)
        for b, child in node.items():
            if b is None:
                units[base] = 1 << 31 | child
            else:
                units[base ^ b] = b
                place(base ^ b, child)

    place(0, tree)
    size = (max(units) | 0xFF) + 1
    array = [units.get(i, 0) for i in range(size)]
    # A unit that is not in use has a label that only a base not in use reaches.
    for block in range(0, size, 256):
        free = next(b for b in range(block, block + 256) if b not in bases)
        for i in range(block, block + 256):
            if i not in units:
                array[i] = (i ^ free) & 0xFF
    return struct.pack("<I", 4 * size) + struct.pack("<%dI" % size, *array) + pool


def model(blob=b"", user_defined=(), dummy_prefix=True, remove_extra=True, escape=True, suffix=False):
    """A SentencePiece model (sentencepiece_model.proto) with a few pieces."""
    def piece(text, kind):
        return _field(1, _field(1, text) + _field(2, 0.0) + _field(3, kind))

    out = piece("<unk>", 2) + piece("<s>", 3) + piece("</s>", 3)
    for p in user_defined:
        out += piece(p, 4)
    out += piece("a", 1) + piece("\u2581", 1)
    trainer = _field(3, 1) + (_field(24, True) if suffix else b"")
    normalizer = (_field(1, "test") + _field(2, blob) + _field(3, dummy_prefix)
                  + _field(4, remove_extra) + _field(5, escape))
    return out + _field(2, trainer) + _field(3, normalizer)
