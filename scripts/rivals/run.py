"""Times this module's engine against others: fresh text, one thread, in turn.

    python run.py --texts DIR --vocabs DIR [--rounds 7] [--cpu 1]

DIR of texts holds en.txt, zh.txt, ja.txt, ko.txt (texts.py makes them), DIR of
vocabularies NAME/FILE as a mirror does. Each round runs every engine once, in a
process of its own on the same processor; what is printed is the median of the
rounds, and of the ratios round by round. The numbers of ids are compared first:
an engine that gives another number is shown as wrong, not as fast.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LANGS = ("en", "zh", "ja", "ko")

# vocabulary → file below the folder of vocabularies, the reference, more rivals
PLAN = {
    "o200k_base": ("o200k_base/o200k_base.tiktoken", "tiktoken", ["tiktoken-go"]),
    "cl100k_base": ("cl100k_base/cl100k_base.tiktoken", "tiktoken", ["tiktoken-go"]),
    "qwen3": ("qwen3/tokenizer.json", "tokenizers", []),
    "deepseek_v3": ("deepseek_v3/tokenizer.json", "tokenizers", []),
    "llama3": ("llama3_hf/tokenizer.json", "tokenizers", []),
    "gemma3": ("gemma3/tokenizer.json", "tokenizers", []),
    "gemma2": ("gemma2/tokenizer.model", "sentencepiece", []),
    "mistral_v3": ("mistral_v3/tokenizer.model.v3", "sentencepiece", []),
    "llm_jp_v3": ("llm_jp_v3/tokenizer.model", "sentencepiece", []),
}


def run(command, cpu):
    if cpu is not None:
        command = ["taskset", "-c", str(cpu), *command]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "GOMAXPROCS": "1"}).stdout
    return json.loads(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", required=True, type=pathlib.Path)
    parser.add_argument("--vocabs", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cpu", type=int)
    parser.add_argument("--only", nargs="*", default=list(PLAN))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        native = f"{temporary}/native"
        subprocess.run(["go", "build", "-o", native, "./scripts/rivals/native"], cwd=ROOT, check=True)
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, medians of {args.rounds} rounds, MB/s fresh\n")
        print("| vocabulary | text | native | rival | MB/s | ratio |\n|---|---|---:|---|---:|---:|")
        for name in args.only:
            file, reference, others = PLAN[name]
            path = args.vocabs / file
            if not path.exists():
                print(f"skipped: no {path}", file=sys.stderr)
                continue
            manifest = tomllib.loads((ROOT / f"tokenizers/manifests/{name}.toml").read_text("utf-8"))
            pattern = pathlib.Path(temporary) / "pattern"
            pattern.write_text("|".join(manifest.get("split", [])), "utf-8")
            for lang in LANGS:
                text = str(args.texts / f"{lang}.txt")
                # Built in where it is: what a user of the program gets.
                ours = [native, "-vocab", name if reference == "tiktoken" else str(path), text]
                rivals = {reference: [sys.executable, str(HERE / "reference.py"), reference, str(path), text, str(pattern)]}
                for other in others:
                    rivals[other] = [native, "-engine", other, "-limit", "300000", "-vocab", name, text]
                speeds, ratios, ids = {"native": []}, {}, {}
                for _ in range(args.rounds):
                    mine = run(ours, args.cpu)
                    speeds["native"].append(mine["fresh"])
                    ids["native"] = (mine["bytes"], mine["ids"])
                    for rival, command in rivals.items():
                        his = run(command, args.cpu)
                        speeds.setdefault(rival, []).append(his["fresh"])
                        ratios.setdefault(rival, []).append(mine["fresh"] / his["fresh"])
                        ids[rival] = (his["bytes"], his["ids"])
                for rival in rivals:
                    wrong = ids[rival][0] == ids["native"][0] and ids[rival][1] != ids["native"][1]
                    note = f" ({ids[rival][1]} ids, native {ids['native'][1]})" if wrong else ""
                    print(f"| {name} | {lang} | {statistics.median(speeds['native']):.0f} | {rival}{note} | {statistics.median(speeds[rival]):.1f} | {statistics.median(ratios[rival]):.1f} |", flush=True)


main()
