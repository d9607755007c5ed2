package cost

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/workload"
)

// records is a set of two vocabularies, three languages and two domains. In v,
// ko is twice as long as en and ja three times; in w, all are as long as en in v.
func records() *results.Set {
	set := &results.Set{Run: results.Run{
		Schema: 1, Base: "en", Seed: 1,
		Corpora: []results.Corpus{{Name: "c", Domains: []string{"a", "b"}, Langs: []string{"en", "ko", "ja"}}},
		Vocabs:  []results.Vocab{{Name: "v", Engine: "native"}, {Name: "w", Engine: "native"}},
	}}
	for _, d := range []string{"a", "b"} {
		for l, lang := range []string{"en", "ko", "ja"} {
			t := results.Texts{Corpus: "c", Domain: d, Lang: lang}
			v := results.Record{Corpus: "c", Domain: d, Lang: lang, Vocab: "v", Engine: "native"}
			w := v
			w.Vocab = "w"
			for i := range 20 {
				n := uint32(5 + i%7)
				if d == "b" {
					n += 4
				}
				t.Keys, t.Docs = append(t.Keys, fmt.Sprint(i)), append(t.Docs, fmt.Sprint(i/4))
				t.Bytes, t.Graphemes = append(t.Bytes, 9*n), append(t.Graphemes, 4*n)
				t.Chars, t.Words = append(t.Chars, uint32(4-l)*n), append(t.Words, n)
				v.Tokens, w.Tokens = append(v.Tokens, uint32(l+1)*n), append(w.Tokens, n)
			}
			set.Texts = append(set.Texts, t)
			set.Records = append(set.Records, v, w)
		}
	}
	return set
}

