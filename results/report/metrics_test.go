package report_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/bench/metric"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/report"
	"github.com/babelmeter/babelmeter/results/sample"
	"github.com/babelmeter/babelmeter/results/table"
)

func value(t testing.TB, x *table.Table, column string, keys ...string) float64 {
	t.Helper()
	v, ok := get(t, x, column, keys...).Value.(float64)
	if !ok {
		return math.NaN()
	}
	return v
}

// told is the record file made by hand with what its tokens are: under v1, of
// Japanese 15 of 150 tokens are split, of Korean 50 of 125 are unknown.
func told(t testing.TB) *results.Set {
	return change(t, func(set *results.Set) {
		for i := range set.Records {
			r := &set.Records[i]
			if r.Vocab != "v1" {
				continue
			}
			r.Split, r.Unknown = make([]uint32, len(r.Tokens)), make([]uint32, len(r.Tokens))
			if r.Lang == "ja" && r.Domain == "a" {
				copy(r.Split, []uint32{5, 10, 0})
			}
			if r.Lang == "ko" && r.Domain == "b" {
				copy(r.Unknown, []uint32{25, 25})
			}
		}
		// 100 tokens of English: one 50 times, two 25 times each.
		set.Wholes = []results.Whole{{Corpus: "hand", Lang: "en", Vocab: "v1", Engine: "native", Joined: 101, Size: 300,
			Spectrum: [][2]uint64{{25, 2}, {50, 1}}, Words: 80, Single: 60}}
	})
}

// Every metric of English, Japanese and Korean under v1, by hand.
func TestMetricsByHand(t *testing.T) {
	r := newReport(t, told(t), report.Options{Fixed: "v2", Window: 3000})
	data := find(t, r.Data, "metrics")
	nan := math.NaN()
	for name, want := range map[string][3]float64{ // en, ja, ko
		"chars_per_token":     {4, 1.5, nan},                           // 400/100, 225/150; ko is masked
		"graphemes_per_token": {4, 1.5, nan},                           //
		"bytes_per_token":     {4, 4.5, nan},                           // 675/150
		"code_point_ratio":    {1, 225.0 / 400, nan},                   //
		"byte_density":        {1, 3, nan},                             // (675/225)/(400/400)
		"compression":         {1, (150.0 / 675) / (100.0 / 400), nan}, //
		"split_share":         {0, 0.1, nan},                           // 15/150
		"unknown_share":       {0, 0, 0.4},                             // 50/125
		"fertility":           {1.25, nan, nan},                        // 100/80; ja is refused
		"single_token_words":  {0.75, nan, nan},                        // 60/80
		"vocabulary_used":     {0.01, nan, nan},                        // 3/300
		"shannon_efficiency":  {1.5 / math.Log2(3), nan, nan},          // p = ½, ¼, ¼
		"nsl":                 {0.5, 150.0 / 180, nan},                 // 100/200
		"effective_context":   {3000, 2000, nan},                       // premium 1.5
		"types":               {3, nan, nan},                           //
		"renyi_efficiency":    {math.Log2(math.Pow(0.5, 2.5)+2*math.Pow(0.25, 2.5)) / -1.5 / math.Log2(3), nan, nan},
	} {
		for i, lang := range []string{"en", "ja", "ko"} {
			got := value(t, data, name, "v1", "native", lang)
			if n, ok := get(t, data, name, "v1", "native", lang).Value.(int64); ok {
				got = float64(n)
			}
			if math.IsNaN(got) != math.IsNaN(want[i]) || math.Abs(got-want[i]) > 1e-12 {
				t.Errorf("%s of %s: %v, want %v", name, lang, got, want[i])
			}
		}
	}
	refused := get(t, data, "refused", "v1", "native", "ja").Text
	if !strings.Contains(refused, "fertility: no spaces between words") || !strings.Contains(refused, "single_token_words: ") {
		t.Errorf("refused in ja: %q", refused)
	}
	if refused := get(t, data, "refused", "v1", "native", "ko").Text; !strings.Contains(refused, "fertility: masked: 40 % unknown") {
		t.Errorf("refused in ko: %q", refused)
	}
	// Masked everywhere: no premium of it is shown.
	for _, name := range []string{"tokens", "domains"} {
		for _, row := range find(t, r.Data, name).Rows {
			if row[0].Text == "v1" && row[2].Text == "ko" && name == "domains" && row[7].Value != nil {
				t.Errorf("a premium of a masked cell by domain: %v", row[7].Value)
			}
		}
		if notes := strings.Join(find(t, r.Tables, name).Notes, "\n"); !strings.Contains(notes, "v1: masked, since more than 10 % of the tokens stand for what the vocabulary cannot spell: ko (40 % unknown)") {
			t.Errorf("%s: notes %s", name, notes)
		}
	}
	if v := get(t, find(t, r.Data, "tokens"), "premium", "v1", "native", "ko").Value; v != nil {
		t.Errorf("premium of a masked cell: %v", v)
	}
	if v := get(t, find(t, r.Data, "tokens"), "chars_per_token", "v1", "native", "ko").Value; v != nil {
		t.Errorf("chars per token of a masked cell: %v", v)
	}
	// Nor what it would cost.
	priced := newReport(t, told(t), report.Options{Prices: book(t), BaseModel: "m1"})
	if got := get(t, find(t, priced.Tables, "cost"), "ko", "m1").Text; got != "masked" {
		t.Errorf("cost of a masked cell: %q", got)
	}
	// Gini of 100 and 150 without the masked one: 50·2/(2·4·125).
	parity := find(t, r.Data, "parity")
	if got := value(t, parity, "gini", "v1", "native"); math.Abs(got-0.1) > 1e-12 {
		t.Errorf("Gini %v, want 0.1", got)
	}
	if got := value(t, parity, "max_min", "v1", "native"); got != 1.5 {
		t.Errorf("max/min %v, want 1.5", got)
	}
}

