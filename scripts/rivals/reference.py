"""Times a library of Python on unseen text; one line of JSON as native prints.

    python reference.py ENGINE VOCABULARY TEXT [--pattern FILE]

ENGINE is tiktoken, tokenizers, sentencepiece, gigatoken or quicktok; VOCABULARY
is a file, for quicktok the name of an encoding. The first 60 % of the text warm
it, the rest is timed once, in processor time, with one thread. Only the
library's own call is timed; what it returns is said in "gives": a list of
Python's takes longer to make than an array.
"""

import argparse
import json
import os
import pathlib
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def opened(engine, vocabulary, pattern):
    """The function that encodes, whether it takes bytes, and what it gives."""
    if engine == "tiktoken":
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe

        enc = tiktoken.Encoding(name="x", pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(vocabulary), special_tokens={})
        return enc._core_bpe.encode_ordinary, False, "list"
    if engine == "tokenizers":
        from tokenizers import Tokenizer

        tok = Tokenizer.from_file(vocabulary)
        tok.encode_special_tokens = True
        return lambda text: tok.encode(text, add_special_tokens=False).ids, False, "list"
    if engine == "sentencepiece":
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_file=vocabulary).encode, False, "list"
    if engine == "gigatoken":
        import gigatoken

        if vocabulary.endswith(".tiktoken"):
            tok = gigatoken.Tokenizer.from_tiktoken(vocabulary, special_tokens={})
        elif vocabulary.endswith(".model"):
            tok = gigatoken.Tokenizer.from_sentencepiece(vocabulary)
        else:
            tok = gigatoken.Tokenizer(vocabulary)
        return tok.encode, True, "array"
    import quicktok  # of the project quicktok-v1

    return quicktok.get_encoding(vocabulary).encode_ordinary, False, "list"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["tiktoken", "tokenizers", "sentencepiece", "gigatoken", "quicktok"])
    parser.add_argument("vocabulary")
    parser.add_argument("text", type=pathlib.Path)
    parser.add_argument("--pattern", type=pathlib.Path)
    args = parser.parse_args()
    data = args.text.read_bytes()
    cut = len(data) * 6 // 10
    while data[cut] & 0xC0 == 0x80:
        cut += 1
    warm, timed = data[:cut], data[cut:]
    encode, takes_bytes, gives = opened(args.engine, args.vocabulary, args.pattern.read_text("utf-8") if args.pattern else None)
    if not takes_bytes:
        warm, timed = warm.decode(), timed.decode()
    if gives == "list" and args.engine in ("tokenizers", "sentencepiece"):
        # They are slow on one large text, as a program that knows them would not be.
        for line in warm[: 1 << 20].splitlines(keepends=True):
            encode(line)
    else:
        encode(warm)
    began = time.process_time()
    ids = encode(timed)
    took = time.process_time() - began
    print(json.dumps({"engine": args.engine, "fresh": len(data[cut:]) / 1e6 / took, "ids": len(ids), "bytes": len(data[cut:]), "gives": gives}))


main()