func content(t testing.TB) *Content {
	t.Helper()
	c, err := NewContent(records(), 0.95, 100)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dec(s string) price.Decimal {
	d, err := price.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr(s string) *price.Decimal {
	d := dec(s)
	return &d
}

func list(input, output string) price.Price {
	return price.Price{Provider: "p", Model: "m", Unit: price.Token, Per: 1_000_000, Currency: "USD", Status: price.Public,
		Rates: price.Rates{Input: ptr(input), Output: ptr(output)}}
}

func model(name, vocab string, p price.Price) *Model {
	return &Model{Name: name, Vocab: vocab, Price: p}
}

// want compares a sum with the number that a person came to.
func want(t *testing.T, what string, got *big.Rat, number string) {
	t.Helper()
	if x, ok := new(big.Rat).SetString(number); !ok || got.Cmp(x) != 0 {
		t.Errorf("%s: got %s, want %s", what, Number(got, 12), number)
	}
}

// TestThresholds has each threshold with the size on it and on the other side,
// worked by hand: ko is twice as long as en.
func TestThresholds(t *testing.T) {
	cliff := list("1", "0")
	cliff.Output = ptr("1")
	cliff.Tiers = []price.Tier{{InputFrom: 32_001, Rates: price.Rates{Input: ptr("3"), Output: ptr("1")}}}
	marginal := cliff
	marginal.Marginal = true
	cached := list("10", "1")
	cached.CachedInput, cached.CacheMin = ptr("1"), 1024
	written := cached
	written.CacheWrite = ptr("12")
	short := list("1", "1")
	short.Limits = price.Limits{Context: 8000, MaxOutput: 1000, TokensPerMinute: 60_000}
	char := list("1", "1")
	char.Unit = price.Character
	each := list("1", "1")
	each.Rates, each.Unit, each.Per = price.Rates{Each: ptr("0.01")}, price.Request, 1
	hour := price.Price{Unit: price.GPUHour, Per: 1, Currency: "USD", Status: price.Public, Rates: price.Rates{Each: ptr("3.6")},
		Deployment: &price.Deployment{GPUs: 2, InputPerSecond: ptr("1000"), OutputPerSecond: ptr("100")}}
	in := func(n int64) workload.Part { return workload.Part{Kind: workload.Input, Name: "in", Size: n} }
	out := func(n int64) workload.Part { return workload.Part{Kind: workload.Output, Name: "out", Size: n} }
	kept := func(n int64) workload.Part {
		return workload.Part{Kind: workload.Input, Name: "kept", Size: n, Cached: true}
	}
	for _, c := range []struct {
		name  string
		price price.Price
		lang  string
		parts []workload.Part
		lever workload.Levers
		want  string // of one request
		note  string // kinds of notes, with those that en does not have
	}{
		// A cliff: 32,000 × 1 ÷ 1,000,000; one token more and all cost 3.
		{"cliff, on it", cliff, "ko", []workload.Part{in(16_000)}, workload.Levers{}, "0.032", ""},
		{"cliff, over it", cliff, "ko", []workload.Part{in(16_001)}, workload.Levers{}, "0.096006", "tier"},
		{"cliff, in en", cliff, "en", []workload.Part{in(16_001)}, workload.Levers{}, "0.016001", ""},
		// Marginal: 32,001 at 1 and one at 3, since the tier begins at 32,001
		// and positions count from 0.
		{"marginal, on it", marginal, "ko", []workload.Part{in(16_000)}, workload.Levers{}, "0.032", ""},
		{"marginal, over it", marginal, "ko", []workload.Part{in(16_001)}, workload.Levers{}, "0.032004", "tier"},
		// The least that is cached is 1,024: 512 in en are 1,024 in ko.
		{"cache, long enough", cached, "ko", []workload.Part{kept(512)}, workload.Levers{CacheHit: dec("1")}, "0.001024", "cache_min"},
		{"cache, too short", cached, "ko", []workload.Part{kept(511)}, workload.Levers{CacheHit: dec("1")}, "0.01022", "cache_min"},
		{"cache, too short in en", cached, "en", []workload.Part{kept(512)}, workload.Levers{CacheHit: dec("1")}, "0.00512", "cache_min"},
		// Half the calls write 2,000 at 12, the other half read them at 1.
		{"cache, written", written, "ko", []workload.Part{kept(1000)}, workload.Levers{CacheHit: dec("0.5")}, "0.013", "cache_min"},
		// Output of 1,000 fits; 1,002 are two requests: 1,000, then 2 after
		// reading the 1,000.
		{"output, on it", short, "ko", []workload.Part{in(100), out(500)}, workload.Levers{}, "0.0012", ""},
		{"output, over it", short, "ko", []workload.Part{in(100), out(501)}, workload.Levers{}, "0.002402", "max_output"},
		// The context holds 8,000 tokens in and out.
		{"context, on it", short, "ko", []workload.Part{in(3900), out(100)}, workload.Levers{}, "0.008", ""},
		{"context, over it", short, "ko", []workload.Part{in(3901), out(100)}, workload.Levers{}, "0.008002", "context"},
		// By the character: ko has 3 for 4 of en, whose tokens are 4 each.
		{"characters", char, "ko", []workload.Part{in(1000)}, workload.Levers{}, "0.003", ""},
		{"characters, in en", char, "en", []workload.Part{in(1000)}, workload.Levers{}, "0.004", ""},
		// By the request: no inflation.
		{"request", each, "ko", []workload.Part{in(1000), out(1000)}, workload.Levers{}, "0.01", ""},
		{"request, in ja", each, "ja", []workload.Part{in(1000), out(1000)}, workload.Levers{}, "0.01", ""},
		// 7.2 an hour is 0.002 a second: 2,000 in at 1,000 a second are 2
		// seconds, 200 out at 100 another 2, at half use twice as much.
		{"GPU hour", hour, "ko", []workload.Part{in(1000), out(100)}, workload.Levers{}, "0.016", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := Estimator{Content: content(t), BaseVocab: "v", Requests: 1, Workload: &workload.Workload{Unit: workload.Tokens, Parts: c.parts, Levers: c.lever}}
			if c.price.Unit == price.GPUHour {
				e.Utilisation = big.NewRat(1, 2)
			}
			cmp := Comparison{Estimator: e}
			m := model("m", "v", c.price)
			b, err := e.Bill(m, c.lang, Center)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "total", b.Total, c.want)
			r := Row{Model: m, Lang: c.lang}
			cmp.workload(&r)
			var kinds []string
			for _, n := range r.Notes {
				if !slices.Contains(kinds, n.Kind) {
					kinds = append(kinds, n.Kind)
				}
			}
			if got := strings.Join(kinds, ","); got != c.note {
				t.Errorf("notes %q, want %q: %v", got, c.note, r.Notes)
			}
			if fits := c.note != "context"; b.Fits != fits {
				t.Errorf("fits is %v", b.Fits)
			}
		})
	}
}

