"""Reads the metadata of a GGUF file."""

import pathlib
import struct

FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9


def read(path):
    data = pathlib.Path(path).read_bytes()
    at = 0

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    def string():
        nonlocal at
        (n,) = take("Q")
        at += n
        return data[at - n : at].decode("utf-8")

    def value(kind):
        if kind == STRING:
            return string()
        if kind == ARRAY:
            item, n = take("IQ")
            if item in FORMATS:
                return list(take(f"{n}{FORMATS[item]}"))
            return [value(item) for _ in range(n)]
        return take(FORMATS[kind])[0]

    magic, version, _, keys = take("4sIQQ")
    if magic != b"GGUF" or version not in (2, 3):
        raise ValueError(f"{path}: not a GGUF file of version 2 or 3")
    meta = {}
    for _ in range(keys):
        key = string()
        (kind,) = take("I")
        meta[key] = value(kind)
    return meta
