// Package sample puts the counts of records side by side and takes ratios of
// them, with their intervals.
//
// Think of a [Sample] as a table of the same segments: a column for each
// vocabulary under its engine, a cell in it for each language, the counts of
// all segments in the cell. Every ratio that it gives comes from the same
// resamples (see bench/stat), so that any two of them are paired. What a
// figure is of is said by a domain: "" is all segments as they are, [Macro] the
// mean over the domains, each counting the same, and a name is that domain.
package sample

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results"
)

// Macro in place of a domain is the mean over the domains of the figure within
// each.
const Macro = "*"

// Definition is a way of making one figure of the counts of two texts.
type Definition string

// The definitions. T is tokens, L a language, B the base, i a segment.
const (
	// Sum is Σ T(Lᵢ) ÷ Σ T(Bᵢ): what the text costs.
	Sum Definition = "sum"
	// Joined is T(L₁ L₂ …) ÷ T(B₁ B₂ …), all segments joined by blanks: A.
	// Petrov, E. La Malfa, P. H. S. Torr and A. Bibi, "Language Model Tokenizers
	// Introduce Unfairness Between Languages", NeurIPS 2023 (arXiv:2305.15425).
	// It has no interval and no domains: there is one text.
	Joined Definition = "joined"
	// Mean is the mean over i of T(Lᵢ) ÷ T(Bᵢ): larger than Sum, and its
	// inverse is not the premium of the base over the language.
	Mean Definition = "mean"
	// Median is the median over i of T(Lᵢ) ÷ T(Bᵢ).
	Median Definition = "median"
)

// Definitions are all, the default first.
var Definitions = []Definition{Sum, Joined, Mean, Median}

// Formula returns the definition in words, to be shown with the figure.
func (d Definition) Formula() string {
	switch d {
	case Joined:
		return "T(L) ÷ T(B) of all segments joined by blanks (Petrov et al. 2023)"
	case Mean:
		return "mean over the segments of T(L) ÷ T(B)"
	case Median:
		return "median over the segments of T(L) ÷ T(B)"
	}
	return "Σ T(L) ÷ Σ T(B) over the same segments"
}

// Options say how a sample is read. The zero value is ready.
type Options struct {
	Base      string     // base language; default that of the run
	Premium   Definition // default Sum
	Level     float64    // of the intervals; default 0.95
	Resamples int        // of the bootstrap; default 1000
}

// Cell is one language under one vocabulary, over all domains in the order of
// the corpus's domains. If Err is set there are no counts, and why.
type Cell struct {
	Lang                           string
	Tokens                         []uint32
	Chars, Bytes, Graphemes, Words []uint32
	Split, Unknown                 []uint32       // nil if the records do not tell
	Whole                          *results.Whole // nil if the records do not tell
	Err                            string
}

// Column is one vocabulary under one engine.
type Column struct {
	Vocab results.Vocab
	Cells []*Cell // by language, in the order of Langs
}

// Sample is the counts of one corpus.
type Sample struct {
	Run    results.Run
	Corpus results.Corpus
	Langs  []string
	// Domains are those of the corpus.
	Domains []string
	Base    string
	Options Options
	Columns []*Column // in the order of the run

	boot   *stat.Bootstrap
	strata []*stat.Bootstrap // by domain
	start  []int             // of each domain, and the end
}

// New reads a set of records. It is an error if the run has not one corpus, if
// it is not finished in the base language, or if there is no such language.
func New(set *results.Set, o Options) (*Sample, error) {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Resamples == 0 {
		o.Resamples = 1000
	}
	if o.Base == "" {
		o.Base = set.Run.Base
	}
	if o.Premium == "" {
		o.Premium = Sum
	}
	if !slices.Contains(Definitions, o.Premium) {
		return nil, fmt.Errorf("sample: premium %q: expected one of %s", o.Premium, join(Definitions))
	}
	if len(set.Run.Corpora) != 1 {
		return nil, fmt.Errorf("sample: the run has %d corpora; report one at a time", len(set.Run.Corpora))
	}
	corpus := set.Run.Corpora[0]
	if !slices.Contains(corpus.Langs, o.Base) {
		return nil, fmt.Errorf("sample: base language %s is not among the run's languages (%s)", o.Base, strings.Join(corpus.Langs, ", "))
	}
	s := &Sample{Run: set.Run, Corpus: corpus, Langs: corpus.Langs, Domains: corpus.Domains, Base: o.Base, Options: o}
	if err := s.resample(set); err != nil {
		return nil, err
	}
	s.collect(set)
	return s, nil
}

func join(list []Definition) string {
	s := make([]string, len(list))
	for i, d := range list {
		s[i] = string(d)
	}
	return strings.Join(s, ", ")
}

