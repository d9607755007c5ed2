package sample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/sample"
)

// hand has two domains (a of three segments, b of two), English and Japanese,
// under two vocabularies of which the second failed in b of Japanese.
//
//	        a        b      joined
//	v1  en  10 20 30 20 20  101
//	    ja  20 30 40 33 27  152
//	v2  en  20 40 60 40 40
//	    ja  24 36 48 (failed)
func hand() *results.Set {
	set := &results.Set{Run: results.Run{Schema: results.Schema, Base: "en", Seed: 3,
		Corpora: []results.Corpus{{Name: "hand", Domains: []string{"a", "b"}, Langs: []string{"en", "ja"}, Segments: 5, Docs: 4}},
		Vocabs:  []results.Vocab{{Name: "v1", Engine: "native"}, {Name: "v2", Engine: "native"}}}}
	for _, l := range []string{"en", "ja"} {
		set.Texts = append(set.Texts,
			results.Texts{Corpus: "hand", Domain: "a", Lang: l, Keys: []string{"1", "2", "3"}, Docs: []string{"p", "p", "q"},
				Bytes: []uint32{1, 1, 1}, Chars: []uint32{1, 1, 1}, Graphemes: []uint32{1, 1, 1}, Words: []uint32{1, 1, 1}},
			results.Texts{Corpus: "hand", Domain: "b", Lang: l, Keys: []string{"4", "5"}, Docs: []string{"p", "s"},
				Bytes: []uint32{1, 1}, Chars: []uint32{1, 1}, Graphemes: []uint32{1, 1}, Words: []uint32{1, 1}})
	}
	add := func(vocab, lang string, a, b []uint32) {
		r := results.Record{Corpus: "hand", Lang: lang, Vocab: vocab, Engine: "native"}
		r.Domain, r.Tokens = "a", a
		set.Records = append(set.Records, r)
		r.Domain, r.Tokens = "b", b
		if b == nil {
			r.Err = "engine panicked"
		}
		set.Records = append(set.Records, r)
	}
	add("v1", "en", []uint32{10, 20, 30}, []uint32{20, 20})
	add("v1", "ja", []uint32{20, 30, 40}, []uint32{33, 27})
	add("v2", "en", []uint32{20, 40, 60}, []uint32{40, 40})
	add("v2", "ja", []uint32{24, 36, 48}, nil)
	set.Wholes = []results.Whole{
		{Corpus: "hand", Lang: "en", Vocab: "v1", Engine: "native", Joined: 101},
		{Corpus: "hand", Lang: "ja", Vocab: "v1", Engine: "native", Joined: 152},
		{Corpus: "hand", Lang: "en", Vocab: "v2", Engine: "native", Joined: 201},
		{Corpus: "hand", Lang: "ja", Vocab: "v2", Engine: "native", Err: "engine panicked"},
	}
	return set
}