func TestRateLimit(t *testing.T) {
	p := list("1", "1")
	p.Limits = price.Limits{TokensPerMinute: 60_000, RequestsPerMinute: 100}
	for _, c := range []struct {
		peak int64
		note bool
	}{{30, false}, {31, true}} {
		e := Estimator{Content: content(t), BaseVocab: "v", Workload: &workload.Workload{Unit: workload.Tokens, PeakPerMinute: c.peak,
			Parts: []workload.Part{{Kind: workload.Input, Name: "in", Size: 1000}}}}
		b, err := e.Bill(model("m", "v", p), "ko", Center)
		if err != nil {
			t.Fatal(err)
		}
		// 60,000 tokens a minute are 30 requests of 2,000.
		if got := len(b.Notes) > 0; got != c.note {
			t.Errorf("peak of %d: notes %v", c.peak, b.Notes)
		}
	}
}

// byBook is the arithmetic once more, written without the package's: one number
// for each request, in fractions.
func byBook(w *workload.Workload, p, route *price.Price, length, routeLength func(lang string) *big.Rat, lang string, requests int64) *big.Rat {
	frac := func(d price.Decimal) *big.Rat {
		x, _ := new(big.Rat).SetString(d.String())
		return x
	}
	mul := func(xs ...*big.Rat) *big.Rat {
		m := big.NewRat(1, 1)
		for _, x := range xs {
			m.Mul(m, x)
		}
		return m
	}
	sub := func(x *big.Rat) *big.Rat { return new(big.Rat).Sub(big.NewRat(1, 1), x) }
	whole := func(x *big.Rat) int64 {
		y := new(big.Rat).Add(x, big.NewRat(1, 2))
		return new(big.Int).Div(y.Num(), y.Denom()).Int64()
	}
	request := func(p *price.Price, length func(string) *big.Rat, hit, batch bool) *big.Rat {
		var kept, in, out, think int64
		for _, part := range w.Parts {
			l := lang
			if part.Lang != "" {
				l = part.Lang
			}
			x := mul(big.NewRat(part.Size, 1), length(l))
			if part.Context {
				x = mul(x, sub(frac(w.Levers.ContextCut)))
			}
			switch n := whole(x); {
			case part.Kind == workload.Output:
				out += n
			case part.Kind == workload.Thinking:
				think += n
			case part.Cached:
				kept += n
			default:
				in += n
			}
		}
		rates := p.Rates
		bulk := p.Batch
		if len(p.Tiers) > 0 {
			for _, t := range p.Tiers {
				if kept+in >= t.InputFrom && (t.InputTo == 0 || kept+in < t.InputTo) && out+think >= t.OutputFrom && (t.OutputTo == 0 || out+think < t.OutputTo) {
					rates, bulk = t.Rates, t.Batch
				}
			}
		}
		if batch && bulk != nil {
			rates = *bulk
		}
		sum := new(big.Rat)
		pay := func(n int64, d *price.Decimal) {
			if n > 0 {
				sum.Add(sum, mul(big.NewRat(n, p.Per), frac(*d)))
			}
		}
		switch {
		case w.Levers.CacheHit.Sign() == 0 || kept < p.CacheMin:
			pay(kept, rates.Input)
		case hit && rates.CachedInput != nil:
			pay(kept, rates.CachedInput)
		case !hit && rates.CacheWrite != nil:
			pay(kept, rates.CacheWrite)
		default:
			pay(kept, rates.Input)
		}
		pay(in, rates.Input)
		pay(out, rates.Output)
		if rates.Thinking != nil {
			pay(think, rates.Thinking)
		} else {
			pay(think, rates.Output)
		}
		return sum
	}
	l := w.Levers
	each := func(p *price.Price, length func(string) *big.Rat) *big.Rat {
		sum := new(big.Rat)
		for _, hit := range []bool{true, false} {
			for _, batch := range []bool{true, false} {
				h, b := frac(l.CacheHit), frac(l.Batch)
				if !hit {
					h = sub(h)
				}
				if !batch {
					b = sub(b)
				}
				sum.Add(sum, mul(h, b, request(p, length, hit, batch)))
			}
		}
		return sum
	}
	routed, distilled := frac(l.Routed), frac(l.Distilled)
	rest := new(big.Rat).Sub(sub(routed), distilled)
	own := each(p, length)
	sum := new(big.Rat).Add(mul(rest, own), mul(distilled, frac(l.DistilledPrice), own))
	if routed.Sign() > 0 {
		sum.Add(sum, mul(routed, each(route, routeLength)))
	}
	calls := mul(big.NewRat(requests, 1), sub(frac(l.Answered)), new(big.Rat).Add(big.NewRat(1, 1), frac(l.Retries)))
	return sum.Mul(sum, calls)
}

