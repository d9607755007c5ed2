package price

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// The arithmetic again, written from the words of the book's format and sharing
// nothing with the package but its types: each unit is looked at by itself, and
// all numbers are fractions.

type oracle struct{ p *Price }

func (o oracle) in(n, from, to int64) bool { return n >= from && !(to != 0 && n >= to) }

// rate finds the fraction for a key in the first of some rates, by name.
func (o oracle) rate(r *Rates, keys ...string) *big.Rat {
	if r == nil {
		return nil
	}
	for _, key := range keys {
		var d *Decimal
		switch key {
		case "input":
			d = r.Input
		case "output":
			d = r.Output
		case "thinking":
			d = r.Thinking
		case "cached_input":
			d = r.CachedInput
		case "implicit_cached_input":
			d = r.ImplicitCachedInput
		case "cache_write":
			d = r.CacheWrite
		case "cache_write_1h":
			d = r.CacheWriteHour
		case "cache_storage":
			d = r.CacheStorage
		}
		if d != nil {
			x, ok := new(big.Rat).SetString(d.String())
			if !ok {
				panic(d.String())
			}
			return x
		}
	}
	return nil
}

// cost is nil where there is no price.
func (o oracle) cost(u Usage) *big.Rat {
	p := o.p
	input := u.Input + u.CachedInput + u.ImplicitCachedInput + u.CacheWrite + u.CacheWriteHour
	output := u.Output + u.Thinking
	// A list whose largest tier ends has no price beyond it.
	var largest Tier
	for _, t := range p.Tiers {
		if t.InputFrom > largest.InputFrom {
			largest = t
		}
	}
	if largest.InputFrom > 0 && largest.InputTo > 0 && input >= largest.InputTo {
		return nil
	}
	whole := &p.Rates
	if u.Batch {
		whole = p.Batch
	}
	if !p.Marginal {
		for i := range p.Tiers {
			t := p.Tiers[i]
			if o.in(input, t.InputFrom, t.InputTo) && o.in(output, t.OutputFrom, t.OutputTo) {
				if whole = &p.Tiers[i].Rates; u.Batch {
					whole = t.Batch
				}
				break
			}
		}
		for i := range p.Windows {
			w := p.Windows[i]
			if u.At.IsZero() || !o.inWindow(w, u.At) {
				continue
			}
			if whole = &p.Windows[i].Rates; u.Batch {
				whole = w.Batch
			}
		}
	}
	sum := new(big.Rat)
	ok := true
	pay := func(n int64, byOutput bool, place *int64, keys ...string) {
		if n == 0 || !ok {
			return
		}
		base := o.rate(whole, keys...)
		if base == nil {
			ok = false
			return
		}
		if place == nil || !p.Marginal || u.Batch {
			sum.Add(sum, new(big.Rat).Mul(base, big.NewRat(n, 1)))
			if place != nil {
				*place += n
			}
			return
		}
		// One unit after the other.
		key := keys[0]
		if o.rate(whole, key) == nil {
			key = keys[1]
		}
		for range n {
			price := base
			for i := range p.Tiers {
				t := p.Tiers[i]
				from, to := t.InputFrom, t.InputTo
				if byOutput {
					from, to = t.OutputFrom, t.OutputTo
				}
				if special := o.rate(&p.Tiers[i].Rates, key); special != nil && o.in(*place, from, to) {
					price = special
				}
			}
			sum.Add(sum, price)
			*place++
		}
	}
	var read, written int64
	pay(u.CachedInput, false, &read, "cached_input")
	pay(u.ImplicitCachedInput, false, &read, "implicit_cached_input", "cached_input")
	pay(u.CacheWrite, false, &read, "cache_write")
	pay(u.CacheWriteHour, false, &read, "cache_write_1h")
	pay(u.Input, false, &read, "input")
	pay(u.Thinking, true, &written, "thinking", "output")
	pay(u.Output, true, &written, "output")
	pay(u.CacheStorage, false, nil, "cache_storage")
	if !ok {
		return nil
	}
	return sum.Quo(sum, big.NewRat(p.Per, 1))
}

