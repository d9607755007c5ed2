"""Times a reference library on unseen text; one line of JSON as native prints.

    python reference.py ENGINE VOCABULARY-FILE TEXT [PATTERN-FILE]

ENGINE is tiktoken, tokenizers or sentencepiece. The first 60 % of the text warm
it, the rest is timed once, in processor time. Only the library's own call is
timed, with one thread.
"""

import json
import os
import pathlib
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def opened(engine, path):
    if engine == "tiktoken":
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe
        pattern = pathlib.Path(sys.argv[4]).read_text("utf-8")
        enc = tiktoken.Encoding(name="x", pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(path), special_tokens={})
        return enc._core_bpe.encode_ordinary
    if engine == "tokenizers":
        from tokenizers import Tokenizer

        tok = Tokenizer.from_file(path)
        tok.encode_special_tokens = True
        return lambda text: tok.encode(text, add_special_tokens=False).ids
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=path).encode


def main():
    engine, path, file = sys.argv[1:4]
    data = pathlib.Path(file).read_bytes()
    cut = len(data) * 6 // 10
    while data[cut] & 0xC0 == 0x80:
        cut += 1
    encode = opened(engine, path)
    timed = data[cut:].decode()
    for line in data[: min(cut, 1 << 20)].decode(errors="ignore").splitlines(keepends=True):
        encode(line)
    began = time.process_time()
    ids = encode(timed)
    took = time.process_time() - began
    print(json.dumps({"engine": engine, "fresh": len(data[cut:]) / 1e6 / took, "ids": len(ids), "bytes": len(data[cut:])}))


main()