// TestIndependentArithmetic: a thousand random workloads, tiers and mixes cost
// the same by the book.
func TestIndependentArithmetic(t *testing.T) {
	c := content(t)
	r := rand.New(rand.NewPCG(7, 7))
	share := func() price.Decimal { return dec(fmt.Sprintf("0.%02d", r.IntN(100))) }
	maybe := func(d price.Decimal) price.Decimal {
		if r.IntN(2) == 0 {
			return price.Decimal{}
		}
		return d
	}
	money := func() *price.Decimal { return ptr(fmt.Sprintf("%d.%03d", r.IntN(20), 1+r.IntN(999))) }
	option := func() *price.Decimal {
		if r.IntN(2) == 0 {
			return nil
		}
		return money()
	}
	rates := func() price.Rates {
		return price.Rates{Input: money(), Output: money(), Thinking: option(), CachedInput: option(), CacheWrite: option()}
	}
	batch := func() *price.Rates {
		if r.IntN(2) == 0 {
			return nil
		}
		x := rates()
		return &x
	}
	randomPrice := func() price.Price {
		p := price.Price{Unit: price.Token, Per: 1_000_000, Currency: "USD", Status: price.Public, Rates: rates(), Batch: batch(), CacheMin: int64(r.IntN(2) * r.IntN(6000))}
		at := int64(0)
		for range r.IntN(4) {
			from := at + int64(r.IntN(8000))
			at = from + 1 + int64(r.IntN(8000))
			p.Tiers = append(p.Tiers, price.Tier{InputFrom: from, InputTo: at, Rates: rates(), Batch: batch()})
		}
		if n := len(p.Tiers); n > 0 {
			p.Tiers[n-1].InputTo = 0 // beyond the end of a list there is no price
		}
		return p
	}
	langs := []string{"en", "ko", "ja"}
	lengths := map[string]map[string]*big.Rat{"v": {}, "w": {}}
	for i, l := range langs {
		lengths["v"][l], lengths["w"][l] = big.NewRat(int64(i+1), 1), big.NewRat(1, 1)
	}
	length := func(vocab string) func(string) *big.Rat {
		return func(lang string) *big.Rat { return lengths[vocab][lang] }
	}
	for i := range 1000 {
		w := &workload.Workload{Name: "random", Unit: workload.Tokens, Levers: workload.Levers{
			Answered: maybe(share()), Retries: maybe(share()), CacheHit: maybe(share()), ContextCut: maybe(share()), Batch: maybe(share()),
		}}
		for range 1 + r.IntN(5) {
			p := workload.Part{Kind: []workload.Kind{workload.Input, workload.Input, workload.Output, workload.Thinking}[r.IntN(4)], Name: "part", Size: 1 + int64(r.IntN(9000))}
			if r.IntN(3) == 0 {
				p.Lang = langs[r.IntN(3)]
			}
			if p.Kind == workload.Input {
				p.Cached = r.IntN(2) == 0
				p.Context = !p.Cached && r.IntN(2) == 0
			}
			w.Parts = append(w.Parts, p)
		}
		vocab, other := []string{"v", "w"}[r.IntN(2)], []string{"v", "w"}[r.IntN(2)]
		m, route := model("m", vocab, randomPrice()), model("route", other, randomPrice())
		if r.IntN(2) == 0 {
			w.Levers.Routed, w.Levers.RouteTo = dec(fmt.Sprintf("0.%d", r.IntN(6))), "route"
		}
		if r.IntN(2) == 0 {
			w.Levers.Distilled, w.Levers.DistilledPrice = dec(fmt.Sprintf("0.%d", r.IntN(5))), share()
		}
		shares := []workload.Share{{Lang: "ko", Share: dec("0.35")}, {Lang: "ja", Share: dec("0.25")}, {Lang: "en", Share: dec("0.4")}}
		w.Mix = shares
		requests := 1 + int64(r.IntN(5000))
		k := Comparison{
			Estimator: Estimator{Content: c, BaseVocab: "v", Workload: w, Route: route, Requests: requests},
			Models:    []*Model{m}, Base: m,
			Convert: func(string) (*big.Rat, error) { return big.NewRat(1, 1), nil },
		}
		mix := new(big.Rat)
		for _, s := range shares {
			b, err := k.Bill(m, s.Lang, Center)
			if err != nil {
				t.Fatal(err)
			}
			book := byBook(w, &m.Price, &route.Price, length(vocab), length(other), s.Lang, requests)
			if b.Total.Cmp(book) != 0 {
				t.Fatalf("workload %d in %s: %s, by the book %s\n%+v\n%s", i, s.Lang, Number(b.Total, 12), Number(book, 12), w, strings.Join(b.Explain(w, "en"), "\n"))
			}
			x, _ := new(big.Rat).SetString(s.Share.String())
			mix.Add(mix, x.Mul(x, book))
		}
		rows, err := k.Rows(Mix)
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[0].Money.Center; got.Cmp(mix) != 0 {
			t.Fatalf("workload %d in the mix: %s, by the book %s", i, Number(got, 12), Number(mix, 12))
		}
	}
}

