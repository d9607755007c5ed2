package cost

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/results/price"
)

// Money is a sum with the ends of its interval, which are equal to it where it
// is exact. The ends are those of the ratios; of several ratios they are taken
// together, so that the interval is rather too wide.
type Money struct{ Center, Lo, Hi *big.Rat }

func (m Money) times(f *big.Rat) Money {
	mul := func(x *big.Rat) *big.Rat { return new(big.Rat).Mul(x, f) }
	return Money{mul(m.Center), mul(m.Lo), mul(m.Hi)}
}

// Exact reports whether there is no interval.
func (m Money) Exact() bool { return m.Lo.Cmp(m.Hi) == 0 }

// A Row is one model in one language.
type Row struct {
	Model *Model
	Lang  string
	// Needs says what is missing; then nothing below is set.
	Needs string

	// Premium is the length of the content in the language over that in the
	// base language, in the units that the model bills; its Value is nil if it
	// bills none.
	Premium Ratio
	// Relative is the same over the base language under the base model.
	Relative Ratio
	// Input and Output are the list per million units of short requests, nil if
	// there are none.
	Input, Output *big.Rat
	// Money is in the list's currency: for a million base-language tokens' worth
	// of content, blended, or for the requests of the workload.
	Money Money
	// EqInput and EqOutput are the parts of the blend, per million each.
	EqInput, EqOutput Money
	// Common is Money in the common currency; nil if there is no rate.
	Common *Money
	// Multiplier is Common over that of the base language under the base model.
	Multiplier *Money
	Rank       int // from 1; 0 if there is none
	Tied       bool
	// BreakEven is the factor on the list price at which the model costs what
	// the base model does in the language; nil if there is no common currency.
	BreakEven *Money
	Bill      *Bill // of the workload; nil without one
	Notes     []Note
}

// A Comparison says what is compared.
type Comparison struct {
	Estimator // without a Workload, a million tokens' worth of content
	Models    []*Model
	Base      *Model
	// Blend is parts of input to parts of output; zero: 3 to 1.
	Blend [2]int64
	// Convert returns the factor from a currency to the common one.
	Convert func(currency string) (*big.Rat, error)
	// Beat is the model that BreakEven is against; nil: Base.
	Beat *Model
}

// Mix is the language of the row that has the mix of the workload.
const Mix = "mix"

// Million rates of short requests: what a list shows first. A price that is all
// tiers has them in the first.
func million(p *price.Price, utilisation *big.Rat) (input, output *big.Rat) {
	if p.Unit == price.GPUHour {
		in, out := p.PerUnit()
		scale := func(x *big.Rat) *big.Rat {
			if x == nil {
				return nil
			}
			x = new(big.Rat).Mul(x, big.NewRat(1_000_000, 1))
			if utilisation != nil {
				x.Quo(x, utilisation)
			}
			return x
		}
		return scale(in), scale(out)
	}
	r := p.RatesFor(price.Usage{Input: 1000, Output: 500})
	scale := func(d *price.Decimal) *big.Rat {
		if d == nil {
			return nil
		}
		return new(big.Rat).Mul(d.Rat(), big.NewRat(1_000_000, p.Per))
	}
	return scale(r.Input), scale(r.Output)
}

// blended is what a million units cost that are so much input and output.
func (c *Comparison) blended(input, output *big.Rat) *big.Rat {
	in, out := c.blend()
	sum := new(big.Rat)
	if input == nil {
		input = new(big.Rat) // reading is in the throughput of writing
	}
	sum.Add(sum, new(big.Rat).Mul(input, big.NewRat(in, in+out)))
	if output != nil {
		sum.Add(sum, new(big.Rat).Mul(output, big.NewRat(out, in+out)))
	}
	return sum
}

func (c *Comparison) blend() (in, out int64) {
	if c.Blend == [2]int64{} {
		return 3, 1
	}
	return c.Blend[0], c.Blend[1]
}

