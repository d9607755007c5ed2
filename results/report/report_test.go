package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/report"
	"github.com/babelmeter/babelmeter/results/table"
)

// hand is a record file made by hand: five segments in four documents (a.p of
// two, a.q, b.r, b.s) of two domains (a and b), in three languages.
//
//	        tokens by segment: a        b        sum   code points   bytes
//	v1  en  10 20 30           20 20    100   400           400
//	    ja  20 30 40           33 27    150   225           675
//	    ko  15 25 35           25 25    125   200           500
//	v2  en  20 40 60           40 40    200   400           400
//	    ja  24 36 48           36 36    180   225           675
//	    ko  30 50 70           (failed)
//	v3                         (failed)
func hand(t testing.TB) *results.Set {
	t.Helper()
	f, err := os.Open("testdata/hand.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	set, err := results.ReadSet(f, f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// book has a price for each model of the record file: m1 and m2 in dollars for
// a million tokens, m3 in yuan for a thousand, m4 in dollars. gpt-4o is in the
// book, but no record is of it.
func book(t testing.TB) *price.Book {
	t.Helper()
	const head = "[[source]]\nkey = \"s\"\ntitle = \"a list\"\nurl = \"https://example.org/list\"\nrevision = \"r9\"\ndate = 2026-08-20\n\n"
	entry := func(model, rest string) string {
		return "[[price]]\nmodel = \"" + model + "\"\n" + rest + "\nsources = [\"s\"]\n\n"
	}
	b, err := price.Read(fstest.MapFS{
		"one.toml": {Data: []byte("provider = \"one\"\ncurrency = \"USD\"\nunit = \"token\"\nper = 1_000_000\n" + head +
			entry("m1", "input = \"1.00\"\noutput = \"4\"\nto = 2026-01-01\nchecked = 2025-12-31") +
			entry("m1", "input = \"2.00\"\noutput = \"8\"\nfrom = 2026-01-01\nchecked = 2026-08-20") +
			entry("m2", "input = \"0.50\"\nchecked = 2026-08-19\nstatus = \"deprecated\"") +
			entry("m4", "input = \"3\"\noutput = \"9\"\nchecked = 2026-08-20") +
			entry("gpt-4o", "input = \"2.50\"\noutput = \"10\"\nchecked = 2026-08-20") +
			entry("free", "input = \"0\"\noutput = \"0\"\nstatus = \"free\"\nchecked = 2026-08-20") +
			entry("silent", "status = \"not_published\"\nchecked = 2026-08-20") +
			entry("won", "input = \"12345.6\"\nchecked = 2026-08-20\ncurrency = \"KRW\"") +
			entry("chars", "input = \"1\"\nunit = \"character\"\nchecked = 2026-08-20"))},
		"two.toml": {Data: []byte("provider = \"two\"\ncurrency = \"CNY\"\nunit = \"token\"\nper = 1000\n" + head +
			entry("m3", "input = \"0.01\"\noutput = \"0.03\"\nchecked = 2026-08-20"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newReport(t testing.TB, set *results.Set, o report.Options) *report.Report {
	t.Helper()
	r, err := report.New(set, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func find(t testing.TB, tables []*table.Table, name string) *table.Table {
	t.Helper()
	i := slices.IndexFunc(tables, func(x *table.Table) bool { return x.Name == name })
	if i < 0 {
		t.Fatalf("no table %s", name)
	}
	return tables[i]
}

// count is the number of tables beside those of the statistics, which every
// report has.
func count(tables []*table.Table) (n int) {
	for _, x := range tables {
		if !slices.Contains([]string{"domains", "metrics", "ranks", "parity"}, x.Name) {
			n++
		}
	}
	return n
}

// get returns the cell of a column in the row with the given keys.
func get(t testing.TB, x *table.Table, column string, keys ...string) table.Cell {
	t.Helper()
	j := slices.IndexFunc(x.Columns, func(c table.Column) bool { return c.Name == column })
	if j < 0 {
		t.Fatalf("table %s has no column %s", x.Name, column)
	}
	for _, row := range x.Rows {
		same := true
		for i, k := range keys {
			same = same && row[i].Text == k
		}
		if same {
			return row[j]
		}
	}
	t.Fatalf("table %s has no row %v", x.Name, keys)
	return table.Cell{}
}

func text(t testing.TB, tables []*table.Table) string {
	t.Helper()
	var b bytes.Buffer
	for i, x := range tables {
		if i > 0 {
			b.WriteString("\n")
		}
		if err := x.WriteText(&b, 80); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; UPDATE=1 go test makes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestGolden(t *testing.T) {
	r := newReport(t, hand(t), report.Options{Prices: book(t), BaseModel: "m1"})
	golden(t, "hand.txt", text(t, r.Tables))
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "hand.json", b.String())
	if !json.Valid(b.Bytes()) {
		t.Error("not JSON")
	}
	for _, x := range r.Data {
		b.Reset()
		if err := x.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, "hand."+x.Name+".csv", b.String())
	}
}

// Every figure of the table of tokens, by hand from the table above.
func TestTokensByHand(t *testing.T) {
	r := newReport(t, hand(t), report.Options{})
	data := find(t, r.Data, "tokens")
	for _, c := range []struct {
		vocab, lang                                string
		tokens, chars, bytes                       int64
		charsPerToken, graphemesPerToken, bytesPer float64
		premium                                    float64
		verified, agree                            int64
		err                                        string
	}{
		{"v1", "en", 100, 400, 400, 4, 4, 4, 1, 9, 9, ""},                              // 400/100
		{"v1", "ja", 150, 225, 675, 1.5, 1.5, 4.5, 1.5, 9, 9, ""},                      // 225/150, 675/150, 150/100
		{"v1", "ko", 125, 200, 500, 1.6, 1.6, 4, 1.25, 9, 9, ""},                       // 200/125, 500/125, 125/100
		{"v2", "en", 200, 400, 400, 2, 2, 2, 1, 0, 0, ""},                              // 400/200
		{"v2", "ja", 180, 225, 675, 1.25, 1.25, 3.75, 0.9, 0, 0, ""},                   // 225/180, 675/180, 180/200
		{"v2", "ko", 0, 0, 0, 0, 0, 0, 0, 0, 0, "engine panicked: index out of range"}, // not the half that was counted
		{"v3", "en", 0, 0, 0, 0, 0, 0, 0, 9, 8, "differs from ref 1.0 on 1 of 9 reference texts; first: text 4"},
	} {
		want := map[string]any{
			"segments": int64(5), "tokens": c.tokens, "chars": c.chars, "graphemes": c.chars, "bytes": c.bytes, "chars_per_token": c.charsPerToken,
			"graphemes_per_token": c.graphemesPerToken, "bytes_per_token": c.bytesPer, "premium": c.premium, "err": nil,
		}
		if c.err != "" {
			for k := range want {
				want[k] = nil
			}
			want["err"], want["premium_lo"], want["premium_hi"] = c.err, nil, nil
		}
		want["verified_texts"], want["verified_agree"] = c.verified, c.agree
		got := make(map[string]any)
		for k := range want {
			got[k] = get(t, data, k, c.vocab, "native", c.lang).Value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s/%s (-want +got):\n%s", c.vocab, c.lang, diff)
		}
	}
	if len(data.Rows) != 9 || count(r.Data) != 1 || count(r.Tables) != 1 {
		t.Errorf("%d rows, %d and %d tables; want 9 and one of each without prices", len(data.Rows), count(r.Data), count(r.Tables))
	}
	view := find(t, r.Tables, "tokens")
	for _, c := range []struct{ column, vocab, lang, want string }{
		{"tokens", "v1", "ja", "150"}, {"chars_per_token", "v1", "ja", "1.50"}, {"bytes_per_token", "v1", "ja", "4.50"}, {"premium", "v1", "ja", "1.500"},
		{"premium_interval", "v1", "en", ""}, // one is one, and no estimate
		{"tokens", "v2", "ko", "failed"}, {"premium", "v2", "ko", ""}, {"tokens", "v3", "en", "failed"},
	} {
		if got := get(t, view, c.column, c.vocab, c.lang).Text; got != c.want {
			t.Errorf("%s of %s/%s is %q, want %q", c.column, c.vocab, c.lang, got, c.want)
		}
	}
	for _, want := range []string{
		"exact: native gives the ids of the reference on all of 9 texts: ref 1.0 (v1)",
		"v2 (native) in ko: engine panicked: index out of range",
		"v2: not verified: there are no reference vectors", // but it counted two languages
		"v3 (native): differs from ref 1.0 on 1 of 9 reference texts; first: text 4",
	} {
		if !slices.Contains(view.Notes, want) {
			t.Errorf("no note %q in %q", want, view.Notes)
		}
	}
}

// The interval is that of package stat: documents resampled within domains,
// by the run's seed.
func TestIntervalIsThatOfStat(t *testing.T) {
	docs, domains := []int{0, 0, 1, 2, 3}, []int{0, 0, 0, 1, 1}
	seen := make(map[[2]float64]bool)
	for seed := range uint64(20) {
		set := change(t, func(set *results.Set) { set.Run.Seed = seed })
		data := find(t, newReport(t, set, report.Options{Level: 0.5, Resamples: 9}).Data, "tokens")
		boot, err := stat.NewBootstrap(docs, domains, 9, seed)
		if err != nil {
			t.Fatal(err)
		}
		want := boot.RatioOfSums([]uint32{20, 30, 40, 33, 27}, []uint32{10, 20, 30, 20, 20}, 0.5)
		lo, hi := get(t, data, "premium_lo", "v1", "native", "ja").Value, get(t, data, "premium_hi", "v1", "native", "ja").Value
		if lo != want.Lo || hi != want.Hi {
			t.Errorf("seed %d: interval %v to %v, want %v to %v", seed, lo, hi, want.Lo, want.Hi)
		}
		seen[[2]float64{want.Lo, want.Hi}] = true
	}
	if len(seen) < 2 {
		t.Error("no seed of the test changes the interval")
	}
	for _, o := range []report.Options{{}, {Level: 0.9, Resamples: 333}} {
		r := newReport(t, hand(t), report.Options{Level: o.Level, Resamples: o.Resamples, Prices: book(t), BaseModel: "m1"})
		level, resamples := 0.95, 1000
		if o.Level != 0 {
			level, resamples = o.Level, o.Resamples
		}
		boot, err := stat.NewBootstrap(docs, domains, resamples, 7)
		if err != nil {
			t.Fatal(err)
		}
		en, ja := []uint32{10, 20, 30, 20, 20}, []uint32{20, 30, 40, 33, 27}
		want := boot.RatioOfSums(ja, en, level)
		if !(want.Lo < 1.5 && 1.5 < want.Hi) {
			t.Fatalf("the interval %v to %v of the test does not hold 1.5", want.Lo, want.Hi)
		}
		data := find(t, r.Data, "tokens")
		lo, hi := get(t, data, "premium_lo", "v1", "native", "ja").Value, get(t, data, "premium_hi", "v1", "native", "ja").Value
		if lo != want.Lo || hi != want.Hi {
			t.Errorf("level %v: interval %v to %v, want %v to %v", level, lo, hi, want.Lo, want.Hi)
		}
		// Money is the list price, 2, times the ratio, end by end.
		cost := find(t, r.Data, "cost")
		lo, hi = get(t, cost, "input_lo", "m1", "v1", "ja").Value, get(t, cost, "input_hi", "m1", "v1", "ja").Value
		if lo != 2*want.Lo || hi != 2*want.Hi {
			t.Errorf("level %v: input %v to %v, want %v to %v", level, lo, hi, 2*want.Lo, 2*want.Hi)
		}
		// m3's tokens over m1's English, from the same resamples.
		across := boot.RatioOfSums([]uint32{24, 36, 48, 36, 36}, en, level)
		lo, hi = get(t, cost, "output_lo", "m3", "v2", "ja").Value, get(t, cost, "output_hi", "m3", "v2", "ja").Value
		if lo != 30*across.Lo || hi != 30*across.Hi {
			t.Errorf("level %v: output %v to %v, want %v to %v", level, lo, hi, 30*across.Lo, 30*across.Hi)
		}
		if r.Provenance.Level != level || r.Provenance.Resamples != resamples {
			t.Errorf("provenance says level %v and %d resamples", r.Provenance.Level, r.Provenance.Resamples)
		}
	}
}

// Money for a million tokens' worth of English under m1 (100 tokens), by hand.
func TestCostByHand(t *testing.T) {
	r := newReport(t, hand(t), report.Options{Prices: book(t), BaseModel: "m1"})
	money, multiplier, data := find(t, r.Tables, "cost"), find(t, r.Tables, "multiplier"), find(t, r.Data, "cost")
	for _, c := range []struct{ model, lang, money, multiplier string }{
		{"m1", "en", "2/8", "1"},                  // 100 ÷ 100 tokens at 2 and 8
		{"m1", "ja", "3/12", "1.5"},               // 150 ÷ 100
		{"m1", "ko", "2.5/10", "1.25"},            // 125 ÷ 100
		{"m2", "en", "0.5", "0.25"},               // 0.5 ÷ 2; there is no price of output
		{"m2", "ja", "0.75", "0.375"},             // 0.5 × 1.5
		{"m2", "ko", "0.625", "0.312"},            // 0.5 × 1.25; 0.3125 to three digits
		{"m3 (estimate)", "en", "CNY 20/60", "–"}, // 0.01 and 0.03 a thousand are 10 and 30 a million; 200 ÷ 100
		{"m3 (estimate)", "ja", "CNY 18/54", "–"}, // 180 ÷ 100; yuan over dollars is no ratio
		{"m3 (estimate)", "ko", "failed", "failed"},
		{"m4", "en", "failed", "failed"},
	} {
		if got := get(t, money, c.lang, c.model).Text; got != c.money {
			t.Errorf("%s in %s costs %q, want %q", c.model, c.lang, got, c.money)
		}
		if got := get(t, multiplier, c.lang, c.model).Text; got != c.multiplier {
			t.Errorf("multiplier of %s in %s is %q, want %q", c.model, c.lang, got, c.multiplier)
		}
	}
	for _, c := range []struct {
		model, vocab, lang, column string
		want                       any
	}{
		{"m1", "v1", "ja", "list_input", 2.0}, {"m1", "v1", "ja", "list_output", 8.0},
		{"m1", "v1", "ja", "input_per_mtok_equivalent", 3.0}, {"m1", "v1", "ja", "output_per_mtok_equivalent", 12.0}, {"m1", "v1", "ja", "cost_multiplier", 1.5},
		{"m1", "v1", "ja", "provenance", "exact"}, {"m1", "v1", "ja", "currency", "USD"},
		{"m2", "v1", "ko", "input_per_mtok_equivalent", 0.625}, {"m2", "v1", "ko", "cost_multiplier", 0.3125},
		{"m2", "v1", "ko", "list_output", nil}, {"m2", "v1", "ko", "output_per_mtok_equivalent", nil}, {"m2", "v1", "ko", "output_lo", nil}, {"m2", "v1", "ko", "provenance", "vendor_proxy"},
		{"m3", "v2", "ja", "list_input", 10.0}, {"m3", "v2", "ja", "input_per_mtok_equivalent", 18.0}, {"m3", "v2", "ja", "output_per_mtok_equivalent", 54.0},
		{"m3", "v2", "ja", "currency", "CNY"}, {"m3", "v2", "ja", "cost_multiplier", nil}, {"m3", "v2", "ja", "cost_multiplier_lo", nil}, {"m3", "v2", "ja", "cost_multiplier_hi", nil},
		{"m3", "v2", "ja", "provenance", "estimate"}, {"m3", "v2", "ja", "price_checked", "2026-08-20"}, {"m3", "v2", "ja", "price_source", "a list https://example.org/list at r9"},
	} {
		if got := get(t, data, c.column, c.model, c.vocab, c.lang).Value; got != c.want {
			t.Errorf("%s of %s in %s is %v, want %v", c.column, c.model, c.lang, got, c.want)
		}
	}
	if want := "USD per million English-equivalent tokens, input/output: what a million tokens of English text under m1 (v1) costs to say in each language"; money.Title != want {
		t.Errorf("title %q, want %q", money.Title, want)
	}
	for _, want := range []string{
		"deprecated by the vendor, last known price: m2",
		"vendor_proxy, counted with the vocabulary of the vendor's own software, not with what it bills by: m2",
		"estimate, counted with a vocabulary that may be another than the model's: m3",
		"list prices as in the price book, the oldest checked on 2026-08-19; verify with the provider before you rely on them",
	} {
		if !slices.Contains(money.Notes, want) {
			t.Errorf("no note %q in %q", want, money.Notes)
		}
	}
	p := r.Provenance
	if p.BaseModel != "m1" || p.PriceDate != "latest in the book" || len(p.Prices) != 4 {
		t.Errorf("provenance: base model %q, prices on %q, %d prices", p.BaseModel, p.PriceDate, len(p.Prices))
	}
	want := report.Priced{Model: "m3", Provider: "two", Currency: "CNY", Per: 1000, Input: "0.01", Output: "0.03", Checked: "2026-08-20", Source: "a list https://example.org/list at r9", Status: "public"}
	if diff := cmp.Diff(want, p.Prices[2]); diff != "" {
		t.Errorf("provenance of a price (-want +got):\n%s", diff)
	}
}

// A price has its time.
func TestPricesOnADay(t *testing.T) {
	on, err := price.ParseDate("2025-06-01")
	if err != nil {
		t.Fatal(err)
	}
	r := newReport(t, hand(t), report.Options{Prices: book(t), BaseModel: "m1", On: on})
	if got := get(t, find(t, r.Tables, "cost"), "ja", "m1").Text; got != "1.5/6" { // 1 and 4 × 1.5
		t.Errorf("m1 in ja costs %q, want 1.5/6", got)
	}
	if r.Provenance.PriceDate != "2025-06-01" {
		t.Errorf("prices on %q", r.Provenance.PriceDate)
	}
}

// change makes a set of the record file with something else in it.
func change(t testing.TB, f func(set *results.Set)) *results.Set {
	t.Helper()
	set := hand(t)
	f(set)
	return set
}

// rename gives a model of the first vocabulary another name.
func rename(to string) func(*results.Set) {
	return func(set *results.Set) { set.Run.Vocabs[0].Models[0].Name = to }
}

func TestBaseModel(t *testing.T) {
	noTable := func(t *testing.T, r *report.Report, why string) {
		t.Helper()
		notes := find(t, r.Tables, "tokens").Notes
		if count(r.Tables) != 1 || count(r.Data) != 1 || notes[len(notes)-1] != "no table of costs: "+why {
			t.Errorf("%d tables, last note %q; want one and %q", count(r.Tables), notes[len(notes)-1], why)
		}
	}
	t.Run("missing", func(t *testing.T) {
		_, err := report.New(hand(t), report.Options{Prices: book(t), BaseModel: "m9"})
		if want := "report: base model m9 was not measured or has no price; measured and priced: m1, m2, m3, m4"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("without a price", func(t *testing.T) {
		_, err := report.New(change(t, rename("silent")), report.Options{Prices: book(t), BaseModel: "silent"})
		if want := "report: base model silent was not measured or has no price; measured and priced: m2, m3, m4"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("default not measured", func(t *testing.T) {
		r := newReport(t, hand(t), report.Options{Prices: book(t)})
		if want := "gpt-4o was not measured or failed: the base model is m1"; r.Provenance.BaseModel != "m1" || !slices.Contains(find(t, r.Tables, "cost").Notes, want) {
			t.Errorf("base model %q, notes %q", r.Provenance.BaseModel, find(t, r.Tables, "cost").Notes)
		}
	})
	t.Run("default failed", func(t *testing.T) {
		set := change(t, func(set *results.Set) { set.Run.Vocabs[2].Models[0].Name = "gpt-4o" })
		r := newReport(t, set, report.Options{Prices: book(t)})
		if r.Provenance.BaseModel != "m1" || get(t, find(t, r.Tables, "cost"), "ja", "gpt-4o").Text != "failed" {
			t.Errorf("base model %q", r.Provenance.BaseModel)
		}
	})
	t.Run("chosen one failed", func(t *testing.T) {
		r := newReport(t, hand(t), report.Options{Prices: book(t), BaseModel: "m4"})
		noTable(t, r, "en has no counts of the base model m4: differs from ref 1.0 on 1 of 9 reference texts; first: text 4")
	})
	t.Run("no model has a price", func(t *testing.T) {
		r := newReport(t, change(t, func(set *results.Set) {
			set.Run.Vocabs = set.Run.Vocabs[:1]
			set.Run.Vocabs[0].Models[0].Name, set.Run.Vocabs[0].Models[1].Name = "silent", "unknown"
		}), report.Options{Prices: book(t)})
		noTable(t, r, "no model of these vocabularies has a price by token in the price book")
		notes := strings.Join(find(t, r.Tables, "tokens").Notes, "\n")
		for _, want := range []string{"silent: no price by token (not_published, token)", "no price in the book: unknown"} {
			if !strings.Contains(notes, want) {
				t.Errorf("no note %q in\n%s", want, notes)
			}
		}
	})
	t.Run("all failed", func(t *testing.T) {
		r := newReport(t, change(t, func(set *results.Set) { set.Run.Vocabs = set.Run.Vocabs[2:] }), report.Options{Prices: book(t)})
		noTable(t, r, "en has no counts of any model with a price")
	})
	t.Run("by character", func(t *testing.T) {
		r := newReport(t, change(t, rename("chars")), report.Options{Prices: book(t), BaseModel: "m2"})
		if want := "chars: no price by token (public, character)"; !slices.Contains(find(t, r.Tables, "cost").Notes, want) {
			t.Errorf("no note %q in %q", want, find(t, r.Tables, "cost").Notes)
		}
	})
	t.Run("free", func(t *testing.T) {
		r := newReport(t, change(t, rename("free")), report.Options{Prices: book(t), BaseModel: "free"})
		money, multiplier := find(t, r.Tables, "cost"), find(t, r.Tables, "multiplier")
		if a, b := get(t, money, "ja", "free").Text, get(t, multiplier, "ja", "free").Text; a != "0/0" || b != "–" {
			t.Errorf("free costs %q with multiplier %q, want 0/0 and –", a, b)
		}
		if b, v := get(t, multiplier, "ja", "m2").Text, get(t, find(t, r.Data, "cost"), "cost_multiplier", "m2", "v1", "ja").Value; b != "–" || v != nil {
			t.Errorf("a price over nothing is %q and %v, want – and no value", b, v)
		}
	})
}

// Prices in won have five digits and no exponent.
func TestLargeAmounts(t *testing.T) {
	r := newReport(t, change(t, rename("won")), report.Options{Prices: book(t), BaseModel: "won"})
	money := find(t, r.Tables, "cost")
	for lang, want := range map[string]string{"en": "12346", "ja": "18518", "ko": "15432"} { // 12345.6 × 1, 1.5, 1.25
		if got := get(t, money, lang, "won").Text; got != want {
			t.Errorf("won in %s: %q, want %q", lang, got, want)
		}
	}
	if got := get(t, money, "ja", "m2").Text; got != "USD 0.75" {
		t.Errorf("m2 in a table of won: %q", got)
	}
}

// Any language can be the base.
func TestBaseLanguage(t *testing.T) {
	r := newReport(t, change(t, func(set *results.Set) { set.Run.Base = "ja" }), report.Options{Prices: book(t), BaseModel: "m1"})
	data := find(t, r.Data, "tokens")
	for _, c := range []struct {
		vocab, lang string
		want        float64
	}{
		{"v1", "ja", 1}, {"v1", "en", 100.0 / 150}, {"v1", "ko", 125.0 / 150}, {"v2", "en", 200.0 / 180},
	} {
		if got := get(t, data, "premium", c.vocab, "native", c.lang).Value; got != c.want {
			t.Errorf("premium of %s under %s is %v, want %v", c.lang, c.vocab, got, c.want)
		}
	}
	money := find(t, r.Tables, "cost")
	if got := get(t, money, "en", "m1").Text; got != "1.33/5.33" { // 2 and 8 × 100 ÷ 150
		t.Errorf("m1 in en over ja costs %q, want 1.33/5.33", got)
	}
	if got := get(t, money, "ja", "m1").Text; got != "2/8" {
		t.Errorf("m1 in ja costs %q, want 2/8", got)
	}
	if !strings.Contains(money.Title, "a million tokens of ja text under m1 (v1)") || !strings.Contains(data.Title, "premium over ja") {
		t.Errorf("titles %q and %q", money.Title, data.Title)
	}
}

// Where the base failed there is no premium: not one of zero.
func TestBaseLanguageFailed(t *testing.T) {
	r := newReport(t, change(t, func(set *results.Set) { set.Run.Base = "ko" }), report.Options{})
	data, view := find(t, r.Data, "tokens"), find(t, r.Tables, "tokens")
	for _, column := range []string{"premium", "premium_lo", "premium_hi"} {
		if got := get(t, data, column, "v2", "native", "ja"); got.Value != nil {
			t.Errorf("%s of v2 in ja without counts of ko is %v, want none", column, got.Value)
		}
	}
	if got := get(t, data, "tokens", "v2", "native", "ja").Value; got != int64(180) {
		t.Errorf("tokens of v2 in ja are %v, want 180", got)
	}
	if p, i := get(t, view, "premium", "v2", "ja").Text, get(t, view, "premium_interval", "v2", "ja").Text; p != "–" || i != "" {
		t.Errorf("premium is shown as %q with interval %q", p, i)
	}
	if got := get(t, data, "premium", "v1", "native", "ja").Value; got != 150.0/125 {
		t.Errorf("premium of v1 in ja over ko is %v, want 1.2", got)
	}
}

// second adds the first vocabulary once more under another engine. Its counts
// are those of the first, doubled.
func second(set *results.Set) {
	v := set.Run.Vocabs[0]
	v.Engine, v.Version = "other", "v9"
	set.Run.Vocabs = slices.Insert(set.Run.Vocabs, 1, v)
	for _, rec := range set.Records {
		if rec.Vocab == "v1" {
			rec.Engine = "other"
			rec.Tokens = slices.Clone(rec.Tokens)
			for i := range rec.Tokens {
				rec.Tokens[i] *= 2
			}
			set.Records = append(set.Records, rec)
		}
	}
}

func TestTwoEngines(t *testing.T) {
	r := newReport(t, change(t, second), report.Options{Prices: book(t), BaseModel: "m1"})
	data, view := find(t, r.Data, "tokens"), find(t, r.Tables, "tokens")
	if a, b := get(t, data, "tokens", "v1", "native", "ja").Value, get(t, data, "tokens", "v1", "other", "ja").Value; a != int64(150) || b != int64(300) {
		t.Errorf("tokens %v and %v, want 150 and 300", a, b)
	}
	// A reader must be able to tell them apart.
	if a, b := get(t, view, "tokens", "v1 native", "ja").Text, get(t, view, "tokens", "v1 other", "ja").Text; a != "150" || b != "300" {
		t.Errorf("shown as %q and %q, want 150 and 300", a, b)
	}
	money := find(t, r.Tables, "cost")
	n := 0
	for _, row := range money.Rows {
		if row[0].Text == "m1" {
			n++
		}
	}
	if got := get(t, money, "ja", "m1").Text; n != 1 || got != "3/12" {
		t.Errorf("m1 has %d rows and costs %q, want one, of the first engine, and 3/12", n, got)
	}
}

// A second engine stands in for one that failed.
func TestSecondEngineStandsInForAFailedOne(t *testing.T) {
	set := change(t, func(set *results.Set) {
		second(set)
		for i := range set.Records {
			if rec := &set.Records[i]; rec.Vocab == "v1" && rec.Engine == "native" {
				rec.Tokens, rec.Err = nil, "time limit of 2m0s exceeded"
			}
		}
	})
	r := newReport(t, set, report.Options{Prices: book(t), BaseModel: "m1"})
	if got := get(t, find(t, r.Tables, "cost"), "ja", "m1").Text; got != "3/12" { // 300 ÷ 200
		t.Errorf("m1 in ja costs %q, want 3/12", got)
	}
	view := find(t, r.Tables, "tokens")
	if got := get(t, view, "tokens", "v1 native", "ja").Text; got != "failed" || !slices.Contains(view.Notes, "v1 (native): time limit of 2m0s exceeded") {
		t.Errorf("the failed engine is shown as %q, notes %q", got, view.Notes)
	}
}

// A vocabulary that serves no model has no price, and nobody misses it.
func TestVocabulariesOfNoModel(t *testing.T) {
	r := newReport(t, change(t, func(set *results.Set) {
		for i := range set.Run.Vocabs {
			set.Run.Vocabs[i].Models = nil
		}
	}), report.Options{Prices: book(t), BaseModel: "m1"})
	if notes := strings.Join(find(t, r.Tables, "tokens").Notes, "\n"); count(r.Tables) != 1 || strings.Contains(notes, "cost") {
		t.Errorf("%d tables, notes\n%s", count(r.Tables), notes)
	}
}

// A file of others may hold counts of an engine that is not exact.
func TestNotesOfVerification(t *testing.T) {
	r := newReport(t, change(t, func(set *results.Set) { set.Run.Vocabs[0].Verified.Agree = 7 }), report.Options{})
	want := "v1: not exact; native differs from ref 1.0 on 2 of 9 reference texts"
	if notes := find(t, r.Tables, "tokens").Notes; !slices.Contains(notes, want) {
		t.Errorf("no note %q in %q", want, notes)
	}
}

// The table of engines says of each what it did with the vectors.
func TestEngines(t *testing.T) {
	set := change(t, func(set *results.Set) {
		second(set) // v1 under "native" and "other", of which only one is compared
		set.Run.Vocabs[3].Verified = results.Verified{}
		for i := range set.Records {
			if set.Records[i].Vocab == "v3" {
				set.Records[i].Err = "open: no such file"
			}
		}
		set.Run.Compared = []results.Compared{
			{Vocab: "v1", Engine: "third", Version: "v3", Verified: results.Verified{Texts: 9, Agree: 7, First: "text 2"}},
			{Vocab: "v2", Engine: "third", Version: "v3", Err: "open: not one of its encodings"},
			{Vocab: "v3", Engine: "third", Version: "v3", Verified: results.Verified{Texts: 9, Agree: 9}},
		}
	})
	r := newReport(t, set, report.Options{})
	golden(t, "engines.txt", text(t, []*table.Table{find(t, r.Tables, "engines")}))
	var b bytes.Buffer
	if err := find(t, r.Data, "engines").WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "engines.csv", b.String())
	for _, x := range newReport(t, hand(t), report.Options{}).Tables {
		if x.Name == "engines" {
			t.Error("a table of engines where nothing was compared")
		}
	}
}

func TestUnfinishedRun(t *testing.T) {
	// Without the base's sizes nothing can be said.
	_, err := report.New(change(t, func(set *results.Set) { set.Texts = set.Texts[:1]; set.Records = nil }), report.Options{})
	if want := "sample: no texts of hand/b/en: the run is not finished; go on with it by `babelmeter measure --resume`"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	// A language or a vocabulary that is not there yet is shown as such.
	r := newReport(t, change(t, func(set *results.Set) { set.Records = set.Records[:4] }), report.Options{})
	data := find(t, r.Data, "tokens")
	if got := get(t, data, "premium", "v1", "native", "ja").Value; got != 1.5 {
		t.Errorf("premium of what is finished: %v, want 1.5", got)
	}
	for _, k := range [][]string{{"v1", "native", "ko"}, {"v2", "native", "en"}} {
		if got := get(t, data, "err", k...).Value; got != "not measured" {
			t.Errorf("%v: err %v, want not measured", k, got)
		}
	}
	// Half of a language is not a language.
	r = newReport(t, change(t, func(set *results.Set) { set.Records = set.Records[:3] }), report.Options{})
	if got := get(t, find(t, r.Data, "tokens"), "tokens", "v1", "native", "ja").Value; got != nil {
		t.Errorf("tokens of one domain of two: %v, want none", got)
	}
}

func TestRunsThatCannotBeReported(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(set *results.Set)
		o      report.Options
		want   string
	}{
		{"two corpora", func(set *results.Set) { set.Run.Corpora = append(set.Run.Corpora, set.Run.Corpora[0]) }, report.Options{}, "sample: the run has 2 corpora; report one at a time"},
		{"no corpus", func(set *results.Set) { set.Run.Corpora = nil }, report.Options{}, "sample: the run has 0 corpora; report one at a time"},
		{"a base that is not there", func(set *results.Set) { set.Run.Base = "fr" }, report.Options{}, "sample: base language fr is not among the run's languages (en, ja, ko)"},
		{"too many resamples", func(*results.Set) {}, report.Options{Resamples: math.MaxInt32}, "sample: stat: 2147483647 resamples of 4 documents need too much memory: want at most 67108864 resamples"},
		{"negative resamples", func(*results.Set) {}, report.Options{Resamples: -1}, "sample: stat: -1 resamples: want at least 1"},
	} {
		if _, err := report.New(change(t, c.change), c.o); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

// What an interval is worth is said beside it, once.
func TestWarnings(t *testing.T) {
	want := []string{
		"only 5 segments: below 100 the interval is too narrow (it covers 90 to 94 % instead of 95 %)",
		"only 4 documents: below 30 the interval is too narrow",
	}
	r := newReport(t, hand(t), report.Options{})
	if diff := cmp.Diff(want, r.Provenance.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	notes := find(t, r.Tables, "tokens").Notes
	if diff := cmp.Diff(want, notes[len(notes)-2:]); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	// With the segments twenty times there are a hundred, in eighty documents.
	big := change(t, func(set *results.Set) {
		for i := range set.Texts {
			x := &set.Texts[i]
			var keys, docs []string
			for n := range 20 {
				for j := range x.Keys {
					keys, docs = append(keys, x.Keys[j]+"."+string(rune('a'+n))), append(docs, x.Docs[j]+string(rune('a'+n)))
				}
			}
			x.Keys, x.Docs = keys, docs
			x.Bytes, x.Chars, x.Graphemes, x.Words = slices.Repeat(x.Bytes, 20), slices.Repeat(x.Chars, 20), slices.Repeat(x.Graphemes, 20), slices.Repeat(x.Words, 20)
		}
		for i := range set.Records {
			set.Records[i].Tokens = slices.Repeat(set.Records[i].Tokens, 20)
			if set.Records[i].Err != "" {
				set.Records[i].Tokens = nil
			}
		}
	})
	r = newReport(t, big, report.Options{})
	if len(r.Provenance.Warnings) != 0 {
		t.Errorf("a hundred segments: %q", r.Provenance.Warnings)
	}
	if got := get(t, find(t, r.Data, "tokens"), "premium", "v1", "native", "ja").Value; got != 1.5 {
		t.Errorf("premium %v, want 1.5", got)
	}
}

// A report depends on the records and the options only.
func TestReportIsDeterministic(t *testing.T) {
	one := text(t, newReport(t, hand(t), report.Options{Prices: book(t)}).Tables)
	for range 3 {
		if two := text(t, newReport(t, hand(t), report.Options{Prices: book(t)}).Tables); two != one {
			t.Fatal("two reports of the same records differ")
		}
	}
}

// What was not counted is a row of its own table, with the key that it needs,
// and a row with an error in the data; it has no cost and no part in the rest.
func TestClosedVocabularies(t *testing.T) {
	set := hand(t)
	plain := newReport(t, set, report.Options{Prices: book(t), BaseModel: "m1"})
	set.Run.Vocabs = append(set.Run.Vocabs, results.Vocab{Name: "shut", Engine: "vendor", Needs: "VENDOR_API_KEY",
		Models: []results.Model{{Name: "won", Provenance: "api"}, {Name: "s2", Provenance: "api"}}})
	r := newReport(t, set, report.Options{Prices: book(t), BaseModel: "m1"})
	closed := find(t, r.Tables, "closed")
	if len(closed.Rows) != 1 || get(t, closed, "needs", "shut").Text != "needs VENDOR_API_KEY" || get(t, closed, "models", "shut").Value != int64(2) {
		t.Errorf("closed: %v", closed.Rows)
	}
	if got := get(t, find(t, r.Data, "closed"), "needs", "shut", "s2").Value; got != "VENDOR_API_KEY" {
		t.Errorf("data: %v", got)
	}
	if got := get(t, find(t, r.Data, "tokens"), "err", "shut", "vendor", "ja").Value; got != "needs VENDOR_API_KEY" {
		t.Errorf("err: %v", got)
	}
	without := slices.DeleteFunc(r.Tables, func(x *table.Table) bool { return x.Name == "closed" })
	if diff := cmp.Diff(text(t, plain.Tables), text(t, without)); diff != "" {
		t.Errorf("the other tables moved (-without +with):\n%s", diff)
	}
}

// Who counted and what was subtracted stands under the table; so does what is
// an estimate.
func TestNotesOfAskedAndStandIn(t *testing.T) {
	set := hand(t)
	v := &set.Run.Vocabs[0]
	v.Verified = results.Verified{}
	v.Asked = &results.Asked{API: "vendor", Model: "m1", Date: "2026-11-29", Framing: 7, Lo: 7, Hi: 7, Probes: 25}
	even := text(t, newReport(t, set, report.Options{}).Tables)
	v.Asked.Hi, v.Asked.Note = 9, "something is open"
	uneven := text(t, newReport(t, set, report.Options{}).Tables)
	v.Asked, v.StandIn, v.Verified = nil, "old", results.Verified{Texts: 3, Agree: 3}
	standIn := text(t, newReport(t, set, report.Options{}).Tables)
	for _, c := range []struct{ got, want string }{
		{even, v.Name + ": api; counted by the vendor's endpoint (vendor) on 2026-11-29, less 7 tokens that it counts beside the text, the same in 25 probes"},
		{uneven, "these are not constant, 7 to 9 in 25 probes: a count may be off by 2; something is open"},
		{standIn, v.Name + ": estimate; counted with old, which these models are not known to use: no figure of theirs"},
	} {
		if flat := strings.Join(strings.Fields(c.got), " "); !strings.Contains(flat, c.want) {
			t.Errorf("no %q in\n%s", c.want, c.got)
		}
	}
	if strings.Contains(standIn, "exact: ") && strings.Contains(standIn[strings.Index(standIn, "exact: "):], "("+v.Name) {
		t.Errorf("an estimate is called exact:\n%s", standIn)
	}
}