func newSample(t testing.TB, set *results.Set, o sample.Options) *sample.Sample {
	t.Helper()
	s, err := sample.New(set, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDefinitionsByHand(t *testing.T) {
	for _, c := range []struct {
		definition sample.Definition
		base       string
		domain     string
		want       float64
	}{
		{sample.Sum, "en", "", 1.5},                                           // 150/100
		{sample.Sum, "en", "a", 1.5},                                          // 90/60
		{sample.Sum, "en", "b", 1.5},                                          // 60/40
		{sample.Sum, "en", sample.Macro, 1.5},                                 // (1.5 + 1.5)/2
		{sample.Joined, "en", "", 152.0 / 101},                                //
		{sample.Joined, "en", "a", math.NaN()},                                // one text
		{sample.Mean, "en", "", (2 + 1.5 + 4.0/3 + 1.65 + 1.35) / 5},          //
		{sample.Mean, "en", "b", (1.65 + 1.35) / 2},                           //
		{sample.Median, "en", "", 1.5},                                        // of 2, 1.5, 1.33, 1.65, 1.35
		{sample.Median, "en", "a", 1.5},                                       //
		{sample.Sum, "ja", "", 1 / 1.5},                                       // it inverts
		{sample.Mean, "ja", "", (0.5 + 2.0/3 + 0.75 + 20/33.0 + 20/27.0) / 5}, // and this does not
	} {
		s := newSample(t, hand(), sample.Options{Premium: c.definition, Base: c.base})
		lang := "ja"
		if c.base == "ja" {
			lang = "en"
		}
		got := s.Premium(s.Column("v1", ""), lang, c.domain)
		if math.Abs(got.Center-c.want) > 1e-12 || math.IsNaN(got.Center) != math.IsNaN(c.want) {
			t.Errorf("%s over %s in %q: %v, want %v", c.definition, c.base, c.domain, got.Center, c.want)
		}
		if c.definition == sample.Joined && !math.IsNaN(got.Lo) {
			t.Errorf("joined has an interval: %+v", got)
		}
		if base := s.Premium(s.Column("v1", "native"), c.base, ""); base.Center != 1 || base.Lo != 1 || base.Hi != 1 || len(base.Warnings) > 0 {
			t.Errorf("%s of the base: %+v, want exactly 1", c.definition, base)
		}
	}
}

// Vocabularies and languages both may differ: what a provider's Korean costs
// over another's English.
func TestRatioAcross(t *testing.T) {
	s := newSample(t, hand(), sample.Options{})
	v1, v2 := s.Column("v1", ""), s.Column("v2", "")
	if got := s.Ratio(v2.Cell("en"), v1.Cell("ja"), "b"); math.Abs(got.Center-80.0/60) > 1e-15 {
		t.Errorf("got %v, want 80/60", got.Center)
	}
	got := s.Ratio(v2.Cell("ja"), v1.Cell("en"), "")
	if !math.IsNaN(got.Center) || !slices.Equal(got.Warnings, []string{"ja: engine panicked"}) {
		t.Errorf("of a failure: %+v", got)
	}
	if got := s.Premium(v1, "fr", ""); !math.IsNaN(got.Center) {
		t.Errorf("of no language: %+v", got)
	}
	if s.Column("v3", "") != nil || s.Column("v1", "other") != nil {
		t.Error("a column that is not there")
	}
	if p := s.Percentiles(v1.Cell("ja"), v1.Cell("en"), 0, 0.5, 1); !slices.Equal(p, []float64{4.0 / 3, 1.5, 2}) {
		t.Errorf("percentiles %v", p)
	}
	// 1.5 over English under v1; v2 failed.
	if got := s.Compare(v1, v1, "ja"); got.Center != 1 || got.Lo != 1 {
		t.Errorf("compared with itself: %+v", got)
	}
	if got := s.Compare(v1, v2, "ja"); !math.IsNaN(got.Center) {
		t.Errorf("compared with a failure: %+v", got)
	}
	if got := s.Compare(v2, v1, "en"); got.Center != 1 {
		t.Errorf("the base compared: %+v", got)
	}
	// Under v2 everything is certainly twice as long.
	ranks, err := s.Ranks("en", nil)
	if err != nil || !slices.Equal(ranks, []stat.Rank{{Lo: 1, Hi: 1}, {Lo: 2, Hi: 2}}) {
		t.Errorf("ranks %v, %v", ranks, err)
	}
	ranks, err = s.Ranks("en", func(x *sample.Cell) bool { return x == v1.Cell("en") })
	if err != nil || !slices.Equal(ranks, []stat.Rank{{}, {Lo: 1, Hi: 1}}) {
		t.Errorf("ranks without one: %v, %v", ranks, err)
	}
}

// The same name of a document in two domains is two documents.
func TestDocumentsAreDrawnWithinDomains(t *testing.T) {
	s := newSample(t, hand(), sample.Options{})
	for domain, want := range map[string][2]int{"": {5, 4}, "a": {3, 2}, "b": {2, 2}} {
		if n, d := s.Segments(domain); n != want[0] || d != want[1] {
			t.Errorf("%q: %d segments, %d documents, want %v", domain, n, d, want)
		}
	}
}

// Where the segments of a document resemble each other, the interval is wider
// than it would be were they drawn one by one.
func TestDocumentsWidenTheInterval(t *testing.T) {
	build := func(per int) stat.Interval {
		set := hand()
		rng := rand.New(rand.NewPCG(1, 2))
		var keys, docs []string
		var en, ja []uint32
		lean := 0.0
		for i := range 600 {
			if i%10 == 0 {
				lean = rng.Float64()
			}
			keys = append(keys, fmt.Sprint(i))
			docs = append(docs, fmt.Sprint(i/per))
			en = append(en, 100)
			ja = append(ja, uint32(100*(1+lean)+10*rng.Float64()))
		}
		set.Run.Corpora[0].Domains = []string{"a"}
		set.Texts, set.Records, set.Wholes = nil, nil, nil
		for _, l := range []string{"en", "ja"} {
			tokens := map[string][]uint32{"en": en, "ja": ja}[l]
			set.Texts = append(set.Texts, results.Texts{Corpus: "hand", Domain: "a", Lang: l, Keys: keys, Docs: docs, Bytes: en, Chars: en, Graphemes: en, Words: en})
			set.Records = append(set.Records, results.Record{Corpus: "hand", Domain: "a", Lang: l, Vocab: "v1", Engine: "native", Tokens: tokens})
		}
		s := newSample(t, set, sample.Options{})
		return s.Premium(s.Column("v1", ""), "ja", "")
	}
	one, ten := build(1), build(10)
	if w := (ten.Hi - ten.Lo) / (one.Hi - one.Lo); one.Center != ten.Center || !(w > 2.2 && w < 4) { // √10 = 3.16 if they were all alike
		t.Errorf("by segment %+v, by document %+v: %v times as wide", one, ten, w)
	}
}

func TestErrors(t *testing.T) {
	two := hand()
	two.Run.Corpora = append(two.Run.Corpora, two.Run.Corpora[0])
	unfinished := hand()
	unfinished.Texts = unfinished.Texts[:1]
	for _, c := range []struct {
		set  *results.Set
		o    sample.Options
		want string
	}{
		{hand(), sample.Options{Premium: "average"}, `sample: premium "average": expected one of sum, joined, mean, median`},
		{hand(), sample.Options{Base: "th"}, "sample: base language th is not among the run's languages (en, ja)"},
		{hand(), sample.Options{Resamples: -1}, "sample: stat: -1 resamples: want at least 1"},
		{two, sample.Options{}, "sample: the run has 2 corpora; report one at a time"},
		{unfinished, sample.Options{}, "sample: no texts of hand/b/en: the run is not finished; go on with it by `babelmeter measure --resume`"},
	} {
		if _, err := sample.New(c.set, c.o); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	for _, d := range sample.Definitions {
		if !strings.Contains(d.Formula(), "÷") {
			t.Errorf("%s: formula %q", d, d.Formula())
		}
	}
}
