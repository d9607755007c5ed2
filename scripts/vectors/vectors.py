"""Writes testdata/vectors: texts.jsonl.gz and one file a vocabulary.

    python vectors.py [--out DIR] [name ...]

Without names: all. The format is told in testdata/vectors/README.md.
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import sys
import time

import references
import texts
import vocabularies

OUT = pathlib.Path(__file__).resolve().parents[2] / "testdata" / "vectors"


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def write(path, lines):
    """The same bytes at each run: no time, no name in the gzip header."""
    data = "".join(line + "\n" for line in lines).encode("ascii")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with open(temporary, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(data)
    temporary.replace(path)
    return data


def text_lines(listed):
    return [compact({"i": i, "kind": kind, "text": text}) for i, (kind, text) in enumerate(listed)]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def make(vocabulary, listed, texts_digest, out):
    reference = references.open_reference(vocabulary)
    ids = reference.encode_all([text for _, text in listed])
    header = {
        "vocab": vocabulary.name,
        "reference": reference.library,
        "version": reference.version,
        "unicode": reference.unicode,
        "files": [
            {"file": name, "bytes": path.stat().st_size, "sha256": digest(path.read_bytes())}
            for name, path in zip(vocabulary.files, vocabulary.paths())
        ],
        "pattern": vocabulary.pattern,
        "counts_only": vocabulary.counts_only,
        "texts": texts_digest,
        "generated_by": "scripts/vectors/vectors.py",
        "notes": vocabulary.note,
    }
    header = {k: v for k, v in header.items() if v not in ("", False, {})}
    path = out / f"{vocabulary.name}.jsonl.gz"
    write(path, [compact(header)] + [compact({"i": i, "ids": row}) for i, row in enumerate(ids)])
    return path, sum(len(row) for row in ids if row is not None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    known = vocabularies.all_vocabularies()
    unknown = [n for n in options.names if n not in known]
    if unknown:
        sys.exit(f"vectors.py: no such vocabulary: {' '.join(unknown)}; known: {' '.join(known)}")

    listed = texts.texts()
    texts_digest = digest(write(options.out / "texts.jsonl.gz", text_lines(listed)))
    failed = 0
    for name in options.names or known:
        start = time.monotonic()
        try:
            path, tokens = make(known[name], listed, texts_digest, options.out)
        except FileNotFoundError as error:  # the file of this vocabulary is not here
            print(f"{name:24} skipped: {error}", file=sys.stderr)
            failed += 1
            continue
        print(f"{name:24} {tokens:8} tokens {path.stat().st_size:8} bytes {time.monotonic() - start:6.1f} s", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