// inWindow walks back from the moment, minute by minute, to the one in which a
// window began, if any.
func (o oracle) inWindow(w Window, at time.Time) bool {
	local := at.In(time.FixedZone("", w.Zone*60)).Truncate(time.Minute)
	length := (w.To - w.From + 24*60) % (24 * 60)
	for back := range length {
		t := local.Add(-time.Duration(back) * time.Minute)
		if t.Hour() != w.From/60 || t.Minute() != w.From%60 {
			continue
		}
		if len(w.Days) == 0 {
			return true
		}
		for _, d := range w.Days {
			if d == t.Weekday() {
				return true
			}
		}
	}
	return false
}

// randomPrice is one that the reader would take.
func randomPrice(rng *rand.Rand) Price {
	number := func() *Decimal {
		if rng.IntN(12) == 0 {
			return nil
		}
		d := NewDecimal(rng.Int64N(99_999) + 1).Shift(-rng.IntN(6))
		return &d
	}
	rates := func() (r Rates) {
		for _, f := range r.fields() {
			if f.key != "each" {
				*f.value = number()
			}
		}
		return r
	}
	maybe := func() *Rates {
		if rng.IntN(2) == 0 {
			return nil
		}
		r := rates()
		return &r
	}
	p := Price{Provider: "p", Model: "m", Unit: Token, Per: []int64{1, 1000, 1_000_000}[rng.IntN(3)], Currency: "CNY", Rates: rates(), Batch: maybe()}
	bound := func(i int) int64 { return int64(i) * 50 }
	switch rng.IntN(4) {
	case 0: // cliffs, by input and in each by output
		for i := 1 + rng.IntN(2); i < 4; i++ {
			t := Tier{InputFrom: bound(i), InputTo: bound(i + 1), Rates: rates(), Batch: maybe()}
			if i == 3 && rng.IntN(2) == 0 {
				t.InputTo = 0
			}
			if rng.IntN(3) == 0 {
				low := t
				low.OutputTo, t.OutputFrom, t.Rates = 30, 30, rates()
				p.Tiers = append(p.Tiers, low)
			}
			p.Tiers = append(p.Tiers, t)
		}
	case 1: // marginal, by input and by output
		p.Marginal, p.Batch = true, nil
		for i := 1; i < 4; i++ {
			in := Tier{InputFrom: bound(i), InputTo: bound(i + 1), Rates: rates()}
			in.Output, in.Thinking, in.CacheStorage = nil, nil, nil
			out := Tier{OutputFrom: bound(i) / 2, OutputTo: bound(i+1) / 2, Rates: Rates{Output: number(), Thinking: number()}}
			if i == 3 {
				in.InputTo, out.OutputTo = 0, 0
			}
			p.Tiers = append(p.Tiers, in, out)
		}
	case 2: // hours
		w := Window{From: rng.IntN(24 * 60), Zone: (rng.IntN(27) - 12) * 30, Rates: rates(), Batch: maybe()}
		if w.To = (w.From + 1 + rng.IntN(24*60-1)) % (24 * 60); rng.IntN(2) == 0 {
			w.Days = []time.Weekday{time.Weekday(rng.IntN(7)), time.Weekday(rng.IntN(7))}
		}
		p.Windows = []Window{w}
	}
	return p
}

