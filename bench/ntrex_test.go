package bench_test

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/sample"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
)

// TestIntervalsOfNTREX holds premiums and their intervals, by segment and by
// document, to figures that were measured before with another program
// (gpt-tokenizer 4.0.0 and a bootstrap in JavaScript). The texts (CC BY-SA 4.0)
// are not passed on: BABELMETER_NTREX names a folder with <lang>.txt, a segment
// a line, and DOCUMENT_IDS.tsv, a document a line.
func TestIntervalsOfNTREX(t *testing.T) {
	dir := os.Getenv("BABELMETER_NTREX")
	if dir == "" {
		t.Skip("BABELMETER_NTREX is not set: no texts to measure")
	}
	lines := func(name string) []string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		l := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		for i := range l {
			l[i] = strings.TrimSuffix(l[i], "\r")
		}
		return l
	}
	docs := lines("DOCUMENT_IDS.tsv")
	langs := []corpora.Lang{"en"}
	found, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if l := corpora.Lang(strings.TrimSuffix(filepath.Base(f), ".txt")); l != "en" {
			langs = append(langs, l)
		}
	}
	load := func(byDocument bool) *sample.Sample {
		texts := make(map[corpora.Lang][]corpora.Segment)
		for _, l := range langs {
			for i, text := range lines(string(l) + ".txt") {
				s := corpora.Segment{Key: strconv.Itoa(i), Doc: docs[i], Text: text}
				if !byDocument {
					s.Doc = s.Key
				}
				texts[l] = append(texts[l], s)
			}
		}
		c, err := corpora.New("ntrex128", langs, texts)
		if err != nil {
			t.Fatal(err)
		}
		p := bench.Plan{Run: results.Run{Base: "en", Seed: 1}, Corpus: c, Entries: []bench.Entry{{Spec: &tokenizers.Spec{Name: "o200k_base"}, Engine: builtinEngine{}}}}
		set, err := results.Collect(bench.Run(t.Context(), p))
		if err != nil {
			t.Fatal(err)
		}
		s, err := sample.New(set, sample.Options{Resamples: 4000})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	segments, documents := load(false), load(true)
	if n, d := documents.Segments(""); n != 1997 || d != 123 {
		t.Errorf("%d segments in %d documents, want 1,997 in 123", n, d)
	}
	for _, l := range langs[1:] {
		p := documents.Premium(documents.Column("o200k_base", ""), string(l), "")
		t.Logf("%s: %.3f [%.3f, %.3f]", l, p.Center, p.Lo, p.Hi)
		if !(p.Lo < p.Center && p.Center < p.Hi) || len(p.Warnings) > 0 {
			t.Errorf("%s: %+v", l, p)
		}
	}
	for lang, want := range map[string]struct{ premium, segment, document float64 }{
		"zh-Hans": {1.259, 0.95, 1.63}, "zh-Hant": {1.449, 0.91, 1.78}, "ja": {1.695, 0.81, 1.48}, "ko": {1.528, 0.83, 1.38}, "th": {1.83, 1.00, 2.15},
	} {
		half := func(s *sample.Sample) (float64, float64) {
			p := s.Premium(s.Column("o200k_base", ""), lang, "")
			return p.Center, 100 * (p.Hi - p.Lo) / 2 / p.Center
		}
		premium, a := half(segments)
		_, b := half(documents)
		t.Logf("%s: %.3f ±%.2f %% by segment, ±%.2f %% by document", lang, premium, a, b)
		if math.Abs(premium-want.premium) > 0.004 || math.Abs(a/want.segment-1) > 0.15 || math.Abs(b/want.document-1) > 0.15 {
			t.Errorf("%s: %.3f ±%.2f %% ±%.2f %%, want %v ±%v ±%v", lang, premium, a, b, want.premium, want.segment, want.document)
		}
	}
}

// builtinEngine is the native engine on the tables of the program.
type builtinEngine struct{ tokenizers.Native }

func (builtinEngine) Open(_ fs.FS, spec *tokenizers.Spec) (tokenizers.Encoder, error) {
	def, err := builtin.Open(spec.Name)
	if err != nil {
		return nil, err
	}
	return tokenizers.New(def)
}