// resample draws the resamples from the documents and domains of the base
// language.
func (s *Sample) resample(set *results.Set) error {
	docs := make(map[string]int)
	var clusters, strata []int
	for n, d := range s.Domains {
		t := findTexts(set, s.Corpus.Name, d, s.Base)
		if t == nil {
			return fmt.Errorf("sample: no texts of %s/%s/%s: the run is not finished; go on with it by `babelmeter measure --resume`", s.Corpus.Name, d, s.Base)
		}
		s.start = append(s.start, len(clusters))
		for _, doc := range t.Docs {
			k := d + "\x00" + doc
			if _, ok := docs[k]; !ok {
				docs[k] = len(docs)
			}
			clusters = append(clusters, docs[k])
			strata = append(strata, n)
		}
	}
	s.start = append(s.start, len(clusters))
	b, err := stat.NewBootstrap(clusters, strata, s.Options.Resamples, s.Run.Seed)
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	s.boot = b
	for n := range s.Domains {
		s.strata = append(s.strata, b.Stratum(n))
	}
	return nil
}

func findTexts(set *results.Set, corpus, domain, lang string) *results.Texts {
	for i := range set.Texts {
		if t := &set.Texts[i]; t.Corpus == corpus && t.Domain == domain && t.Lang == lang {
			return t
		}
	}
	return nil
}

// collect joins the domains of each vocabulary and language.
func (s *Sample) collect(set *results.Set) {
	type key struct{ vocab, engine, domain, lang string }
	records := make(map[key]*results.Record, len(set.Records))
	for i := range set.Records {
		rec := &set.Records[i]
		records[key{rec.Vocab, rec.Engine, rec.Domain, rec.Lang}] = rec
	}
	wholes := make(map[key]*results.Whole, len(set.Wholes))
	for i := range set.Wholes {
		w := &set.Wholes[i]
		wholes[key{vocab: w.Vocab, engine: w.Engine, lang: w.Lang}] = w
	}
	for _, v := range set.Run.Vocabs {
		col := &Column{Vocab: v}
		for _, l := range s.Langs {
			c := &Cell{Lang: l, Whole: wholes[key{vocab: v.Name, engine: v.Engine, lang: l}]}
			col.Cells = append(col.Cells, c)
			if v.Needs != "" {
				c.Err = "needs " + v.Needs
				continue
			}
			for _, d := range s.Domains {
				t := findTexts(set, s.Corpus.Name, d, l)
				rec := records[key{v.Name, v.Engine, d, l}]
				switch {
				case t == nil || rec == nil:
					c.Err = "not measured"
				case rec.Err != "":
					c.Err = rec.Err
				default:
					c.Tokens = append(c.Tokens, rec.Tokens...)
					c.Chars = append(c.Chars, t.Chars...)
					c.Bytes = append(c.Bytes, t.Bytes...)
					c.Graphemes = append(c.Graphemes, t.Graphemes...)
					c.Words = append(c.Words, t.Words...)
					c.Split = append(c.Split, rec.Split...)
					c.Unknown = append(c.Unknown, rec.Unknown...)
				}
			}
			// Half of it would be a share of something else.
			if len(c.Split) < len(c.Tokens) {
				c.Split = nil
			}
			if len(c.Unknown) < len(c.Tokens) {
				c.Unknown = nil
			}
			if c.Whole != nil && c.Whole.Err != "" {
				c.Whole = nil
			}
		}
		s.Columns = append(s.Columns, col)
	}
}

// Column returns a vocabulary under an engine, any one if engine is empty; nil
// if there is none. A column without failures goes before one with them.
func (s *Sample) Column(vocab, engine string) *Column {
	var found *Column
	for _, c := range s.Columns {
		if c.Vocab.Name != vocab || engine != "" && c.Vocab.Engine != engine {
			continue
		}
		if found == nil || found.Failed() && !c.Failed() {
			found = c
		}
	}
	return found
}

// Failed reports whether any language of the column did.
func (c *Column) Failed() bool {
	return slices.ContainsFunc(c.Cells, func(x *Cell) bool { return x.Err != "" })
}

// Cell returns the cell of a language, nil if there is none.
func (c *Column) Cell(lang string) *Cell {
	for _, x := range c.Cells {
		if x.Lang == lang {
			return x
		}
	}
	return nil
}

// Premium returns the premium of a language under a vocabulary over the base
// language under the same one, by the definition of the sample, in a domain.
// Without counts of the one or the other it is NaN and a warning says why.
func (s *Sample) Premium(c *Column, lang, domain string) stat.Interval {
	return s.Over(s.Options.Premium, c.Cell(lang), c.Cell(s.Base), domain)
}

// Ratio returns Σ T(num) ÷ Σ T(den) in a domain: of two languages under one
// vocabulary, of two vocabularies in one language, or of both, as the tokens of
// Korean under one vocabulary over those of English under another.
func (s *Sample) Ratio(num, den *Cell, domain string) stat.Interval {
	return s.Over(Sum, num, den, domain)
}

