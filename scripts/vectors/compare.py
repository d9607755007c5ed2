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
    """(name, the other implementation, its version, a function that opens it)"""
    V = vocabularies.Vocabulary

    def under_node(library, what):
        version, encode_all = references.npm(library, what)
        return version, encode_all

    def by(vocabulary):
        reference = references.open_reference(vocabulary)
        return reference.version, reference.encode_all

    for name in ("o200k_base", "cl100k_base", "p50k_base", "r50k_base"):
        yield name, "npm tiktoken", lambda name=name: under_node("tiktoken", name)
    for v in KNOWN.values():
        if v.how == "huggingface":
            yield v.name, "npm tokenizers", lambda v=v: under_node("tokenizers", str(v.paths()[0]))
    # The same tokens in another form, and through the library of that form.
    yield "llama3", "PyPI tiktoken on tokenizer.model", lambda: by(V("llama3", "tiktoken", (vocabularies.DAULET + "Meta-Llama-3-8B-Instruct.model",), vocabularies.LLAMA3))
    yield "qwen3", "PyPI tiktoken on qwen.tiktoken after NFC", lambda: by(V("qwen", "tiktoken_nfc", ("mirror:qwen/qwen.tiktoken",), vocabularies.QWEN))
    yield "claude2", "PyPI tiktoken after NFKC", nfkc_tiktoken
    yield "llama2", "PyPI tokenizers on tokenizer.json", lambda: by(V("llama2_hf", "huggingface", ("mirror:llama2_hf/tokenizer.json",)))
    for name, other in (("mistral_v1", "mistral_v1_hf"), ("yi", "yi_spm"), ("mistral_tekken_240718", "mistral_nemo"), ("mistral_tekken_240718", "mistral_tekken_240911"), ("r50k_base", "gpt2_gguf"),
                        ("bert_base_uncased", "bge_gguf"), ("o200k_base", "gptoss"), ("deepseek_v3", "deepseek_v4"), ("mistral_v3", "mistral_v2"), ("mistral_v3", "mistral_v7"), ("llama2", "phi3_gguf")):
        yield name, f"the vectors of {other}", lambda other=other: ("", lambda _: read(other))


def nfkc_tiktoken():
    import base64
    import tiktoken
    import unicodedata2 as unicodedata

    data = json.loads(KNOWN["claude2"].paths()[0].read_text("utf-8"))
    _, first, *tokens = data["bpe_ranks"].split()
    ranks = {base64.b64decode(t): int(first) + i for i, t in enumerate(tokens)}
    encoding = tiktoken.Encoding("claude2", pat_str=data["pat_str"], mergeable_ranks=ranks, special_tokens={})
    reference = references.Reference("tiktoken", references.each(lambda t: encoding.encode_ordinary(unicodedata.normalize("NFKC", t))))
    return f"{reference.version}, Unicode {unicodedata.unidata_version}", reference.encode_all


def main():
    listed = texts.texts()
    plain = [t for _, t in listed]
    print("| vocabulary | other implementation | texts that differ | first |\n|---|---|---|---|")
    for name, other, opened in others():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        try:
            version, encode_all = opened()
        except FileNotFoundError as error:
            print(f"{name}: skipped: {error}", file=sys.stderr)
            continue
        want, got = read(name), encode_all(plain)
        differ = [i for i, (a, b) in enumerate(zip(want, got)) if a != b]
        first = "; ".join(f"{i} `{ascii(plain[i])[:40]}` {want[i][:8]} / {got[i][:8]}" for i in differ[:3])
        print(f"| {name} | {other} {version} | {len(differ)} | {first} |", flush=True)


if __name__ == "__main__":
    main()