// TestEquivalents: what a million English tokens say costs the list price times
// the length, over that of the base; ties share their rank.
func TestEquivalents(t *testing.T) {
	c := content(t)
	dear, cheap, same := model("dear", "v", list("4", "8")), model("cheap", "w", list("5", "10")), model("same", "w", list("5", "10"))
	yuan := list("7", "7")
	yuan.Currency = "CNY"
	won := list("7", "7")
	won.Currency = "KRW"
	k := Comparison{
		Estimator: Estimator{Content: c, BaseVocab: "v"},
		Models:    []*Model{dear, cheap, same, model("yuan", "v", yuan), model("won", "v", won), {Name: "closed", Needs: "needs KEY"}},
		Base:      dear, Blend: [2]int64{3, 1},
		Convert: func(cur string) (*big.Rat, error) {
			switch cur {
			case "USD":
				return big.NewRat(1, 1), nil
			case "CNY":
				return big.NewRat(1, 7), nil
			}
			return nil, errors.New("no rate")
		},
	}
	rows, err := k.Rows("ko")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		s := r.Model.Name
		if r.Needs != "" {
			got = append(got, s+": "+r.Needs)
			continue
		}
		s += " " + Number(r.Money.Center, 3)
		if r.Multiplier != nil {
			s += " ×" + Number(r.Multiplier.Center, 3)
		}
		got = append(got, fmt.Sprintf("%s %d %v", s, r.Rank, r.Tied))
	}
	wantRows := []string{
		"yuan 14 ×0.4 1 false",    // 7 × 2, of which a seventh, over 5
		"cheap 6.25 ×1.25 2 true", // (3×5 + 10) ÷ 4 × 1
		"same 6.25 ×1.25 2 true",  // the same
		"dear 10 ×2 4 false",      // (3×4 + 8) ÷ 4 × 2
		"won 14 0 false",          // no rate, no rank
		"closed: needs KEY",       //
	}
	if !slices.Equal(got, wantRows) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantRows, "\n"))
	}
	// cheap breaks even with dear at 10 ÷ 6.25 of its list.
	want(t, "break-even", rows[1].BreakEven.Center, "1.6")
}

// TestScopes: in one domain and over the mean of domains the ratios are of those
// segments.
func TestScopes(t *testing.T) {
	c := content(t)
	want(t, "all", c.Ratio(Characters, "ko", "v", "en").Value, "3")
	want(t, "macro", c.Macro().Ratio("v", "ja", "v", "en").Value, "3")
	d, err := c.Domain("b")
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Ratio("v", "ko", "w", "en"); r.Num != 2*r.Den || r.Den >= c.Sum("w", "en") {
		t.Errorf("domain b: %v", r)
	}
	if _, err := c.Domain("z"); err == nil {
		t.Error("a domain that does not exist")
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		x    *big.Rat
		want string
	}{
		{big.NewRat(1234567, 1), "1,234,567"}, {big.NewRat(-1234567, 1000), "-1,234.567"},
		{big.NewRat(1, 3), "0.3333…"}, {big.NewRat(2, 3), "0.6666…"}, {big.NewRat(1, 8), "0.125"},
	} {
		if got := Number(c.x, 4); got != c.want {
			t.Errorf("Number(%v) = %s, want %s", c.x, got, c.want)
		}
	}
}