// Compare returns the premium of a language under a over that under b, from the
// same resamples: if 1 is outside of the interval, the two treat the language
// differently, whatever else they do.
func (s *Sample) Compare(a, b *Column, lang string) stat.Interval {
	cells := []*Cell{a.Cell(lang), a.Cell(s.Base), b.Cell(lang), b.Cell(s.Base)}
	for _, c := range cells {
		if c == nil || c.Err != "" {
			return s.undefined("no counts")
		}
	}
	return s.boot.RatioOfRatios(cells[0].Tokens, cells[1].Tokens, cells[2].Tokens, cells[3].Tokens, s.Options.Level)
}

// Over is Ratio by any definition.
func (s *Sample) Over(def Definition, num, den *Cell, domain string) stat.Interval {
	for _, c := range []*Cell{num, den} {
		switch {
		case c == nil:
			return s.undefined("no counts")
		case c.Err != "":
			return s.undefined(c.Lang + ": " + c.Err)
		}
	}
	if num == den && len(num.Tokens) > 0 {
		return stat.Interval{Center: 1, Lo: 1, Hi: 1, Level: s.Options.Level}
	}
	if def == Joined {
		switch {
		case domain != "":
			return s.undefined("the joined definition is of the whole corpus, not of a domain")
		case num.Whole == nil || den.Whole == nil:
			return s.undefined("the records have no counts of the joined text; measure again, with --details")
		}
		v := float64(num.Whole.Joined) / float64(den.Whole.Joined)
		return stat.Interval{Center: v, Lo: math.NaN(), Hi: math.NaN(), Level: s.Options.Level}
	}
	level := s.Options.Level
	ratio := func(b *stat.Bootstrap, num, den []uint32) stat.Interval {
		switch def {
		case Mean:
			return b.MeanOfRatios(num, den, level)
		case Median:
			return b.MedianOfRatios(num, den, level)
		}
		return b.RatioOfSums(num, den, level)
	}
	switch domain {
	case "":
		return ratio(s.boot, num.Tokens, den.Tokens)
	case Macro:
		if def != Sum {
			return s.undefined("the mean over the domains is given for the definition sum only")
		}
		return s.boot.MacroRatio(num.Tokens, den.Tokens, level)
	}
	n := slices.Index(s.Domains, domain)
	if n < 0 {
		return s.undefined("no domain " + domain)
	}
	return ratio(s.strata[n], num.Tokens[s.start[n]:s.start[n+1]], den.Tokens[s.start[n]:s.start[n+1]])
}

func (s *Sample) undefined(why string) stat.Interval {
	nan := math.NaN()
	return stat.Interval{Center: nan, Lo: nan, Hi: nan, Level: s.Options.Level, Warnings: []string{why}}
}

// Segments returns the number of segments and of documents in a domain; ""
// and Macro are all.
func (s *Sample) Segments(domain string) (segments, documents int) {
	b := s.boot
	if n := slices.Index(s.Domains, domain); n >= 0 {
		b = s.strata[n]
	}
	return b.Segments(), b.Clusters()
}

// Percentiles returns the p-quantiles over the segments of T(num) ÷ T(den),
// those with tokens in den.
func (s *Sample) Percentiles(num, den *Cell, p ...float64) []float64 {
	var ratios []float64
	if num.Err == "" && den.Err == "" {
		for i, d := range den.Tokens {
			if d > 0 {
				ratios = append(ratios, float64(num.Tokens[i])/float64(d))
			}
		}
	}
	return stat.Quantiles(ratios, p...)
}

// Ranks orders the columns by their tokens in a language and says which places
// each may have (see stat.Bootstrap.Ranks). A column that failed there, or that
// leave (which may be nil) leaves out, has the zero Rank.
func (s *Sample) Ranks(lang string, leave func(*Cell) bool) ([]stat.Rank, error) {
	var counts [][]uint32
	var at []int
	for i, c := range s.Columns {
		if x := c.Cell(lang); x != nil && x.Err == "" && (leave == nil || !leave(x)) {
			counts = append(counts, x.Tokens)
			at = append(at, i)
		}
	}
	ranks := make([]stat.Rank, len(s.Columns))
	if len(counts) == 0 {
		return ranks, nil
	}
	got, err := s.boot.Ranks(counts, s.Options.Level)
	if err != nil {
		return nil, fmt.Errorf("sample: %s: %w", lang, err)
	}
	for i, r := range got {
		ranks[at[i]] = r
	}
	return ranks, nil
}

// In returns the counts of the n-th domain.
func (s *Sample) In(counts []uint32, n int) []uint32 { return counts[s.start[n]:s.start[n+1]] }