// The product of the decomposition is the premium, whatever the counts.
func TestDecompositionIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 50 {
		set := change(t, func(set *results.Set) {
			draw := func(s []uint32) {
				for i := range s {
					s[i] = 1 + rng.Uint32N(1000)
				}
			}
			for i := range set.Texts {
				draw(set.Texts[i].Chars)
				draw(set.Texts[i].Bytes)
			}
			for i := range set.Records {
				draw(set.Records[i].Tokens)
			}
		})
		r := newReport(t, set, report.Options{Resamples: 10})
		metrics, tokens := find(t, r.Data, "metrics"), find(t, r.Data, "tokens")
		for _, lang := range []string{"en", "ja", "ko"} {
			product := 1.0
			for _, m := range []metric.Metric{metric.CodePointRatio, metric.ByteDensity, metric.Compression} {
				product *= value(t, metrics, m.Name, "v1", "native", lang)
			}
			if p := value(t, tokens, "premium", "v1", "native", lang); !(math.Abs(product/p-1) < 1e-12) {
				t.Errorf("%s: product %v, premium %v", lang, product, p)
			}
		}
	}
}

// Words are not counted where there is no space between them, whatever the tag
// says of the region; and where a language is written in another script, that
// one decides.
func TestUnspacedScripts(t *testing.T) {
	for lang, refused := range map[string]bool{
		"zh": true, "zh-Hant-HK": true, "yue": true, "ja": true, "th": true, "lo": true, "km": true, "my": true, "bo": true, "dz": true,
		"ko": false, "vi": false, "id": false, "hi": false, "ta": false, "mn": false, "fil": false, "ms": false, "bn": false, "zh-Latn": false, "ja-Latn": false,
	} {
		set := change(t, func(set *results.Set) {
			rename := func(l *string) {
				switch *l {
				case "ja":
					*l = lang
				case "ko":
					*l = "x-ko"
				}
			}
			for i := range set.Run.Corpora[0].Langs {
				rename(&set.Run.Corpora[0].Langs[i])
			}
			for i := range set.Texts {
				rename(&set.Texts[i].Lang)
			}
			for i := range set.Records {
				rename(&set.Records[i].Lang)
			}
		})
		r := newReport(t, set, report.Options{Resamples: 10})
		data := find(t, r.Data, "metrics")
		got := math.IsNaN(value(t, data, "fertility", "v1", "native", lang))
		if got != refused {
			t.Errorf("%s: fertility refused: %v, want %v", lang, got, refused)
		}
	}
}

func TestMetricsThatAreNone(t *testing.T) {
	for _, c := range []struct {
		o    report.Options
		want string
	}{
		{report.Options{Metrics: []string{"charm"}}, `report: no metric "charm"; metrics: chars_per_token, `},
		{report.Options{Fixed: "v9"}, "report: the fixed vocabulary v9 was not measured; measured: v1, v2, v3"},
		{report.Options{Premium: "average"}, `sample: premium "average": expected one of sum, joined, mean, median`},
	} {
		if _, err := report.New(hand(t), c.o); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// No table of names that a reader knows is wider than a terminal, but for one
// whose key columns alone are.
func TestTablesFitATerminal(t *testing.T) {
	for _, def := range sample.Definitions {
		r := newReport(t, told(t), report.Options{Premium: def, Metrics: []string{"chars_per_token", "renyi_efficiency", "effective_context", "nsl", "fertility", "split_share", "unknown_share"}})
		for _, x := range r.Tables {
			var b bytes.Buffer
			if err := x.WriteText(&b, 80); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
					t.Errorf("%s by %s: %d columns: %s", x.Name, def, n, line)
				}
			}
		}
	}
}
