"""Computes statistics of a made-up sample in another language and another way.

    python scripts/stat/reference.py > bench/stat/testdata/reference.json

Needs numpy. The test of bench/stat reads the result: what is exact must be
equal to rounding, the ends of intervals (which have other random numbers here)
must agree as closely as so many resamples allow.
"""

import json
import sys

import numpy as np

RESAMPLES = 100_000
LEVEL = 0.95


def sample():
    """Counts of segments in 60 documents of 3 domains, by a generator that
    needs no library (D. H. Lehmer's, modulus 2**31-1)."""
    state = 20261129

    def draw(n):
        nonlocal state
        state = state * 48271 % 2147483647
        return state % n

    document, domain, base, language, other = [], [], [], [], []
    for d in range(60):
        lean = 90 + draw(60)
        for _ in range(2 + draw(5)):
            b = 6 + draw(50)
            document.append(d)
            domain.append(d // 20)
            base.append(b)
            language.append(max(1, b * (lean + draw(40)) // 100))
            other.append(max(1, b * (lean + draw(30) + 2) // 100))
    return tuple(map(np.array, (document, domain, base, language, other)))


def interval(values):
    """The k-th and the (B+1-k)-th value, k = floor((B+1)(1-level)/2)."""
    values = np.sort(values)
    k = int((len(values) + 1) * (1 - LEVEL) / 2)
    return [float(values[k - 1]), float(values[-k])]


def main():
    document, domain, base, language, other = sample()
    documents = [np.flatnonzero(document == d) for d in range(60)]
    rng = np.random.default_rng(1)
    values = {name: [] for name in ("sum", "mean", "median", "macro", "pair")}
    for _ in range(RESAMPLES):
        rows, strata = [], []
        for s in range(3):
            drawn = rng.integers(20 * s, 20 * s + 20, 20)
            part = np.concatenate([documents[d] for d in drawn])
            rows.append(part)
            strata.append(language[part].sum() / base[part].sum())
        rows = np.concatenate(rows)
        ratios = language[rows] / base[rows]
        values["sum"].append(language[rows].sum() / base[rows].sum())
        values["mean"].append(ratios.mean())
        values["median"].append(np.median(ratios))
        values["macro"].append(np.mean(strata))
        values["pair"].append(language[rows].sum() / other[rows].sum())
    ratios = language / base
    center = {
        "sum": language.sum() / base.sum(),
        "mean": ratios.mean(),
        "median": np.median(ratios),
        "macro": np.mean([language[domain == s].sum() / base[domain == s].sum() for s in range(3)]),
        "pair": language.sum() / other.sum(),
    }
    # The counts again as how often as many tokens occur.
    p = language / language.sum()
    entropy = {str(a): float(np.log2((p**a).sum()) / (1 - a)) for a in (0, 0.5, 2, 2.5, 3)}
    entropy["1"] = float(-(p * np.log2(p)).sum())
    gini = float(np.abs(language[:, None] - language[None, :]).sum() / (2 * len(language) ** 2 * language.mean()))
    json.dump(
        {
            "made_by": "scripts/stat/reference.py, numpy " + np.__version__,
            "resamples": RESAMPLES,
            "level": LEVEL,
            "document": document.tolist(),
            "domain": domain.tolist(),
            "base": base.tolist(),
            "language": language.tolist(),
            "other": other.tolist(),
            "intervals": {k: {"center": float(center[k]), "ends": interval(np.array(v))} for k, v in values.items()},
            "entropy": entropy,
            "gini": gini,
        },
        sys.stdout,
    )
    print()


main()
