"""Counts tokens per line of parallel text with every reference.

    python ntrex.py CORPUS OUT [name ...]

CORPUS is a folder of <language>.txt, the same line being the same segment in
each. OUT gets <vocabulary>.json.gz: {language: [count of each line]}. The
corpus is not ours, so OUT is not in the repository.

Lines are split at "\\n" only; one CR at the end of a line is dropped; nothing
else is changed. Each line is encoded alone. OpenAI's vocabularies are counted
with npm tiktoken too, and a difference is told.
"""

import gzip
import json
import pathlib
import sys

import references
import vocabularies


def read(folder):
    out = {}
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_bytes().decode("utf-8").split("\n")
        if lines[-1] == "":
            lines.pop()
        out[path.stem] = [line.removesuffix("\r") for line in lines]
    return out


def write(path, value):
    data = json.dumps(value, separators=(",", ":")).encode("ascii")
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(data)


def main():
    corpus, out, names = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    out.mkdir(parents=True, exist_ok=True)
    lines = read(corpus)
    known = vocabularies.all_vocabularies()
    for name in names or known:
        reference = references.open_reference(known[name])
        counts = {lang: [len(ids) for ids in reference.encode_all(texts)] for lang, texts in lines.items()}
        write(out / f"{name}.json.gz", counts)
        print(name, {lang: sum(c) for lang, c in counts.items()}, flush=True)
        if name in ("o200k_base", "cl100k_base"):
            version, encode_all = references.npm("tiktoken", name)
            for lang, texts in lines.items():
                other = [len(ids) for ids in encode_all(texts)]
                differ = [i + 1 for i, (a, b) in enumerate(zip(counts[lang], other)) if a != b]
                if differ:
                    print(f"{name}: npm tiktoken {version} differs in {lang}, lines {differ[:10]} of {len(differ)}", flush=True)
            print(f"{name}: compared with npm tiktoken {version}", flush=True)


if __name__ == "__main__":
    main()
