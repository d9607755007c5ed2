package price

import (
	"fmt"
	"math/big"
	"slices"
	"time"
)

// Usage is how much of a model one request used, in the units of its price. No
// unit is in two fields: Input does not hold what was cached, nor Output what
// was thought.
type Usage struct {
	Input               int64 // read in full
	CachedInput         int64 // read from a cache that was asked for, or from any if the provider does not tell them apart
	ImplicitCachedInput int64 // read from a cache that the provider made unasked
	CacheWrite          int64 // read and put into the cache
	CacheWriteHour      int64 // the same, to be kept for an hour
	CacheStorage        int64 // kept in the cache, times hours
	Output              int64 // written
	Thinking            int64 // thought

	Batch bool      // may wait: rates of Batch
	At    time.Time // when, for windows; the zero time is in no window
}

// size is what tiers go by: all that was read, and all that came out.
func (u Usage) size() (input, output int64) {
	return u.Input + u.CachedInput + u.ImplicitCachedInput + u.CacheWrite + u.CacheWriteHour, u.Output + u.Thinking
}

// A Charge is one line of a bill: so many units at a rate.
type Charge struct {
	Key   string // of the rate: "input"
	Units int64
	Rate  Decimal // for Per units
	Per   int64
	Tier  int // number of the tier from 1 that the rate is of; 0: of none
}

// Cost is Units × Rate ÷ Per.
func (c Charge) Cost() Decimal { return c.Rate.Mul(NewDecimal(c.Units)).Shift(-digits(c.Per)) }

// RatesFor returns the rates that hold for a request: those of the tier (of
// cliffs) or window that holds it, or else the rates of p. Marginal tiers have no
// rates for a whole request: see [Price.Charges].
func (p *Price) RatesFor(u Usage) Rates { r, _ := p.ratesFor(u); return r }

// ratesFor returns also the number of the tier.
func (p *Price) ratesFor(u Usage) (Rates, int) {
	pick := func(r Rates, batch *Rates) Rates {
		switch {
		case !u.Batch:
			return r
		case batch == nil:
			return Rates{}
		}
		return *batch
	}
	input, output := u.size()
	for i := range p.Tiers {
		if t := &p.Tiers[i]; !p.Marginal && t.holds(input, output) {
			return pick(t.Rates, t.Batch), i + 1
		}
	}
	for i := range p.Windows {
		if w := &p.Windows[i]; !u.At.IsZero() && w.Holds(u.At) {
			return pick(w.Rates, w.Batch), 0
		}
	}
	return pick(p.Rates, p.Batch), 0
}

// listEnds returns the least input that is beyond the last tier, 0 if there is
// none: the rates outside tiers are those of small requests and not of larger
// ones than the list goes to.
func (p *Price) listEnds() int64 {
	var last *Tier
	for i := range p.Tiers {
		if t := &p.Tiers[i]; last == nil || t.InputFrom > last.InputFrom {
			last = t
		}
	}
	if last == nil || last.InputFrom == 0 {
		return 0
	}
	return last.InputTo
}

// Charges returns what one request is charged, line by line, in p.Currency. Tiers
// go by the whole input, cached or not. Where thinking or implicitly cached input
// has no price of its own it is charged as output and as cached input.
//
// It is an error if a rate that the usage needs is not known, if the input is
// beyond the last tier of a list that ends there, if a count is
// negative, or if p is charged by the GPU hour. A price by request has one charge,
// whatever the size.
func (p *Price) Charges(u Usage) ([]Charge, error) {
	switch {
	case p.Unit == GPUHour:
		return nil, fmt.Errorf("price: %s is charged by the GPU hour: what a request costs is a matter of throughput, see Price.PerUnit", p.Name())
	case p.Unit == Request && p.Each == nil:
		return nil, fmt.Errorf("price: %s has no each price (status %s)", p.Name(), p.Status)
	case p.Unit == Request:
		return []Charge{{"each", 1, *p.Each, p.Per, 0}}, nil
	}
	const most = 1 << 60 / 8 // sums of them must not overflow
	for _, n := range []int64{u.Input, u.CachedInput, u.ImplicitCachedInput, u.CacheWrite, u.CacheWriteHour, u.CacheStorage, u.Output, u.Thinking} {
		if n < 0 || n > most {
			return nil, fmt.Errorf("price: usage of %s has a count of %d: want counts from 0 to 2^57", p.Name(), n)
		}
	}
	input, _ := u.size()
	if end := p.listEnds(); end != 0 && input >= end {
		return nil, fmt.Errorf("price: %s has no price for an input of %d: its list ends at %d", p.Name(), input, end-1)
	}
	r, tier := p.ratesFor(u)
	var charges []Charge
	// Within the input, what is cached comes first: a cache holds beginnings.
	var read, written int64
	for _, part := range []struct {
		n     int64
		rates []rate
		at    *int64 // where in the input or output the part begins
	}{
		{u.CachedInput, []rate{{"cached_input", r.CachedInput}}, &read},
		{u.ImplicitCachedInput, []rate{{"implicit_cached_input", r.ImplicitCachedInput}, {"cached_input", r.CachedInput}}, &read},
		{u.CacheWrite, []rate{{"cache_write", r.CacheWrite}}, &read},
		{u.CacheWriteHour, []rate{{"cache_write_1h", r.CacheWriteHour}}, &read},
		{u.Input, []rate{{"input", r.Input}}, &read},
		{u.Thinking, []rate{{"thinking", r.Thinking}, {"output", r.Output}}, &written},
		{u.Output, []rate{{"output", r.Output}}, &written},
		{u.CacheStorage, []rate{{"cache_storage", r.CacheStorage}}, nil},
	} {
		if part.n == 0 {
			continue
		}
		use := part.rates[0]
		for _, other := range part.rates[1:] {
			if use.value == nil {
				use = other
			}
		}
		if use.value == nil {
			of := ""
			if u.Batch {
				of = " of a batch"
			}
			return nil, fmt.Errorf("price: %s has no %s price%s (status %s)", p.Name(), part.rates[0].key, of, p.Status)
		}
		if !p.Marginal || part.at == nil || u.Batch {
			charges = append(charges, Charge{use.key, part.n, *use.value, p.Per, tier})
		} else {
			charges = append(charges, p.marginal(use, *part.at, part.n, part.at == &written)...)
		}
		if part.at != nil {
			*part.at += part.n
		}
	}
	return charges, nil
}

