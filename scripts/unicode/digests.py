"""Prints digests of what Python's unicodedata says of all code points, one
JSON object a line, for tokenizers/internal/ucd/testdata/unicodedata.jsonl.

    python digests.py [FOLDER…]

Each FOLDER has a version of the package unicodedata2 in it (pip install
--target FOLDER unicodedata2==15.0.0, 15.1.0, 16.0.0, 17.0.0); without any,
Python's own unicodedata is asked (CPython 3.11: 14.0.0).
"""
import hashlib
import json
import subprocess
import sys

if len(sys.argv) > 2:
    for folder in sys.argv[1:]:
        subprocess.run([sys.executable, sys.argv[0], folder], check=True)
    sys.exit()
if len(sys.argv) == 2:
    sys.path.insert(0, sys.argv[1])
    import unicodedata2 as u
else:
    import unicodedata as u

EVERY = range(0x110000)
CHARS = [chr(c) for c in EVERY if not 0xD800 <= c < 0xE000]


def sha(b):
    return hashlib.sha256(b).hexdigest()


print(json.dumps({
    "unicode": u.unidata_version,
    "category": sha("".join(u.category(chr(c)) for c in EVERY).encode()),
    "combining": sha(bytes(u.combining(chr(c)) for c in EVERY)),
    "nfd": sha("\n".join(u.normalize("NFD", c) for c in CHARS).encode()),
    "nfkd": sha("\n".join(u.normalize("NFKD", c) for c in CHARS).encode()),
    "nfc": sha("\n".join(u.normalize("NFC", c) for c in CHARS).encode()),
    "nfkc": sha("\n".join(u.normalize("NFKC", c) for c in CHARS).encode()),
}))
