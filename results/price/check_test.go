package price

import (
	"strings"
	"testing"
)

func TestCheckFindsWhatIsImplausible(t *testing.T) {
	entry := func(lines ...string) string {
		return "[[price]]\nmodel = \"m\"\nchecked = 2026-01-02\nsources = [\"s\"]\n" + strings.Join(lines, "\n") + "\n"
	}
	for _, test := range []struct{ name, file, want string }{
		{"fine", entry(`input = "1"`, `output = "2"`), ""},
		{"output below input", entry(`input = "2"`, `output = "1"`), "x.toml:12: x/m CNY: input is 2 and output 1: swapped?"},
		{"cache as dear as input", entry(`input = "2"`, `output = "3"`, `cached_input = "2"`), "x.toml:12: x/m CNY: cached_input is 2 and input 2: swapped?"},
		{"batch dearer", entry(`input = "2"`, `output = "3"`, `[price.batch]`, `input = "2.1"`), "x.toml:12: x/m CNY: batch: input is 2.1, more than 2 of a request that does not wait"},
		{"for one token", entry(`input = "0.000001"`, `output = "0.000002"`), "x.toml:12: x/m CNY: input of 0.000001 CNY for 1000000 tokens is less than any known: is it for another number of them?"},
		{"for a thousand", entry(`input = "1"`, `output = "2"`, `per = 100`), "x.toml:12: x/m CNY: output of 2 CNY for 100 tokens is more than any known: is it for another number of them?"},
		{"tiers swapped", entry(`input = "1"`, `output = "2"`, `[[price.tier]]`, `input_from = 10`, `input_to = 20`, `input = "4"`, `output = "4"`, `[[price.tier]]`, `input_from = 20`, `input = "3"`, `output = "5"`),
			"x.toml:12: x/m CNY: tier 2 has input 3, less than 4 of tier 1: swapped?"},
		{"tier below the first", entry(`input = "1"`, `output = "2"`, `[[price.tier]]`, `input_from = 10`, `input = "0.9"`, `output = "2"`), "x.toml:12: x/m CNY: tier 1 has input 0.9, less than 1 of the rates outside tiers: swapped?"},
		{"gap", entry(`input = "1"`, `output = "2"`, `[[price.tier]]`, `input_from = 10`, `input_to = 20`, `input = "2"`, `output = "3"`, `[[price.tier]]`, `input_from = 21`, `input = "3"`, `output = "4"`),
			"x.toml:12: x/m CNY: no tier for an input from 20 to 20: the rates outside tiers hold there"},
		{"cheap short outputs are fine", entry(`input = "1"`, `output = "8"`, `[[price.tier]]`, `output_to = 201`, `input = "1"`, `output = "2"`), ""},
		{"jump", entry(`input = "1"`, `output = "2"`, `to = 2026-01-01`) + entry(`input = "100"`, `output = "200"`, `from = 2026-01-01`),
			"x.toml:19: x/m CNY: input goes from 1 to 100: a wrong unit?"},
		{"ten times is not a jump", entry(`input = "1"`, `output = "2"`, `to = 2026-01-01`) + entry(`input = "10"`, `output = "20"`, `from = 2026-01-01`), ""},
		{"same figures in yuan and dollars", entry(`input = "5"`, `output = "22"`) + entry(`input = "5"`, `output = "22"`, `currency = "USD"`, `region = "intl"`),
			"x.toml:18: x/m USD intl: the same figures as x/m CNY (line 12): one of the currencies is wrong"},
		{"stale", strings.Replace(entry(`input = "1"`), "checked = 2026-01-02", "checked = 2025-04-07", 1), "x.toml:12: x/m CNY: checked on 2025-04-07, 271 days before 2026-01-03: look again"},
		{"just not stale", strings.Replace(entry(`input = "1"`), "checked = 2026-01-02", "checked = 2025-04-08", 1), ""},
		{"what has ended is not stale", strings.Replace(entry(`input = "1"`, `to = 2025-06-01`), "checked = 2026-01-02", "checked = 2025-04-07", 1), ""},
		{"checked in the future", strings.Replace(entry(`input = "1"`), "checked = 2026-01-02", "checked = 2026-01-04", 1), "x.toml:12: x/m CNY: checked on 2026-01-04, after 2026-01-03"},
		{"promotion", entry(`input = "1"`, `status = "promo"`), "x.toml:12: x/m CNY: a promotion without end: want to"},
	} {
		b, err := read(top + test.file)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		found := b.Check(day(t, "2026-01-03"), Stale)
		got := ""
		if len(found) > 0 {
			got = found[0].String()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestBuiltinBookIsPlausible(t *testing.T) {
	for _, p := range builtinBook(t).Check(day(t, "2026-11-29"), Stale) {
		t.Error(p)
	}
}

// The rates outside tiers are those of small requests.
func TestNoPriceBeyondTheListsEnd(t *testing.T) {
	b := builtinBook(t)
	p := b.Find(Query{Model: "alibaba/qwen3.7-plus", Region: "cn"})[0]
	for _, test := range []struct {
		input int64
		want  string
	}{
		{256_000, "0.512"}, {256_001, "1.536006"}, {1_000_000, "6"},
		{1_000_001, "price: alibaba/qwen3.7-plus has no price for an input of 1000001: its list ends at 1000000"},
	} {
		c, err := p.Cost(Usage{Input: test.input})
		got := c.String()
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%d tokens: got %s, want %s", test.input, got, test.want)
		}
	}
}
