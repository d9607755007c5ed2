package public

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/babelmeter/babelmeter/results/price"
)

var source = price.Source{Key: "t", Title: "a table of our own making", Date: price.Date{Year: 2026, Month: 7, Day: 2}}

func TestNumbersAreExact(t *testing.T) {
	table, err := Read("litellm", "x.json", []byte(`{"m": {"litellm_provider": "p", "input_cost_per_token": 1.5e-07, "output_cost_per_token": 0.0000006, "cache_read_input_token_cost": 3.625e-9}}`), source)
	if err != nil {
		t.Fatal(err)
	}
	p := table.Prices[0]
	if p.Input.String() != "0.15" || p.Output.String() != "0.6" || p.CachedInput.String() != "0.003625" || p.Per != 1_000_000 {
		t.Errorf("got %v, %v, %v for %d, want 0.15, 0.6 and 0.003625 for a million", p.Input, p.Output, p.CachedInput, p.Per)
	}
	table, err = Read("models.dev", "a/providers/alibaba-cn/models/org/m.toml", []byte("[cost]\ninput = 0.1875\noutput = 1.125\nreasoning = 3\n"), source)
	if err != nil {
		t.Fatal(err)
	}
	if p = table.Prices[0]; p.Input.String() != "0.1875" || p.Thinking.String() != "3" || p.List() != "alibaba/org/m USD cn" {
		t.Errorf("got %s: %v, thinking %v", p.List(), p.Input, p.Thinking)
	}
}

// A table says 0 for free and for unknown.
func TestZeroIsNoPrice(t *testing.T) {
	table, err := Read("models.dev", "api.json", []byte(`{"zai": {"models": {
		"free": {"cost": {"input": 0, "output": 0}},
		"cache": {"cost": {"input": 0.6, "output": 2.2, "cache_write": 0}}}}}`), source)
	if err != nil {
		t.Fatal(err)
	}
	cache, free := table.Prices[0], table.Prices[1]
	if free.Status != price.NotPublished || free.Input != nil {
		t.Errorf("0 and 0 became %s with input %v, want not_published without", free.Status, free.Input)
	}
	if cache.Status != price.Public || cache.CacheWrite != nil || !strings.Contains(cache.Notes, "cache_write at 0") {
		t.Errorf("a cache write of 0 became %v, with notes %q", cache.CacheWrite, cache.Notes)
	}
}

func TestGenaiTiersAndCharacters(t *testing.T) {
	table, err := Read("genai-prices", "x.yml", []byte("id: p\nmodels:\n- id: m\n  prices:\n    input_mtok:\n      base: 1.25\n      tiers:\n      - start: 200000\n        price: 2.5\n    output_mtok: 10\n"), source)
	if err != nil {
		t.Fatal(err)
	}
	p := table.Prices[0]
	for _, test := range []struct {
		input int64
		want  string
	}{{200_000, "0.25001"}, {200_001, "0.5000125"}} {
		c, err := p.Cost(price.Usage{Input: test.input, Output: 1})
		if err != nil || c.String() != test.want {
			t.Errorf("%d tokens: got %v, %v, want %s", test.input, c, err, test.want)
		}
	}
	table, err = Read("litellm", "x.json", []byte(`{"m": {"litellm_provider": "p", "input_cost_per_character": 3.75e-8, "output_cost_per_character": 1.5e-7}}`), source)
	if err != nil || table.Prices[0].Unit != price.Character || table.Prices[0].Input.String() != "0.0375" {
		t.Errorf("by the character: got %+v, %v", table, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(0, "x.json", `{"m": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": 1.5e-07, "input_cost_per_token_above_200k_tokens": 1, "tiered_pricing": [{"range": [0, 5], "input_cost_per_token": 1}, {"range": [5, 7], "output_cost_per_token": 2}]}}`)
	f.Add(1, "api.json", `{"zai": {"models": {"m": {"cost": {"input": 1, "output": 2, "tiers": [{"tier": {"size": 5}, "input": 3}]}, "limit": {"context": 9}}}}}`)
	f.Add(1, "providers/p/models/m.toml", "[cost]\ninput = 1\n[[cost.tiers]]\ntier = {size = 3}\ninput = 2\n")
	f.Add(2, "x.yml", "id: p\nmodels:\n- id: m\n  prices:\n  - prices: {input_mtok: 1}\n  - constraint: {start_date: 2026-01-01}\n    prices: {input_mtok: {base: 2, tiers: [{start: 3, price: 4}]}}\n  - constraint: {start_time: 16:30:00Z, end_time: 00:30:00Z}\n    prices: {input_mtok: 0.5}\n")
	f.Fuzz(func(t *testing.T, format int, name, data string) {
		if format < 0 || format >= len(Formats) {
			return
		}
		table, err := Read(Formats[format], name, []byte(data), source)
		if err != nil {
			return
		}
		// What was read can be compared, and what is of a list is written so
		// that the strict reader takes it.
		Audit([]Witness{{Name: "a", Prices: table.Prices, Skipped: table.Skipped}, {Name: "b", Prices: table.Prices}}, source.Date, 90)
		for _, p := range table.Prices {
			if p.Provider != "p" || strings.TrimSpace(p.Model) == "" {
				continue
			}
			var b bytes.Buffer
			if err := price.Write(&b, "", []price.Price{p}); err != nil {
				t.Fatal(err)
			}
			if _, err := price.Read(fstest.MapFS{"p.toml": {Data: b.Bytes()}}); err != nil {
				t.Errorf("what was written is refused: %v\n%s", err, b.String())
			}
		}
	})
}
