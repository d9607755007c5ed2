// Package metric names what is measured: one [Metric] for each figure that a
// report can show, with its unit, its direction, its formula and where that
// formula comes from. A figure without an entry here has no place in a report.
//
// Think of a metric as a fraction of sums over segments. The package defines;
// it does not compute intervals (bench/stat) and draws no table (results).
package metric

import "math"

// Direction says which way a figure is better for who pays.
type Direction int8

const (
	Neither Direction = iota
	Lower             // less is better
	Higher            // more is better
)

// Metric describes one figure.
type Metric struct {
	Name    string // [a-z0-9_]+, the key in JSON and CSV
	Title   string // column heading, short
	Unit    string // of the value
	Better  Direction
	Formula string // in words of DESIGN's table, Σ over the segments of one language
	Source  string // who defined it, or where its traps are described
	Trap    string // what it does not say, empty if nothing
}

// The metrics. T is tokens, L a language, B the base language.
var (
	Tokens = Metric{
		Name: "tokens", Title: "tokens", Unit: "tokens", Better: Lower,
		Formula: "Σ T(L), each segment encoded alone",
		Source:  "corpus token count: Arnett et al. 2025",
	}
	CharsPerToken = Metric{
		Name: "chars_per_token", Title: "chars/token", Unit: "code points per token", Better: Higher,
		Formula: "Σ code points(L) ÷ Σ T(L)",
		Source:  "common",
		Trap:    "not comparable across scripts: its ratio is no cost ratio",
	}
	GraphemesPerToken = Metric{
		Name: "graphemes_per_token", Title: "graphemes/token", Unit: "extended grapheme clusters per token", Better: Higher,
		Formula: "Σ grapheme clusters(L) ÷ Σ T(L)",
		Source:  "UAX #29",
		Trap:    "not comparable across scripts",
	}
	BytesPerToken = Metric{
		Name: "bytes_per_token", Title: "bytes/token", Unit: "UTF-8 bytes per token", Better: Higher,
		Formula: "Σ UTF-8 bytes(L) ÷ Σ T(L)",
		Source:  "compression ratio; common",
		Trap:    "flatters scripts of three bytes a character",
	}
	Premium = Metric{
		Name: "premium", Title: "premium", Unit: "ratio to the base language, same vocabulary", Better: Lower,
		Formula: "Σ T(L) ÷ Σ T(B) over the same segments",
		Source:  "tokenization premium: Petrov et al. 2023 (arXiv:2305.15425), as a ratio of sums by segment",
		Trap:    "its denominator moves between vocabularies: compare vocabularies by cost",
	}
	CostMultiplier = Metric{
		Name: "cost_multiplier", Title: "multiplier", Unit: "ratio of money to the base language under the base model", Better: Lower,
		Formula: "P(model) · Σ T(L) ÷ (P(base model) · Σ T_base(B)), P the input price",
		Source:  "this project",
	}
	EquivalentInput = Metric{
		Name: "input_per_mtok_equivalent", Title: "input", Unit: "money per million base-language tokens' worth of content, as input", Better: Lower,
		Formula: "P_input(model) · Σ T(L) ÷ Σ T_base(B)",
		Source:  "this project",
	}
	EquivalentOutput = Metric{
		Name: "output_per_mtok_equivalent", Title: "output", Unit: "money per million base-language tokens' worth of content, as output", Better: Lower,
		Formula: "P_output(model) · Σ T(L) ÷ Σ T_base(B)",
		Source:  "this project",
	}
)

// Ratio returns Σ num ÷ Σ den; NaN if den sums to zero.
func Ratio(num, den []uint32) float64 {
	d := sum(den)
	if d == 0 {
		return math.NaN() // not the infinity that a division by zero gives
	}
	return float64(sum(num)) / float64(d)
}

func sum(v []uint32) (s uint64) {
	for _, x := range v {
		s += uint64(x)
	}
	return s
}
