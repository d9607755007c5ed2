package price

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
)

// Stale is the number of days after which [Book.Check] asks to look at a price
// again, unless told.
const Stale = 270

// currencyScale is roughly how many units of a currency are worth a dollar. It
// only bounds what is plausible: nothing is converted with it.
var currencyScale = map[string]int64{"USD": 1, "EUR": 1, "SGD": 1, "AUD": 1, "CNY": 7, "HKD": 8, "THB": 35, "INR": 85, "JPY": 150, "KRW": 1400, "IDR": 16000, "VND": 25000}

// What a million tokens have cost so far, in dollars, with room on both sides: a
// price by the token that was taken for one by the thousand is out of it.
var (
	leastInput = big.NewRat(1, 1000)
	mostOutput = big.NewRat(1000, 1)
)

// jump is the factor between a price and the next of the same list that nobody
// believes unseen.
var jump = big.NewRat(10, 1)

// Check returns what is implausible in a book that is well formed: units that
// seem wrong, rates that contradict each other, tiers that fall with the size or
// leave a gap, jumps between a price and the next, the same figure in two
// currencies, promotions without end, and prices in force on a day whose last
// look is more than so many days before it. What it finds may still be right.
func (b *Book) Check(on Date, stale int) Problems {
	c := checker{on: on}
	for i := range b.prices {
		c.dates(&b.prices[i], stale)
	}
	c.plausible(b)
	var found Problems
	for _, d := range c.found {
		found = append(found, Problem{d.Price.File, d.Price.Line, d.Price.List() + ": " + d.Text})
	}
	return found.sorted()
}

// A Doubt is what is implausible about a price.
type Doubt struct {
	Price Price
	Text  string
}

// Implausible returns what [Book.Check] does without regard to any day.
func (b *Book) Implausible() []Doubt {
	var c checker
	c.plausible(b)
	return c.found
}

func (c *checker) plausible(b *Book) {
	for i := range b.prices {
		p := &b.prices[i]
		c.rates(p, "", p.Rates)
		c.batch(p, "batch", p.Rates, p.Batch)
		c.scale(p)
		c.tiers(p)
		for j := range p.Windows {
			c.rates(p, fmt.Sprintf("window %d: ", j+1), p.Windows[j].Rates)
		}
		if i > 0 {
			c.jump(&b.prices[i-1], p)
		}
		c.currencies(b.prices[:i], p)
	}
}

type checker struct {
	on    Date
	found []Doubt
}

func (c *checker) add(p *Price, format string, args ...any) {
	c.found = append(c.found, Doubt{*p, fmt.Sprintf(format, args...)})
}

// rates holds the rates of one moment and size against each other.
func (c *checker) rates(p *Price, where string, r Rates) {
	for _, x := range []struct {
		low, high string
		equal     bool // may be equal
	}{
		{"input", "output", true}, {"cached_input", "input", false}, {"implicit_cached_input", "input", false},
		{"output", "thinking", true}, {"cache_write", "cache_write_1h", true},
	} {
		low, ok := r.Get(x.low)
		high, also := r.Get(x.high)
		if !ok || !also {
			continue
		}
		if d := low.Cmp(high); d > 0 || d == 0 && !x.equal {
			c.add(p, "%s%s is %s and %s %s: swapped?", where, x.low, low, x.high, high)
		}
	}
}

func (c *checker) batch(p *Price, where string, r Rates, batch *Rates) {
	if batch == nil {
		return
	}
	for key, v := range batch.All() {
		if standard, ok := r.Get(key); ok && v.Cmp(standard) > 0 {
			c.add(p, "%s: %s is %s, more than %s of a request that does not wait", where, key, v, standard)
		}
	}
}

