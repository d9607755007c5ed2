"""Compares other implementations with the vectors, as Markdown.

    python compare.py [name ...]

Prints, for each pair, how many texts differ and the first of them.
"""

import gzip
import json
import sys

import references
import texts
import vectors
import vocabularies

KNOWN = vocabularies.all_vocabularies()


def read(name):
    with gzip.open(vectors.OUT / f"{name}.jsonl.gz") as f:
        return [json.loads(line)["ids"] for line in list(f)[1:]]


def others():
    """(name, the other implementation, its version, its encoder)"""
    for name in ("o200k_base", "cl100k_base", "p50k_base", "r50k_base"):
        yield name, "npm tiktoken", *references.npm("tiktoken", name)
    for v in KNOWN.values():
        if v.how == "huggingface":
            yield v.name, "npm tokenizers", *references.npm("tokenizers", str(v.paths()[0]))
    # The same ranks through another library.
    llama3 = vocabularies.Vocabulary("llama3", "tiktoken", (vocabularies.DAULET + "Meta-Llama-3-8B-Instruct.model",), vocabularies.LLAMA3)
    r = references.open_reference(llama3)
    yield "llama3", "PyPI tiktoken on tokenizer.model", r.version, r.encode_all
    claude = nfkc_tiktoken()
    yield "claude2", "PyPI tiktoken after Python's NFKC", claude.version, claude.encode_all
    for name, file in (("mistral_tekken_240718", "mistral_nemo"), ("r50k_base", "gpt2_gguf"), ("bert_base_uncased", "bge_gguf"), ("o200k_base", "gptoss")):
        yield name, f"the vectors of {file}", "", lambda _, file=file: read(file)


def nfkc_tiktoken():
    import base64
    import unicodedata

    import tiktoken

    data = json.loads(KNOWN["claude2"].paths()[0].read_text("utf-8"))
    _, first, *tokens = data["bpe_ranks"].split()
    ranks = {base64.b64decode(t): int(first) + i for i, t in enumerate(tokens)}
    encoding = tiktoken.Encoding("claude2", pat_str=data["pat_str"], mergeable_ranks=ranks, special_tokens={})
    return references.Reference("tiktoken", references.each(lambda t: encoding.encode_ordinary(unicodedata.normalize("NFKC", t))))


def main():
    listed = texts.texts()
    plain = [t for _, t in listed]
    print("| vocabulary | other implementation | texts that differ | first |\n|---|---|---|---|")
    for name, other, version, encode_all in others():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        want, got = read(name), encode_all(plain)
        differ = [i for i, (a, b) in enumerate(zip(want, got)) if a != b]
        first = "; ".join(f"{i} `{ascii(plain[i])[:40]}` {want[i][:8]} / {got[i][:8]}" for i in differ[:3])
        print(f"| {name} | {other} {version} | {len(differ)} | {first} |", flush=True)


if __name__ == "__main__":
    main()
