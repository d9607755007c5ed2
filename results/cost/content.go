// Package cost turns token inflation into money: what content in a language
// costs under a model, from counts of a parallel corpus, a book of prices and a
// workload.
//
// Think of a [Bill] as something that a person can do again with a pencil. A
// size in the base language becomes units of the model's own vocabulary (or
// characters, or nothing, where a request has one price), units become money at
// the rates that hold for a request of that size, and requests are multiplied by
// shares. All money is exact, in the currency of the list; only the ends of the
// intervals, which come from the bootstrap, are estimates.
//
// Inflation acts twice: tiers, the least size that is cached, context windows
// and limits are all counted in units, so that an inflated language meets them
// earlier. A bill says where it does.
package cost

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results"
)

// What else content can be counted in, in the place of a vocabulary. The names
// cannot be those of one.
const (
	Characters = "characters"          // code points
	Solid      = "characters/nonblank" // code points that are not blank
	Words      = "words"               // UAX #29 words with a letter or digit
)

// A Ratio is how much longer content is in one unit and language than in
// another, with the ends of its interval.
type Ratio struct {
	Num, Den int64    // sums over the corpus; both 0 for the mean over domains
	Value    *big.Rat // Num ÷ Den
	Lo, Hi   *big.Rat
	Warnings []string
}

// Content is a parallel corpus as it was counted: the same content in each
// language and vocabulary, by segment.
type Content struct {
	Base    string   // language
	Langs   []string // of the corpus
	Domains []string
	Level   float64

	counts map[[2]string][]uint32 // unit, language
	errs   map[[2]string]string
	domain []string // of each segment
	doc    []string
	draws  *stat.Bootstrap
	seed   uint64
	n      int
	macro  bool
	cache  map[[4]string]Ratio
}

// NewContent takes the counts from a set of records with one corpus. Where there
// are several engines, the first that did not fail counts. level and resamples
// are those of the intervals.
func NewContent(set *results.Set, level float64, resamples int) (*Content, error) {
	if len(set.Run.Corpora) != 1 {
		return nil, fmt.Errorf("cost: the run has %d corpora; cost one at a time", len(set.Run.Corpora))
	}
	corpus := set.Run.Corpora[0]
	c := &Content{
		Base: set.Run.Base, Langs: corpus.Langs, Domains: corpus.Domains, Level: level,
		counts: map[[2]string][]uint32{}, errs: map[[2]string]string{}, seed: set.Run.Seed, n: resamples, cache: map[[4]string]Ratio{},
	}
	if !slices.Contains(c.Langs, c.Base) {
		return nil, fmt.Errorf("cost: base language %s is not among the run's languages", c.Base)
	}
	for _, lang := range c.Langs {
		for _, d := range c.Domains {
			i := slices.IndexFunc(set.Texts, func(t results.Texts) bool { return t.Corpus == corpus.Name && t.Domain == d && t.Lang == lang })
			if i < 0 {
				return nil, fmt.Errorf("cost: no texts of %s/%s/%s: the run is not finished; go on with it by `babelmeter measure --resume`", corpus.Name, d, lang)
			}
			t := &set.Texts[i]
			c.counts[[2]string{Characters, lang}] = append(c.counts[[2]string{Characters, lang}], t.Chars...)
			c.counts[[2]string{Words, lang}] = append(c.counts[[2]string{Words, lang}], t.Words...)
			if lang == c.Base {
				for _, doc := range t.Docs {
					c.domain, c.doc = append(c.domain, d), append(c.doc, d+"\x00"+doc)
				}
			}
		}
		for _, v := range set.Run.Vocabs {
			key := [2]string{v.Name, lang}
			if _, done := c.counts[key]; done {
				continue
			}
			var tokens []uint32
			err := ""
			for _, d := range c.Domains {
				i := slices.IndexFunc(set.Records, func(r results.Record) bool {
					return r.Corpus == corpus.Name && r.Domain == d && r.Lang == lang && r.Vocab == v.Name && r.Engine == v.Engine
				})
				switch {
				case i < 0:
					err = "not measured"
				case set.Records[i].Err != "":
					err = set.Records[i].Err
				default:
					tokens = append(tokens, set.Records[i].Tokens...)
				}
			}
			if err != "" {
				c.errs[key] = err
				continue
			}
			delete(c.errs, key)
			c.counts[key] = tokens
		}
	}
	return c, c.draw()
}