func TestChargesAgreeWithFractions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	priced, free, tiered := 0, 0, 0
	for range 1000 {
		p := randomPrice(rng)
		for range 8 {
			count := func() int64 {
				switch rng.IntN(3) {
				case 0:
					return 0
				case 1:
					return rng.Int64N(60)
				}
				return 48 + rng.Int64N(5) // around a bound
			}
			u := Usage{Input: count(), CachedInput: count(), ImplicitCachedInput: count(), CacheWrite: count(), CacheWriteHour: count(),
				CacheStorage: count(), Output: count(), Thinking: count(), Batch: rng.IntN(4) == 0}
			if rng.IntN(4) > 0 {
				u.At = time.Date(2026, 1, 1+rng.IntN(14), rng.IntN(24), rng.IntN(60), rng.IntN(60), 0, time.UTC)
			}
			want := oracle{&p}.cost(u)
			got, err := p.Cost(u)
			switch {
			case want == nil && err == nil:
				t.Fatalf("%+v of %+v costs %v, want no price", u, p, got)
			case want != nil && err != nil:
				t.Fatalf("%+v of %+v: %v, want %s", u, p, err, want.RatString())
			case want != nil && got.Rat().Cmp(want) != 0:
				t.Fatalf("%+v of %+v costs %v, want %s", u, p, got, want.RatString())
			case want == nil:
				free++
			default:
				priced++
			}
			if err != nil {
				continue
			}
			charges, _ := p.Charges(u)
			var units int64
			sum := new(big.Rat)
			for _, c := range charges {
				units += c.Units
				// What a person does with the line: units times rate, by Per.
				sum.Add(sum, new(big.Rat).Mul(big.NewRat(c.Units, c.Per), c.Rate.Rat()))
				if c.Tier > 0 {
					tiered++
				}
			}
			if all := u.Input + u.CachedInput + u.ImplicitCachedInput + u.CacheWrite + u.CacheWriteHour + u.CacheStorage + u.Output + u.Thinking; units != all || sum.Cmp(want) != 0 {
				t.Fatalf("lines of %+v: %d units for %s, want %d for %s", u, units, sum.RatString(), all, want.RatString())
			}
		}
	}
	if priced < 1000 || free < 100 || tiered < 500 {
		t.Errorf("%d with a price, %d without, %d lines in tiers: the test looks at too little", priced, free, tiered)
	}
}

// TestExamples does what testdata/examples.txt says, worked by hand, with the
// boundary of each threshold on both sides.
func TestExamples(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "examples.toml"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(fstest.MapFS{"examples.toml": {Data: data}})
	if err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadFile(filepath.Join("testdata", "examples.txt"))
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for n, line := range strings.Split(string(cases), "\n") {
		line, _, _ = strings.Cut(line, "#")
		left, want, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		words := strings.Fields(left)
		u, err := parseUsage(words[1:])
		if err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		p, err := b.Lookup(words[0], Date{})
		if err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		c, err := p.Cost(u)
		got := c.String()
		if err != nil {
			got = "none"
		}
		if got != strings.TrimSpace(want) {
			t.Errorf("line %d: %s costs %s, want %s (%v)", n+1, left, got, want, err)
		}
		if o := (oracle{&p}).cost(u); p.Unit != Request && (o == nil) != (got == "none") || o != nil && err == nil && o.Cmp(c.Rat()) != 0 && p.Unit != Request {
			t.Errorf("line %d: the other arithmetic says %v", n+1, o)
		}
		done[p.Model] = true
	}
	for _, p := range b.Prices() {
		if !done[p.Model] {
			t.Errorf("no example of %s", p.Model)
		}
	}
}

func parseUsage(words []string) (u Usage, err error) {
	for _, w := range words {
		key, value, ok := strings.Cut(w, ":")
		if !ok && w == "batch" {
			u.Batch = true
			continue
		}
		if key == "at" {
			if u.At, err = time.Parse(time.RFC3339, value); err != nil {
				return u, err
			}
			continue
		}
		field := map[string]*int64{"in": &u.Input, "cached": &u.CachedInput, "implicit": &u.ImplicitCachedInput, "write": &u.CacheWrite,
			"write1h": &u.CacheWriteHour, "storage": &u.CacheStorage, "out": &u.Output, "think": &u.Thinking}[key]
		if field == nil {
			return u, fmt.Errorf("unknown count %q", w)
		}
		if *field, err = strconv.ParseInt(value, 10, 64); err != nil {
			return u, err
		}
	}
	return u, nil
}