// row makes a row without rank and multiplier.
func (c *Comparison) row(m *Model, lang string) Row {
	r := Row{Model: m, Lang: lang}
	if m.Needs != "" {
		r.Needs = m.Needs
		return r
	}
	if c.Base.Needs != "" {
		r.Needs = "the base model " + c.Base.Name + ": " + c.Base.Needs
		return r
	}
	unit, content := m.unit(c.Content), c.Content
	r.Input, r.Output = million(&m.Price, c.Utilisation)
	if lang != Mix {
		for _, why := range []string{content.Missing(unit, lang), content.Missing(unit, content.Base), content.Missing(c.BaseVocab, content.Base)} {
			if why != "" {
				r.Needs = why
				return r
			}
		}
		if m.Price.Unit != price.Request {
			r.Premium = content.Ratio(unit, lang, unit, content.Base)
			r.Relative = content.Ratio(unit, lang, c.BaseVocab, content.Base)
		}
	}
	if c.Workload != nil {
		c.workload(&r)
		return r
	}
	switch {
	case m.Price.Unit == price.Request:
		r.Needs = "billed by the request: give a --workload"
		return r
	case r.Input == nil && r.Output == nil:
		r.Needs = "price not published"
		return r
	}
	high := [2]*big.Rat{r.Input, r.Output}
	if h := m.Price.High; h != nil {
		p := m.Price
		p.Rates, p.Tiers = *h, nil
		high[0], high[1] = million(&p, c.Utilisation)
	}
	spread := func(low, high *big.Rat) Money {
		if low == nil {
			return Money{}
		}
		if high == nil {
			high = low
		}
		return Money{new(big.Rat).Mul(low, r.Relative.Value), new(big.Rat).Mul(low, r.Relative.Lo), new(big.Rat).Mul(high, r.Relative.Hi)}
	}
	r.EqInput, r.EqOutput = spread(r.Input, high[0]), spread(r.Output, high[1])
	r.Money = spread(c.blended(r.Input, r.Output), c.blended(high[0], high[1]))
	return r
}

// workload fills a row with the bills of the workload.
func (c *Comparison) workload(r *Row) {
	sum := func(fate Fate) (*big.Rat, *Bill, error) {
		if r.Lang != Mix {
			b, err := c.Bill(r.Model, r.Lang, fate)
			if err != nil {
				return nil, nil, err
			}
			return b.Total, b, nil
		}
		total := new(big.Rat)
		var first *Bill
		for _, s := range c.Workload.Mix {
			b, err := c.Bill(r.Model, s.Lang, fate)
			if err != nil {
				return nil, nil, err
			}
			if fate == Center {
				c.cross(r, b)
			}
			if first == nil {
				first = b
			}
			total.Add(total, new(big.Rat).Mul(b.Total, rat(s.Share)))
		}
		return total, nil, nil
	}
	for _, x := range []struct {
		fate Fate
		into **big.Rat
	}{{Center, &r.Money.Center}, {Low, &r.Money.Lo}, {High, &r.Money.Hi}} {
		total, bill, err := sum(x.fate)
		if err != nil {
			*r = Row{Model: r.Model, Lang: r.Lang, Needs: strings.TrimPrefix(err.Error(), "price: ")}
			return
		}
		*x.into = total
		if x.fate == Center && bill != nil {
			r.Bill = bill
			c.cross(r, bill)
		}
	}
	// Tiers can make a longer text cheaper by the unit: the ends are in order.
	if r.Money.Lo.Cmp(r.Money.Hi) > 0 {
		r.Money.Lo, r.Money.Hi = r.Money.Hi, r.Money.Lo
	}
}

