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
	MacroPremium = Metric{
		Name: "premium_macro", Title: "by domain", Unit: "ratio to the base language, same vocabulary", Better: Lower,
		Formula: "mean over the domains of Σ T(L) ÷ Σ T(B) within each",
		Source:  "this project: domain moves the premium more than sampling does",
	}
	CodePointRatio = Metric{
		Name: "code_point_ratio", Title: "chars ratio", Unit: "ratio to the base language", Better: Neither,
		Formula: "Σ code points(L) ÷ Σ code points(B): how many characters say the same",
		Source:  "exact decomposition of the premium, first factor",
		Trap:    "of the writing systems, not of the vocabulary",
	}
	ByteDensity = Metric{
		Name: "byte_density", Title: "byte density", Unit: "ratio to the base language", Better: Neither,
		Formula: "(Σ bytes(L) ÷ Σ code points(L)) ÷ (Σ bytes(B) ÷ Σ code points(B)): how many bytes UTF-8 takes for them",
		Source:  "exact decomposition of the premium, second factor; with the first it is the byte premium of Arnett, Chang and Bergen 2024 (arXiv:2403.00686)",
		Trap:    "of UTF-8, not of the vocabulary",
	}
	Compression = Metric{
		Name: "compression", Title: "compression", Unit: "ratio to the base language, same vocabulary", Better: Lower,
		Formula: "(Σ T(L) ÷ Σ bytes(L)) ÷ (Σ T(B) ÷ Σ bytes(B)): how much worse the vocabulary compresses the bytes",
		Source:  "exact decomposition of the premium, third factor: premium = code_point_ratio × byte_density × compression, of sums",
	}
	SplitShare = Metric{
		Name: "split_share", Title: "byte tokens", Unit: "share of tokens", Better: Lower,
		Formula: "tokens that alone are no well-formed UTF-8, as a byte or two of a character ÷ Σ T(L)",
		Source:  "byte-fallback share; common",
		Trap:    "a token that ends inside of a character counts, whatever whole characters stand before it",
	}
	UnknownShare = Metric{
		Name: "unknown_share", Title: "unknown", Unit: "share of tokens", Better: Lower,
		Formula: "tokens that stand for what the vocabulary cannot spell ÷ Σ T(L); above 10 % the cell is masked",
		Source:  "the threshold is that of Petrov et al. 2023 (arXiv:2305.15425), who take the share of characters",
		Trap:    "one unknown token may stand for a whole word: the share of the text that is lost is larger",
	}
	Fertility = Metric{
		Name: "fertility", Title: "tokens/word", Unit: "tokens per word (UAX #29 word boundaries, Unicode 17, with a letter or digit)", Better: Lower,
		Formula: "Σ T(L) ÷ Σ words(L)",
		Source:  "Rust et al., ACL 2021, doi:10.18653/v1/2021.acl-long.243",
		Trap:    "refused in scripts without spaces between words; in Korean a word is an eojeol, between spaces",
	}
	SingleTokenWords = Metric{
		Name: "single_token_words", Title: "whole words", Unit: "share of words (UAX #29)", Better: Higher,
		Formula: "words that are one token, alone or with the blank before them ÷ words, all occurrences",
		Source:  "single token retention rate (STRR)",
		Trap:    "refused in scripts without spaces between words",
	}
	VocabularyUsed = Metric{
		Name: "vocabulary_used", Title: "vocab used", Unit: "share of the vocabulary", Better: Neither,
		Formula: "different tokens that occur ÷ tokens that a text can become",
		Source:  "vocabulary utilisation; common",
		Trap:    "grows with the length of the text: compare over the same corpus only",
	}
	Renyi = Metric{
		Name: "renyi_efficiency", Title: "Rényi 2.5", Unit: "share of the largest entropy", Better: Higher,
		Formula: "H_α ÷ log₂ V with H_α = log₂(Σ p^α) ÷ (1−α), α = 2.5, p the share of each token, V the different tokens that occur",
		Source:  "Zouhar et al., Tokenization and the Noiseless Channel, ACL 2023 (arXiv:2306.16842)",
		Trap:    "V is what occurs, not the whole vocabulary; depends on the length of the text",
	}
	Shannon = Metric{
		Name: "shannon_efficiency", Title: "Shannon", Unit: "share of the largest entropy", Better: Higher,
		Formula: "−Σ p log₂ p ÷ log₂ V, p the share of each token, V the different tokens that occur",
		Source:  "Zouhar et al., Tokenization and the Noiseless Channel, ACL 2023 (arXiv:2306.16842)",
		Trap:    "as of renyi_efficiency",
	}
	NSL = Metric{
		Name: "nsl", Title: "NSL", Unit: "ratio to a fixed vocabulary, same language", Better: Lower,
		Formula: "Σ T(L) ÷ Σ T_fixed(L)",
		Source:  "normalised sequence length: Dagan, Synnaeve and Rozière 2024 (arXiv:2402.01035), as a ratio of sums",
	}
	EffectiveContext = Metric{
		Name: "effective_context", Title: "context", Unit: "tokens of the base language", Better: Higher,
		Formula: "window ÷ premium: how much content fits, in tokens of the base language under the same vocabulary",
		Source:  "common",
		Trap:    "of a window of the size told, not of that which a model has",
	}
	Gini = Metric{
		Name: "gini", Title: "Gini", Unit: "0 (all languages alike) to 1", Better: Lower,
		Formula: "Σᵢ Σⱼ |cᵢ − cⱼ| ÷ (2n²μ), c the tokens of each of n languages for the same content, μ their mean",
		Source:  "tokenizer fairness Gini: Foroutan et al., Parity-Aware Byte-Pair Encoding, 2025 (arXiv:2508.04796)",
		Trap:    "depends on the set of languages; low where much is unknown",
	}
	MaxMin = Metric{
		Name: "max_min", Title: "max/min", Unit: "ratio", Better: Lower,
		Formula: "largest ÷ smallest of the tokens of the languages for the same content",
		Source:  "common",
		Trap:    "depends on the set of languages",
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

// ByLanguage are the metrics of one language under one vocabulary that stand
// beside the premium, in the order of a table.
func ByLanguage() []Metric {
	return []Metric{
		CharsPerToken, GraphemesPerToken, BytesPerToken,
		CodePointRatio, ByteDensity, Compression,
		SplitShare, UnknownShare, Fertility, SingleTokenWords, VocabularyUsed,
		Renyi, Shannon, NSL, EffectiveContext,
	}
}

// MaxUnknown is the share of unknown tokens above which the figures of a cell
// are masked: what is not spelled costs nothing, and looks cheap.
const MaxUnknown = 0.1
