"""Times this module's engine against others: fresh text, one thread, in turn.

    python run.py --texts DIR --vocabs DIR [--rounds 7] [--cpu 1] [--only NAME ...]

DIR of texts holds en.txt, zh.txt, ja.txt, ko.txt (texts.py makes them), DIR of
vocabularies NAME/FILE as a mirror does; what is not there is skipped with a
line. Each round runs every engine once, in a process of its own on the same
processor; what is printed is the median of the rounds, and of the ratios round
by round. The numbers of ids are compared first: an engine that gives another
number is shown as wrong, and its speed in brackets.

Each engine is warmed on 60 % of a text and timed once on the rest, which it has
not seen. Python's libraries are timed around their own call.
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
SLOW = 300_000  # bytes that the slow ones are timed on

OPENAI = ["tiktoken", "gigatoken", "quicktok", "bpe-openai", "gpt-tokenizer", "tiktoken-go", "tiktoken-go/tokenizer"]
# vocabulary → file below the folder of vocabularies, rivals
PLAN = {
    "o200k_base": ("o200k_base/o200k_base.tiktoken", OPENAI),
    "cl100k_base": ("cl100k_base/cl100k_base.tiktoken", OPENAI),
    "qwen3": ("qwen3/tokenizer.json", ["tokenizers", "gigatoken"]),
    "deepseek_v3": ("deepseek_v3/tokenizer.json", ["tokenizers", "gigatoken"]),
    "llama3": ("llama3_hf/tokenizer.json", ["tokenizers", "gigatoken"]),
    "gemma3": ("gemma3/tokenizer.json", ["tokenizers", "gigatoken"]),
    "gemma2": ("gemma2/tokenizer.model", ["sentencepiece", "gigatoken"]),
    "llama2": ("llama2/tokenizer.model", ["sentencepiece", "gigatoken"]),
    "mistral_v3": ("mistral_v3/tokenizer.model.v3", ["sentencepiece"]),
    "llm_jp_v3": ("llm_jp_v3/tokenizer.model", ["sentencepiece"]),
    "bert_base_uncased": ("bert_base_uncased/tokenizer.json", ["tokenizers", "sugarme"]),
}


class Runner:
    def __init__(self, cpu, temporary):
        self.cpu, self.tmp = cpu, temporary
        self.missing = set()
        self.native = f"{temporary}/native"
        subprocess.run(["go", "build", "-o", self.native, "./native"], cwd=HERE, check=True)
        self.rust = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "rust" / "target")) / "release" / "rivals"

    def command(self, engine, name, path, text, pattern):
        builtin = name in ("o200k_base", "cl100k_base", "qwen3", "deepseek_v3")
        match engine:
            case "native":
                return [self.native, "-vocab", name if builtin else str(path), text]
            case "tiktoken-go" | "tiktoken-go/tokenizer":
                return [self.native, "-engine", engine, "-limit", str(SLOW), "-vocab", name, text]
            case "sugarme":
                return [self.native, "-engine", engine, "-limit", "30000", "-vocab", str(path), text]
            case "bpe-openai":
                return [str(self.rust), name, text]
            case "gpt-tokenizer":
                return ["node", str(HERE / "js" / "main.mjs"), name, text]
            case "quicktok":
                return [sys.executable, str(HERE / "reference.py"), engine, name, text]
        return [sys.executable, str(HERE / "reference.py"), engine, str(path), text, "--pattern", pattern]

    def run(self, engine, *args):
        """What an engine says of itself, None if it cannot be run."""
        if engine in self.missing:
            return None
        command = self.command(engine, *args)
        if self.cpu is not None:
            command = ["taskset", "-c", str(self.cpu), *command]
        try:
            out = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "GOMAXPROCS": "1"})
        except (OSError, subprocess.CalledProcessError) as err:
            if engine == "native":
                raise
            said = getattr(err, "stderr", None) or str(err)
            print(f"{engine} on {args[0]}: {said.strip().splitlines()[-1]}", file=sys.stderr)
            if isinstance(err, OSError):
                self.missing.add(engine)
            return None
        return json.loads(out.stdout)


def processor():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def median(values):
    return statistics.median(values) if values else float("nan")


def number(x):
    return f"{x:.0f}" if x >= 20 else f"{x:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", required=True, type=pathlib.Path)
    parser.add_argument("--vocabs", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cpu", type=int)
    parser.add_argument("--only", nargs="*", default=list(PLAN))
    parser.add_argument("--rivals", nargs="*", help="only these engines")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        runner = Runner(args.cpu, temporary)
        print(f"{processor()}, {os.cpu_count()} processors; medians of {args.rounds} rounds on fresh text, one thread.\n")
        print("MB/s of UTF-8; behind a rival's, how many times as fast this module's engine is in the same rounds.\n")
        print("| vocabulary | engine | " + " | ".join(LANGS) + " |\n|---|---|" + "---:|" * len(LANGS))
        for name in args.only:
            file, rivals = PLAN[name]
            path = args.vocabs / file
            if not path.exists():
                print(f"skipped: no {path}", file=sys.stderr)
                continue
            if args.rivals is not None:
                rivals = [r for r in rivals if r in args.rivals]
            manifest = tomllib.loads((ROOT / f"tokenizers/manifests/{name}.toml").read_text("utf-8"))
            pattern = pathlib.Path(temporary) / "pattern"
            pattern.write_text("|".join(manifest.get("split", [])), "utf-8")
            cells = {engine: [] for engine in ["native", *rivals]}
            for lang in LANGS:
                said = {engine: [] for engine in cells}
                ratios = {engine: [] for engine in rivals}
                for _ in range(args.rounds):
                    for engine in cells:
                        if (got := runner.run(engine, name, path, str(args.texts / f"{lang}.txt"), str(pattern))) is not None:
                            said[engine].append(got)
                            if engine != "native":
                                ratios[engine].append(said["native"][-1]["fresh"] / got["fresh"])
                cells["native"].append(number(median([s["fresh"] for s in said["native"]])))
                for engine in rivals:
                    if not said[engine]:
                        cells[engine].append("fails")
                        continue
                    last, ours = said[engine][-1], said["native"][-1]
                    speed = number(median([s["fresh"] for s in said[engine]]))
                    if last["bytes"] == ours["bytes"] and last["ids"] != ours["ids"]:
                        cells[engine].append(f"{last['ids'] - ours['ids']:+d} ids ({speed})")
                    else:
                        cells[engine].append(f"{speed} · {number(median(ratios[engine]))}×")
            for engine, row in cells.items():
                print(f"| {name} | {engine} | " + " | ".join(row) + " |", flush=True)


main()