// cross adds the notes of a bill, and which thresholds it meets that the base
// language does not.
func (c *Comparison) cross(r *Row, b *Bill) {
	notes := b.Notes
	if b.Lang != c.Content.Base {
		if base, err := c.Bill(r.Model, c.Content.Base, Center); err == nil {
			crossed := b.Crossed(base)
			notes = slices.DeleteFunc(slices.Clone(notes), func(n Note) bool {
				return slices.ContainsFunc(crossed, func(m Note) bool { return m.Kind == n.Kind && m.Kind != "tier" })
			})
			notes = append(notes, crossed...)
		}
	}
	for _, n := range notes {
		if !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
}

// Rows compares the models in one language, or in the [Mix] of the workload:
// those that can be costed from the cheapest on, then those that need something.
//
// The rank of a model is one more than the number of models that are certainly
// cheaper, so that those which cannot be told apart share theirs. Without a
// workload that is decided by paired resamples, with one by whether the
// intervals of the money overlap.
func (c *Comparison) Rows(lang string) ([]Row, error) {
	base := c.row(c.Base, c.Content.Base)
	if base.Needs != "" {
		return nil, fmt.Errorf("the base model %s: %s", c.Base.Name, base.Needs)
	}
	convert := func(m Money, currency string) *Money {
		f, err := c.Convert(currency)
		if err != nil {
			return nil
		}
		m = m.times(f)
		return &m
	}
	baseMoney := convert(base.Money, c.Base.Price.Currency)
	beat := c.Beat
	if beat == nil {
		beat = c.Base
	}
	target := c.row(beat, lang)
	rows := make([]Row, len(c.Models))
	for i, m := range c.Models {
		rows[i] = c.row(m, lang)
		r := &rows[i]
		if r.Needs != "" {
			continue
		}
		if r.Common = convert(r.Money, m.Price.Currency); r.Common == nil {
			continue
		}
		if baseMoney != nil && baseMoney.Center.Sign() > 0 {
			over := r.Common.times(new(big.Rat).Inv(baseMoney.Center))
			r.Multiplier = &over
		}
		if target.Needs == "" && r.Money.Lo.Sign() > 0 {
			if t := convert(target.Money, beat.Price.Currency); t != nil {
				r.BreakEven = c.breakEven(r, &target, t)
			}
		}
	}
	c.rank(rows)
	slices.SortStableFunc(rows, func(a, b Row) int {
		switch {
		case (a.Needs == "") != (b.Needs == ""):
			if a.Needs == "" {
				return -1
			}
			return 1
		case a.Needs != "":
			return 0
		case (a.Common == nil) != (b.Common == nil):
			if a.Common != nil {
				return -1
			}
			return 1
		case a.Common == nil:
			return 0
		}
		return a.Common.Center.Cmp(b.Common.Center)
	})
	return rows, nil
}

// breakEven returns the factor on the list price of r at which it costs as much
// as the target in the same language. Without a workload the interval is paired.
func (c *Comparison) breakEven(r, target *Row, t *Money) *Money {
	if r.Model.Name == target.Model.Name {
		return &Money{one, one, one}
	}
	q := new(big.Rat).Quo(t.Center, r.Common.Center)
	if c.Workload == nil && r.Model.Price.High == nil && target.Model.Price.High == nil && r.Lang != Mix {
		// Of the lengths of the same content, times a quotient of prices.
		pair := c.Content.Ratio(target.Model.unit(c.Content), r.Lang, r.Model.unit(c.Content), r.Lang)
		prices := new(big.Rat).Quo(q, pair.Value)
		return &Money{q, new(big.Rat).Mul(prices, pair.Lo), new(big.Rat).Mul(prices, pair.Hi)}
	}
	return &Money{q, new(big.Rat).Quo(t.Lo, r.Common.Hi), new(big.Rat).Quo(t.Hi, r.Common.Lo)}
}

func (c *Comparison) rank(rows []Row) {
	ranked := func(r *Row) bool { return r.Needs == "" && r.Common != nil && (r.Bill == nil || r.Bill.Fits) }
	for i := range rows {
		r := &rows[i]
		if !ranked(r) {
			continue
		}
		r.Rank = 1
		for j := range rows {
			if s := &rows[j]; i != j && ranked(s) && c.cheaper(s, r) {
				r.Rank++
			}
		}
	}
	for i := range rows {
		for j := range rows {
			if i != j && rows[i].Rank > 0 && rows[i].Rank == rows[j].Rank {
				rows[i].Tied = true
			}
		}
	}
}

// cheaper reports whether s is certainly cheaper than r.
func (c *Comparison) cheaper(s, r *Row) bool {
	if c.Workload == nil && s.Model.Price.High == nil && r.Model.Price.High == nil {
		pair := c.Content.Ratio(s.Model.unit(c.Content), s.Lang, r.Model.unit(c.Content), r.Lang)
		if pair.Value.Sign() == 0 || r.Common.Center.Sign() == 0 {
			return s.Common.Center.Cmp(r.Common.Center) < 0
		}
		q := new(big.Rat).Quo(s.Common.Center, r.Common.Center)
		q.Quo(q, pair.Value)
		return q.Mul(q, pair.Hi).Cmp(one) < 0
	}
	return s.Common.Hi.Cmp(r.Common.Lo) < 0
}