// scale looks for wrong units.
func (c *checker) scale(p *Price) {
	scale, ok := currencyScale[p.Currency]
	if !ok || p.Unit != Token {
		return
	}
	dollars := func(d Decimal) *big.Rat {
		r := new(big.Rat).Mul(d.Rat(), big.NewRat(1_000_000, p.Per))
		return r.Quo(r, big.NewRat(scale, 1))
	}
	if p.Input != nil && p.Input.Sign() > 0 && dollars(*p.Input).Cmp(leastInput) < 0 {
		c.add(p, "input of %s %s for %d tokens is less than any known: is it for another number of them?", p.Input, p.Currency, p.Per)
	}
	if p.Output != nil && dollars(*p.Output).Cmp(mostOutput) > 0 {
		c.add(p, "output of %s %s for %d tokens is more than any known: is it for another number of them?", p.Output, p.Currency, p.Per)
	}
}

func (c *checker) tiers(p *Price) {
	for i := range p.Tiers {
		t := &p.Tiers[i]
		where := fmt.Sprintf("tier %d", i+1)
		if !p.Marginal {
			c.rates(p, where+": ", t.Rates)
		}
		c.batch(p, where+", batch", t.Rates, t.Batch)
		if t.InputFrom > 0 || t.OutputFrom > 0 {
			c.rises(p, "the rates outside tiers", where, p.Rates, t.Rates)
		}
		for j := range p.Tiers {
			u := &p.Tiers[j]
			if i != j && t.InputFrom <= u.InputFrom && t.OutputFrom <= u.OutputFrom {
				c.rises(p, where, fmt.Sprintf("tier %d", j+1), t.Rates, u.Rates)
			}
		}
	}
	// Between two tiers of input the rates outside them hold again, which no
	// list means.
	bySize := slices.Clone(p.Tiers)
	slices.SortFunc(bySize, func(t, u Tier) int { return cmp.Compare(t.InputFrom, u.InputFrom) })
	for i := 1; i < len(bySize); i++ {
		end, next := bySize[i-1].InputTo, bySize[i].InputFrom
		if end != 0 && end < next {
			c.add(p, "no tier for an input from %d to %d: the rates outside tiers hold there", end, next-1)
		}
	}
}

func (c *checker) rises(p *Price, below, above string, low, high Rates) {
	for key, v := range high.All() {
		if w, ok := low.Get(key); ok && v.Cmp(w) < 0 {
			c.add(p, "%s has %s %s, less than %s of %s: swapped?", above, key, v, w, below)
		}
	}
}

func (c *checker) dates(p *Price, stale int) {
	if p.Status == Promo && p.To.IsZero() {
		c.add(p, "a promotion without end: want to")
	}
	for _, s := range p.Sources {
		if s.Date.Compare(c.on) > 0 {
			c.add(p, "source %q is of %v, after %v", s.Key, s.Date, c.on)
		}
	}
	if p.Checked.Compare(c.on) > 0 {
		c.add(p, "checked on %v, after %v", p.Checked, c.on)
		return
	}
	if age := c.on.Days() - p.Checked.Days(); p.Holds(c.on) && p.Status != Deprecated && age > stale {
		c.add(p, "checked on %v, %d days before %v: look again", p.Checked, age, c.on)
	}
}

func (c *checker) jump(before, p *Price) {
	if before.key() != p.key() || before.Per != p.Per {
		return
	}
	for key, v := range p.Rates.All() {
		w, ok := before.Rates.Get(key)
		if !ok || v.Sign() == 0 || w.Sign() == 0 {
			continue
		}
		if up := new(big.Rat).Quo(v.Rat(), w.Rat()); up.Cmp(jump) > 0 || up.Cmp(new(big.Rat).Inv(jump)) < 0 {
			c.add(p, "%s goes from %s to %s: a wrong unit?", key, w, v)
		}
	}
}

// currencies looks for the same figures in two currencies that are not nearly
// worth the same.
func (c *checker) currencies(before []Price, p *Price) {
	for i := range before {
		q := &before[i]
		if q.Name() != p.Name() || q.Currency == p.Currency || q.Unit != p.Unit || q.Per != p.Per || q.Input == nil || p.Input == nil || q.Output == nil || p.Output == nil {
			continue
		}
		a, b := currencyScale[q.Currency], currencyScale[p.Currency]
		if a != b && q.Input.Cmp(*p.Input) == 0 && q.Output.Cmp(*p.Output) == 0 {
			c.add(p, "the same figures as %s (line %d): one of the currencies is wrong", q.List(), q.Line)
			return
		}
	}
}