// marginal charges the n units from position at: each by the tier that it lies
// in, or else by the rate of the price itself.
func (p *Price) marginal(base rate, at, n int64, output bool) (charges []Charge) {
	for end := at + n; at < end; {
		rate, number, to := *base.value, 0, end
		for i := range p.Tiers {
			t := &p.Tiers[i]
			from, beyond := t.InputFrom, t.InputTo
			if output {
				from, beyond = t.OutputFrom, t.OutputTo
			}
			value, ok := t.Rates.Get(base.key)
			switch {
			case !ok:
			case at < from: // the tier begins later
				to = min(to, from)
			case beyond == 0 || at < beyond:
				rate, number = value, i+1
				if beyond != 0 {
					to = min(to, beyond)
				}
			}
		}
		charges = append(charges, Charge{base.key, to - at, rate, p.Per, number})
		at = to
	}
	return charges
}

// Cost returns the exact cost of one request, in p.Currency: the sum of
// [Price.Charges].
func (p *Price) Cost(u Usage) (Decimal, error) {
	charges, err := p.Charges(u)
	if err != nil {
		return Decimal{}, err
	}
	var sum Decimal
	for _, c := range charges {
		sum = sum.Add(c.Cost())
	}
	return sum, nil
}

// In returns p as it is served in a place: with the uplift, if there is one, on
// all rates. What is processed there is also stored there, so that processing is
// looked for first. It reports false if there is no evidence of either.
func (p *Price) In(place string) (Price, Residency, bool) {
	var found *Residency
	for i := range p.Residency {
		if r := &p.Residency[i]; r.Place == place && (found == nil || r.Scope == Processing) {
			found = r
		}
	}
	if found == nil {
		return Price{}, Residency{}, false
	}
	q := *p
	if found.Uplift == nil {
		return q, *found, true
	}
	scale := func(r *Rates) *Rates {
		if r == nil {
			return nil
		}
		scaled := r.Scale(*found.Uplift)
		return &scaled
	}
	q.Rates, q.High, q.Batch = q.Rates.Scale(*found.Uplift), scale(q.High), scale(q.Batch)
	q.Tiers = slices.Clone(q.Tiers)
	for i := range q.Tiers {
		t := &q.Tiers[i]
		t.Rates, t.Batch = t.Rates.Scale(*found.Uplift), scale(t.Batch)
	}
	q.Windows = slices.Clone(q.Windows)
	for i := range q.Windows {
		w := &q.Windows[i]
		w.Rates, w.Batch = w.Rates.Scale(*found.Uplift), scale(w.Batch)
	}
	return q, *found, true
}

// PerUnit returns what one unit of input and of output costs on the deployment
// of a price by GPU hour, at full load: GPUs × price of an hour ÷ units in an
// hour. An end is nil if its throughput is not known. Utilisation divides it.
func (p *Price) PerUnit() (input, output *big.Rat) {
	d := p.Deployment
	if d == nil || p.Unit != GPUHour || p.Each == nil {
		return nil, nil
	}
	hour := new(big.Rat).Mul(p.Each.Rat(), big.NewRat(d.GPUs, p.Per))
	per := func(perSecond *Decimal) *big.Rat {
		if perSecond == nil {
			return nil
		}
		return new(big.Rat).Quo(hour, new(big.Rat).Mul(perSecond.Rat(), big.NewRat(3600, 1)))
	}
	return per(d.InputPerSecond), per(d.OutputPerSecond)
}