// Add gives the counts of the content in another unit, segment by segment in the
// order of the domains, as [Solid] characters, which records do not hold.
func (c *Content) Add(unit, lang string, counts []uint32) error {
	if len(counts) != len(c.domain) {
		return fmt.Errorf("cost: %d counts of %s in %s, where the corpus has %d segments", len(counts), unit, lang, len(c.domain))
	}
	c.counts[[2]string{unit, lang}] = counts
	return nil
}

func (c *Content) draw() (err error) {
	number := func(names []string) []int {
		seen, list := map[string]int{}, make([]int, len(names))
		for i, n := range names {
			if _, ok := seen[n]; !ok {
				seen[n] = len(seen)
			}
			list[i] = seen[n]
		}
		return list
	}
	if c.draws, err = stat.NewBootstrap(number(c.doc), number(c.domain), c.n, c.seed); err != nil {
		return fmt.Errorf("cost: %w", err)
	}
	return nil
}

// Domain returns the content of one domain only, whose documents are drawn by
// themselves.
func (c *Content) Domain(name string) (*Content, error) {
	if !slices.Contains(c.Domains, name) {
		return nil, fmt.Errorf("cost: no domain %q", name)
	}
	d := *c
	d.Domains, d.counts, d.domain, d.doc, d.cache = []string{name}, map[[2]string][]uint32{}, nil, nil, map[[4]string]Ratio{}
	keep := func(i int) bool { return c.domain[i] == name }
	for i := range c.domain {
		if keep(i) {
			d.domain, d.doc = append(d.domain, name), append(d.doc, c.doc[i])
		}
	}
	for key, counts := range c.counts {
		var some []uint32
		for i, n := range counts {
			if keep(i) {
				some = append(some, n)
			}
		}
		d.counts[key] = some
	}
	return &d, d.draw()
}

// Macro returns the content with ratios that are the mean over the domains, each
// of which counts the same.
func (c *Content) Macro() *Content {
	d := *c
	d.macro, d.cache = true, map[[4]string]Ratio{}
	return &d
}

// Missing says why there are no counts in a unit and language, empty if there
// are.
func (c *Content) Missing(unit, lang string) string {
	key := [2]string{unit, lang}
	if c.counts[key] != nil {
		return ""
	}
	if e := c.errs[key]; e != "" {
		return e
	}
	return fmt.Sprintf("no counts of %s in %s", unit, lang)
}

// Sum returns the size of the content in a unit and language.
func (c *Content) Sum(unit, lang string) (n int64) {
	for _, x := range c.counts[[2]string{unit, lang}] {
		n += int64(x)
	}
	return n
}

// Ratio returns the size of the content in a unit and language over that in
// another. It panics if there are no counts: see [Content.Missing].
func (c *Content) Ratio(unit, lang, baseUnit, baseLang string) Ratio {
	key := [4]string{unit, lang, baseUnit, baseLang}
	if r, ok := c.cache[key]; ok {
		return r
	}
	num, den := c.counts[[2]string{unit, lang}], c.counts[[2]string{baseUnit, baseLang}]
	if num == nil || den == nil {
		panic(fmt.Sprintf("cost: ratio of %v without counts", key))
	}
	var r Ratio
	var iv stat.Interval
	if c.macro {
		r.Value = c.meanOfDomains(num, den)
		iv = c.draws.MacroRatio(num, den, c.Level)
	} else {
		r.Num, r.Den = c.Sum(unit, lang), c.Sum(baseUnit, baseLang)
		r.Value = big.NewRat(r.Num, max(r.Den, 1))
		iv = c.draws.RatioOfSums(num, den, c.Level)
	}
	r.Lo, r.Hi, r.Warnings = end(iv.Lo, r.Value), end(iv.Hi, r.Value), iv.Warnings
	if slices.Equal(num, den) {
		r.Lo, r.Hi, r.Warnings = r.Value, r.Value, nil
	}
	c.cache[key] = r
	return r
}

// end is an end of an interval as a fraction; the value where there is none.
func end(x float64, value *big.Rat) *big.Rat {
	if r := new(big.Rat).SetFloat64(x); r != nil {
		return r
	}
	return value
}

func (c *Content) meanOfDomains(num, den []uint32) *big.Rat {
	mean := new(big.Rat)
	for _, name := range c.Domains {
		var n, d int64
		for i, of := range c.domain {
			if of == name {
				n += int64(num[i])
				d += int64(den[i])
			}
		}
		mean.Add(mean, big.NewRat(n, max(d, 1)))
	}
	return mean.Quo(mean, new(big.Rat).SetInt64(int64(len(c.Domains))))
}
