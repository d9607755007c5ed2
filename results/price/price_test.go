package price

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func builtinBook(t testing.TB) *Book {
	t.Helper()
	b, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecimalText(t *testing.T) {
	for _, test := range []struct{ in, text, two string }{
		{"0", "0", "0.00"}, {"2.50", "2.5", "2.50"}, {"0.003625", "0.003625", "0.00"},
		{"-0.5", "-0.5", "-0.50"}, {"-0", "0", "0.00"}, {"100", "100", "100.00"}, {"007.10", "7.1", "7.10"},
		{"0.125", "0.125", "0.12"}, {"0.135", "0.135", "0.14"}, {"0.1250001", "0.1250001", "0.13"},
		{"-0.135", "-0.135", "-0.14"}, {"-0.125", "-0.125", "-0.12"}, {"-0.001", "-0.001", "0.00"},
		{"9.995", "9.995", "10.00"}, {"999999999999999999999999.999", "999999999999999999999999.999", "1000000000000000000000000.00"},
	} {
		d := dec(t, test.in)
		if d.String() != test.text || d.Text(2) != test.two {
			t.Errorf("%s: got %s and %s, want %s and %s", test.in, d, d.Text(2), test.text, test.two)
		}
	}
	if got := dec(t, "2.5").Text(0); got != "2" {
		t.Errorf("2.5 without places is %s, want 2", got)
	}
}

func TestParseDecimalErrors(t *testing.T) {
	for _, s := range []string{"", "-", ".", "1.", ".5", "+1", "1e3", "1,5", "1.2.3", "--1", " 1", "1_000", "0x10", "١", "NaN", strings.Repeat("1", 41), "$1"} {
		if d, err := ParseDecimal(s); err == nil || !strings.HasPrefix(err.Error(), "price: ") {
			t.Errorf("ParseDecimal(%q) = %v, %v, want an error", s, d, err)
		}
	}
}

func TestDecimalArithmeticAgreesWithRat(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() (Decimal, *big.Rat) {
		s := fmt.Sprint(rng.Int64N(1_000_000_000) - 500_000_000)
		if n := rng.IntN(12); n > 0 {
			s += "." + fmt.Sprintf("%0*d", n, rng.Int64N(1000))[:n]
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("bad test number %s", s)
		}
		return dec(t, s), r
	}
	for range 5000 {
		d, r := random()
		e, q := random()
		check := func(op string, got Decimal, want *big.Rat) {
			t.Helper()
			if got.Rat().Cmp(want) != 0 {
				t.Fatalf("%v %s %v = %v, want %v", d, op, e, got, want.RatString())
			}
			back := dec(t, got.String())
			if back.Cmp(got) != 0 || back.String() != got.String() {
				t.Fatalf("%v is read back as %v", got, back)
			}
			if s := got.String(); strings.Contains(s, ".") && strings.HasSuffix(s, "0") {
				t.Fatalf("%s has trailing zeros", s)
			}
			if f, _ := want.Float64(); got.Float64() != f {
				t.Fatalf("%v as float64 is %v, want %v", got, got.Float64(), f)
			}
			// FloatString rounds half away from zero: compare where no tie is.
			places := rng.IntN(8)
			twice := new(big.Rat).Mul(want, new(big.Rat).SetInt(new(big.Int).Mul(big.NewInt(2), pow10(places))))
			if !twice.IsInt() {
				if s, w := got.Text(places), want.FloatString(places); s != w && "-"+s != w { // -0.00
					t.Fatalf("%v with %d places is %s, want %s", got, places, s, w)
				}
			}
		}
		before := d.String()
		check("+", d.Add(e), new(big.Rat).Add(r, q))
		check("-", d.Sub(e), new(big.Rat).Sub(r, q))
		check("*", d.Mul(e), new(big.Rat).Mul(r, q))
		n := rng.IntN(20) - 10
		factor := new(big.Rat).SetInt(pow10(max(n, -n)))
		if n < 0 {
			factor.Inv(factor)
		}
		check(fmt.Sprintf("shift %d", n), d.Shift(n), new(big.Rat).Mul(r, factor))
		if d.Cmp(e) != r.Cmp(q) || d.Sign() != r.Sign() {
			t.Fatalf("order of %v and %v", d, e)
		}
		if d.String() != before {
			t.Fatalf("%s became %v", before, d)
		}
	}
}

func TestBuiltinBook(t *testing.T) {
	b := builtinBook(t)
	if len(b.Prices()) < 30 {
		t.Errorf("only %d prices", len(b.Prices()))
	}
	for _, p := range b.Prices() {
		if len(p.Sources) == 0 || p.Checked.IsZero() || p.File == "" || p.Line == 0 {
			t.Errorf("%s: incomplete: %+v", p.Name(), p)
		}
		tables := 0
		var newest, newestTable Date
		for _, s := range p.Sources {
			if s.Date.IsZero() || s.URL != "" && !strings.HasPrefix(s.URL, "http") {
				t.Errorf("%s: source without date or address: %+v", p.Name(), s)
			}
			if s.Date.Compare(newest) > 0 {
				newest = s.Date
			}
			if s.Revision != "" { // a table of prices, not an article on shutdowns
				tables++
				if s.Date.Compare(newestTable) > 0 {
					newestTable = s.Date
				}
			}
		}
		if p.Checked.Compare(newest) > 0 {
			t.Errorf("%s:%d: %s: checked %v, after all of its sources", p.File, p.Line, p.Name(), p.Checked)
		}
		if p.Provider != "openai" {
			continue
		}
		if p.Checked != newestTable {
			t.Errorf("%s (line %d): checked %v, want the day of its newest table, %v", p.Name(), p.Line, p.Checked, newestTable)
		}
		if tables < 2 || p.Vocabulary == "" {
			t.Errorf("%s (line %d): %d tables, want two that agree, and a vocabulary", p.Name(), p.Line, tables)
		}
	}
	for _, test := range []struct{ name, on, input, output, cached string }{
		{"gpt-4o", "2026-08-21", "2.5", "10", "1.25"}, // also in the inference-cost article
		{"openai/gpt-4o-mini", "", "0.15", "0.6", "0.075"},
		{"o3", "2025-06-09", "10", "40", ""},
		{"o3", "2025-06-10", "2", "8", "0.5"},
		{"gpt-5.6-terra", "2026-07-29", "2.5", "15", "0.25"},
		{"gpt-5.6-terra", "", "2", "12", "0.2"},
		{"text-embedding-3-small", "", "0.02", "", ""},
		// The table of the inference-cost article.
		{"gpt-4o", "2025-06-30", "2.5", "10", "1.25"},
		{"gpt-4o-mini", "2025-06-30", "0.15", "0.6", "0.075"},
		{"claude-3-5-sonnet-20241022", "2025-06-30", "3", "15", "0.3"},
		{"claude-3-haiku", "2025-06-30", "0.25", "1.25", "0.03"},
		{"gemini-1.5-flash", "2025-06-30", "0.075", "0.3", ""},
		{"llama-3-70b", "2025-06-30", "0.6", "0.6", ""},
		{"alibaba/qwen", "2025-06-30", "", "", ""},
	} {
		var on Date
		if test.on != "" {
			on = day(t, test.on)
		}
		p, err := b.Lookup(test.name, on)
		if err != nil {
			t.Error(err)
			continue
		}
		got := func(d *Decimal) string {
			if d == nil {
				return ""
			}
			return d.String()
		}
		if got(p.Input) != test.input || got(p.Output) != test.output || got(p.CachedInput) != test.cached || p.Currency != "USD" || p.Unit != Token || p.Per != 1_000_000 {
			t.Errorf("%s: got %+v, want %+v", test.name, p, test)
		}
	}
}

// The two rows of the article that are no simple number.
func TestRangesAndWordsAreKept(t *testing.T) {
	b := builtinBook(t)
	llama, err := b.Lookup("llama-3-70b-instruct", day(t, "2025-06-30"))
	if err != nil || llama.High == nil || llama.High.Input.String() != "1.5" || llama.High.Output.String() != "1.5" {
		t.Errorf("self-hosted Llama: got %+v, %v, want a range up to 1.5", llama.High, err)
	}
	qwen, err := b.Lookup("alibaba/qwen", day(t, "2025-06-30"))
	if err != nil || qwen.Status != NotPublished || !strings.Contains(qwen.Notes, "lower than US equivalents") {
		t.Errorf("Qwen: got %+v, %v, want no number and the article's words", qwen, err)
	}
	for _, p := range b.Find(Query{Model: "llama-3-70b-instruct"}) {
		if p.Unit != GPUHour {
			continue
		}
		// 2.99 x 2 / (890 x 3600) for a token.
		_, out := p.PerUnit()
		if want := big.NewRat(598, 100*890*3600); out == nil || out.Cmp(want) != 0 {
			t.Errorf("a token of %s costs %v, want %v", p.List(), out, want)
		}
		return
	}
	t.Error("no price by GPU hour of Llama 3 70B")
}

func TestCost(t *testing.T) {
	b := builtinBook(t)
	cost := func(name string, u Usage) string {
		t.Helper()
		p, err := b.Lookup(name, Date{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.Cost(u)
		if err != nil {
			return err.Error()
		}
		return c.String()
	}
	for _, test := range []struct {
		name string
		u    Usage
		want string
	}{
		{"gpt-4o", Usage{Input: 1234, Output: 567}, "0.008755"}, // 0.003085 + 0.00567
		{"gpt-4o", Usage{Input: 1000, CachedInput: 1000, Output: 1}, "0.00376"},
		{"gpt-4o", Usage{}, "0"},
		{"gpt-4.1-nano", Usage{CachedInput: 1}, "0.000000025"},
		{"gpt-5.4", Usage{Input: 272_000, Output: 10}, "0.68015"},
		{"gpt-5.4", Usage{Input: 272_001, Output: 10}, "1.36023"},                      // 5 and 22.50
		{"gpt-5.4", Usage{Input: 2000, CachedInput: 270_001, Output: 10}, "0.1452255"}, // the tier goes by all input
		{"gpt-4o", Usage{Input: 1 << 57, Output: 1}, "360287970189.63969"},
		{"text-embedding-3-small", Usage{Input: 5, Output: 1}, "price: openai/text-embedding-3-small has no output price (status public)"},
		{"gpt-4", Usage{CachedInput: 1}, "price: openai/gpt-4 has no cached_input price (status deprecated)"},
		{"gpt-4", Usage{Input: -1}, "price: usage of openai/gpt-4 has a count of -1: want counts from 0 to 2^57"},
	} {
		if got := cost(test.name, test.u); got != test.want {
			t.Errorf("%s %+v: got %s, want %s", test.name, test.u, got, test.want)
		}
	}
}

const top = `provider = "x"
currency = "CNY"
unit = "token"
per = 1_000_000

[[source]]
key = "s"
title = "list"
url = "https://example.com"
date = 2026-01-02

`

func read(files ...string) (*Book, error) {
	fsys := fstest.MapFS{}
	for i, f := range files {
		fsys[string(rune('x'+i))+".toml"] = &fstest.MapFile{Data: []byte(f)}
	}
	return Read(fsys)
}

func TestReadErrors(t *testing.T) {
	price := func(lines ...string) string {
		return top + "[[price]]\nmodel = \"m\"\nchecked = 2026-01-02\nsources = [\"s\"]\n" + strings.Join(lines, "\n") + "\n"
	}
	// The price table is line 12, what is added begins on line 16.
	for _, test := range []struct{ name, file, want string }{
		{"syntax", "provider = \"x\"\ncurrency = \n", "price: x.toml:2: "},
		{"unknown key", price(`input = "1"`, `imput = "1"`), "price: x.toml:17: imput: unknown key: want one of model, aliases, vocabulary, confidence, region, "},
		{"unknown key at the top", "colour = 1\n" + price(`input = "1"`), "price: x.toml:1: colour: unknown key: want one of provider, "},
		{"unknown table", price(`input = "1"`, `[other]`, `a = 1`), "price: x.toml:17: other: unknown key"},
		{"unknown key of a source", strings.Replace(price(`input = "1"`), `key = "s"`, "key = \"s\"\nkex = 1", 1), "price: x.toml:8: kex: unknown key"},
		{"second price", price(`input = "1"`, `to = 2026-01-01`, `[[price]]`, `model = "n"`, `checked = 2026-01-01`, `sources = ["s"]`, `input = "x"`), `price: x.toml:22: input: "x" is not a decimal number`},
		{"number", price(`input = 2.5`), `price: x.toml:16: input: want a string, as "2.50" (a TOML number is inexact), not a floating-point number`},
		{"negative", price(`input = "-1"`), "price: x.toml:16: input: -1 is negative"},
		{"zero", price(`input = "1"`, `output = "0.00"`), "price: x.toml:17: output: 0: leave it out if it is not known, or set status to free"},
		{"free", price(`input = "1"`, `status = "free"`), "price: x.toml:16: input: 1, but status is free"},
		{"not published", price(`input = "1"`, `status = "not_published"`), "price: x.toml:16: input: a number, but status is not_published"},
		{"no rates", price(), "price: x.toml:12: no rates: want input = "},
		{"wrong rate", price(`each = "1"`), `price: x.toml:16: each: not a rate of unit "token"`},
		{"status", price(`input = "1"`, `status = "gone"`), `price: x.toml:17: status: "gone": want one of public, not_published, free, deprecated, promo`},
		{"unit", price(`input = "1"`, `unit = "word"`), `price: x.toml:17: unit: "word": want one of token, character, request, gpu_hour`},
		{"tax", price(`input = "1"`, `tax = "yes"`), `price: x.toml:17: tax: "yes": want one of included, excluded, unknown`},
		{"currency", price(`input = "1"`, `currency = "usd"`), `price: x.toml:17: currency: "usd": want the three capital letters of ISO 4217, as USD`},
		{"per", price(`input = "1"`, `per = 1024`), "price: x.toml:17: per: 1024: want a power of ten"},
		{"date as string", price(`input = "1"`, `from = "2026-01-01"`), "price: x.toml:17: from: want a date without quotes, as 2026-08-21, not a string"},
		{"date with time", price(`input = "1"`, `from = 2026-01-01T00:00:00Z`), "price: x.toml:17: from: want a date without time"},
		{"order of dates", price(`input = "1"`, `from = 2026-01-02`, `to = 2026-01-02`), "price: x.toml:18: to: 2026-01-02 is not after from, 2026-01-02"},
		{"empty text", price(`input = "1"`, `notes = " "`), "price: x.toml:17: notes: empty"},
		{"source unknown", strings.Replace(price(`input = "1"`), `["s"]`, `["t"]`, 1), "price: x.toml:15: sources: \"t\" is not the key of a [[source]]"},
		{"source twice", strings.Replace(price(`input = "1"`), `["s"]`, `["s", "s"]`, 1), `price: x.toml:15: sources: "s" twice`},
		{"sources empty", strings.Replace(price(`input = "1"`), `["s"]`, `[]`, 1), "price: x.toml:15: sources: empty"},
		{"sources missing", strings.Replace(price(`input = "1"`), `sources = ["s"]`, ``, 1), "price: x.toml:12: sources is missing"},
		{"checked missing", strings.Replace(price(`input = "1"`), "checked = 2026-01-02", "", 1), "price: x.toml:12: checked is missing"},
		{"model missing", strings.Replace(price(`input = "1"`), `model = "m"`, "", 1), "price: x.toml:12: model is missing"},
		{"source date missing", strings.Replace(price(`input = "1"`), "date = 2026-01-02", "", 1), "price: x.toml:6: date is missing"},
		{"source key twice", strings.Replace(price(`input = "1"`), "[[price]]", "[[source]]\nkey = \"s\"\ntitle = \"t\"\nurl = \"u\"\ndate = 2026-01-01\n[[price]]", 1), `price: x.toml:13: key: "s" is already the key`},
		{"provider", strings.Replace(price(`input = "1"`), `"x"`, `"y"`, 1), `price: x.toml:1: provider: "y" in file x.toml`},
		{"no prices", top, "price: x.toml:1: no prices"},
		{"price not an array", "price = 1\n" + top, "price: x.toml:1: price: want tables, each headed [[price]], not an integer"},
		{"tier", price(`input = "1"`, `[[price.tier]]`, `input_from = 5`, `input = "2"`, `[[price.tier]]`, `input_from = 9`, `input = "3"`), "price: x.toml:20: overlaps with tier 1"},
		{"tier bounds", price(`input = "1"`, `[[price.tier]]`, `input_from = 5`, `input_to = 5`, `input = "2"`), "price: x.toml:19: input_to: 5 is not above input_from, 5"},
		{"tier of requests", price(`each = "1"`, `unit = "request"`, `[[price.tier]]`, `each = "2"`), "price: x.toml:18: tier of a price by request"},
		{"tier rates", price(`input = "1"`, `[[price.tier]]`, `input_from = 5`), "price: x.toml:17: no rates"},
		{"overlap", price(`input = "1"`, `from = 2026-01-01`, `[[price]]`, `model = "m"`, `checked = 2026-01-01`, `sources = ["s"]`, `input = "2"`, `to = 2026-01-02`), "price: x.toml:12: price of m overlaps in time with that of line 18"},
		{"overlap without dates", price(`input = "1"`, `[[price]]`, `model = "m"`, `checked = 2026-01-01`, `sources = ["s"]`, `input = "2"`), "price: x.toml:17: price of m overlaps in time with that of line 12"},
		{"after a string of lines", price(`input = "1"`, `notes = """a`, `b = 1`, `""""`, `x = 1`), "price: x.toml:20: x: unknown key"},
		{"too large", strings.Repeat("#", maxFile+1), "price: x.toml: larger than 262144 bytes"},
		{"deep", "a = " + strings.Repeat("[", 200_000), "price: x.toml:1: "},
		{"empty", "", "price: x.toml:1: provider is missing"},
	} {
		b, err := read(test.file)
		if err == nil {
			t.Errorf("%s: no error, %d prices", test.name, len(b.Prices()))
			continue
		}
		if first, _, _ := strings.Cut(err.Error(), "\n"); !strings.HasPrefix(first, test.want) {
			t.Errorf("%s: got error %q, want %q", test.name, first, test.want)
		}
	}
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "no files *.toml") {
		t.Errorf("empty folder: got error %v", err)
	}
	_, err := read(price(`input = "1"`, `a = 1`, `b = 2`), price(`input = "1"`, `a = 1`))
	if want := "price: x.toml:17: a: "; err == nil || !strings.HasPrefix(err.Error(), want) || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("several problems: got %v, want four lines from %q", err, want)
	}
}

func TestLookup(t *testing.T) {
	entry := func(lines string) string {
		return "[[price]]\nmodel = \"m\"\nchecked = 2026-01-02\nsources = [\"s\"]\n" + lines + "\n"
	}
	b, err := read(
		top+entry("input = \"1\"\nto = 2026-01-01")+entry("input = \"2\"\nfrom = 2026-02-01\nto = 2026-03-01")+entry("input = \"3\"\nfrom = 2026-03-01"),
		strings.Replace(top, `"x"`, `"y"`, 1)+
			entry("input = \"4\"\nto = 2026-01-01")+
			strings.Replace(entry("status = \"not_published\""), `"m"`, `"org/hidden"`, 1)+
			strings.Replace(entry("input = \"0\"\noutput = \"0\"\nstatus = \"free\"\nregion = \"cn\""), `"m"`, `"free"`, 1)+
			strings.Replace(entry("input = \"1\"\ncurrency = \"USD\""), `"m"`, `"free"`, 1)+
			strings.Replace(entry("each = \"0.5\"\nunit = \"request\"\nper = 1"), `"m"`, `"each"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, on, want string }{
		{"x/m", "2025-12-31", "1"},
		{"x/m", "2026-01-01", `price: "x/m": no such price on 2026-01-01; the last is from 2026-03-01 to now`},
		{"x/m", "2026-02-01", "2"},
		{"x/m", "2026-02-28", "2"},
		{"x/m", "2026-03-01", "3"},
		{"x/m", "", "3"},
		{"m", "2026-02-01", "2"}, // only x has one then
		{"m", "2025-01-01", `price: "m" has several prices: x/m CNY, y/m CNY`},
		{"m", "", `price: "m" has several prices: x/m CNY, y/m CNY`},
		{"free", "", `price: "free" has several prices: y/free USD, y/free CNY cn`},
		{"org/hidden", "", "none"},
		{"y/org/hidden", "2026-01-01", "none"},
		{"z", "", `price: "z": no such price in the book`},
	} {
		var on Date
		if test.on != "" {
			on = day(t, test.on)
		}
		p, err := b.Lookup(test.name, on)
		got := "none"
		if err != nil {
			got = err.Error()
		} else if p.Input != nil {
			got = p.Input.String()
		}
		if got != test.want {
			t.Errorf("%s on %q: got %s, want %s", test.name, test.on, got, test.want)
		}
		if strings.Contains(test.want, "no such price") != errors.Is(err, ErrNotFound) {
			t.Errorf("%s on %q: errors.Is(%v, ErrNotFound) is wrong", test.name, test.on, err)
		}
	}
	hidden, _ := b.Lookup("org/hidden", Date{})
	if c, err := hidden.Cost(Usage{Input: 1}); err == nil {
		t.Errorf("the cost of an unpublished price is %v, want an error", c)
	}
	each, _ := b.Lookup("each", Date{})
	if c, err := each.Cost(Usage{Input: 1}); err != nil || c.String() != "0.5" {
		t.Errorf("the cost of a request by request is %v, %v, want 0.5", c, err)
	}

	own, err := read(top + entry(`input = "9"`))
	if err != nil {
		t.Fatal(err)
	}
	merged := b.Override(own)
	if p, err := merged.Lookup("x/m", day(t, "2025-12-31")); err != nil || p.Input.String() != "9" {
		t.Errorf("overridden: got %v, %v, want 9", p.Input, err)
	}
	if p, err := merged.Lookup("y/m", Date{}); err != nil || p.Input.String() != "4" {
		t.Errorf("not overridden: got %v, %v, want 4", p.Input, err)
	}
	if p, err := b.Lookup("x/m", Date{}); err != nil || p.Input.String() != "3" {
		t.Errorf("Override changed the book: %v, %v", p.Input, err)
	}
}

// A date is the day that is written, wherever the program runs.
func TestDatesDoNotMoveWithTheTimeZone(t *testing.T) {
	b, err := read(top + "[[price]]\nmodel = \"m\"\nchecked = 2026-01-02\nsources = [\"s\"]\ninput = \"1\"\nfrom = 2024-02-29\n")
	if err != nil {
		t.Fatal(err)
	}
	p := b.Prices()[0]
	if p.From != (Date{2024, time.February, 29}) || p.From.String() != "2024-02-29" || p.Sources[0].Date.String() != "2026-01-02" {
		t.Errorf("got %v and %v", p.From, p.Sources[0].Date)
	}
	tokyo := time.FixedZone("JST", 9*3600)
	if d := DateOf(time.Date(2026, 1, 1, 1, 0, 0, 0, tokyo)); d.String() != "2026-01-01" {
		t.Errorf("DateOf = %v, want the day in Tokyo", d)
	}
	for _, s := range []string{"2026-02-30", "26-01-01", "2026-1-1", "", "2026-01-01T00:00"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", s, d)
		}
	}
}

func FuzzRead(f *testing.F) {
	data, err := builtin.ReadFile("book/openai.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data[:4000]))
	f.Add(top + "[[price]]\nmodel = \"m\"\nchecked = 2026-01-02\nsources = [\"s\"]\ninput = \"1\"\n[[price.tier]]\ninput_from = 3\ninput = \"2\"\n")
	f.Add("a = '''\n'''\n[b.\"c.d\"]\ne.f = [ # x\n\"]\",\n{g = 1}]\n[[price]]\n")
	f.Add("price = [{model = 1}, 2]\nsource = {}\n")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := read(s)
		if err != nil {
			lines := strings.Count(s, "\n") + 1
			for e := range strings.SplitSeq(err.Error(), "\nprice: ") {
				var line int
				if _, err := fmt.Sscanf(strings.TrimPrefix(e, "price: "), "x.toml:%d:", &line); err == nil && (line < 1 || line > lines) {
					t.Errorf("line %d of %d in %q", line, lines, e)
				}
			}
			return
		}
		for _, p := range b.Prices() {
			if len(p.Sources) == 0 || p.Checked.IsZero() || p.Currency == "" || p.Per < 1 || p.Line < 1 {
				t.Errorf("incomplete price %+v", p)
			}
			if _, err := b.Lookup(p.Name(), p.From); errors.Is(err, ErrNotFound) {
				t.Errorf("%s is not found on its first day: %v", p.Name(), err)
			}
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	f.Add("2.50")
	f.Add("-0.0001")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDecimal(s)
		if err != nil {
			return
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok || d.Rat().Cmp(r) != 0 {
			t.Errorf("ParseDecimal(%q) = %v", s, d)
		}
	})
}
