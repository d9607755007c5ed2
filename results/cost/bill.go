package cost

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/workload"
)

// A Model is a candidate: a price and what counts its units.
type Model struct {
	Name  string // to show and to be chosen by
	Price price.Price
	Vocab string // its counts in a Content; may be empty if tokens are not billed
	// Confidence says how sure the vocabulary is: exact, vendor_proxy, api or
	// estimate.
	Confidence string
	// Needs says what is missing to cost it, empty if nothing is.
	Needs string
	// Served says by what evidence it is served in the place that was asked for.
	Served string
}

// unit is what the price is charged by, in a Content.
func (m *Model) unit(c *Content) string {
	switch m.Price.Unit {
	case price.Character:
		if c.Missing(Solid, c.Base) == "" {
			return Solid
		}
		return Characters
	case price.Request:
		if m.Vocab == "" {
			return Characters
		}
	}
	return m.Vocab
}

// A Fate is which end of the intervals a bill takes.
type Fate int

const (
	Center Fate = iota
	Low
	High
)

func (r Ratio) at(f Fate) *big.Rat {
	switch f {
	case Low:
		return r.Lo
	case High:
		return r.Hi
	}
	return r.Value
}

// An Estimator makes bills. Only Content, BaseVocab and Workload are needed.
type Estimator struct {
	Content   *Content
	BaseVocab string // of the base model: what a workload's tokens are of
	Workload  *workload.Workload
	Requests  int64 // that come in; 0: 1,000
	// Route is the model that takes the routed calls.
	Route *Model
	// Utilisation divides what a GPU hour gives; nil: 1, full load.
	Utilisation *big.Rat
}

// A Size is a part in the units of a model.
type Size struct {
	workload.Part
	InLang string   // the language it is in
	Left   *big.Rat // of Part.Size after the cut of context
	Ratio  Ratio
	Units  int64 // Left × ratio, to the nearest whole number, halves up
}

// A Line is so many units at a rate, as [price.Charge], or what a GPU hour gave.
type Line struct {
	Key   string
	Units int64
	Rate  *big.Rat // for Per units
	Per   int64
	Tier  int
	Money *big.Rat // Units × Rate ÷ Per
}

// A Class is the calls that are alike.
type Class struct {
	Model    string
	Share    []Factor // of the calls; their product
	Calls    *big.Rat // of the requests that came in
	Requests int      // that each call is cut into, by the largest output
	Lines    []Line
	Each     *big.Rat // money of one call
	Money    *big.Rat // Calls × Each
}

// A Factor is a number with its name.
type Factor struct {
	Name  string
	Value *big.Rat
}

// A Note says where the size of a request meets a threshold.
type Note struct {
	Kind string // tier, cache_min, context, max_input, max_output, rate_limit, price
	Text string
}

// A Bill is what a number of requests in one language costs under a model.
type Bill struct {
	Model    *Model
	Lang     string
	Currency string
	Requests int64
	Factors  []Factor // from requests to calls
	Calls    *big.Rat
	Sizes    []Size // under the model itself
	Classes  []Class
	Total    *big.Rat
	// Fits is false if a request is larger than the model takes.
	Fits  bool
	Notes []Note
}

func rat(d price.Decimal) *big.Rat { return d.Rat() }

var one = big.NewRat(1, 1)

// round is to the nearest whole number, halves up. x is not negative.
func round(x *big.Rat) int64 {
	n := new(big.Int).Lsh(x.Num(), 1)
	n.Add(n, x.Denom())
	return n.Div(n, new(big.Int).Lsh(x.Denom(), 1)).Int64()
}

// Size returns the parts of a request in a language, in the units of a model.
func (e *Estimator) sizes(m *Model, lang string, fate Fate) ([]Size, error) {
	c, w := e.Content, e.Workload
	baseUnit := e.BaseVocab
	if w.Unit == workload.Words {
		baseUnit = Words
	}
	unit := m.unit(c)
	if why := c.Missing(baseUnit, c.Base); why != "" {
		return nil, fmt.Errorf("the base: %s", why)
	}
	var sizes []Size
	for _, p := range w.Parts {
		s := Size{Part: p, InLang: lang, Left: new(big.Rat).SetInt64(p.Size)}
		if p.Lang != "" {
			s.InLang = p.Lang
		}
		if p.Context {
			s.Left.Mul(s.Left, new(big.Rat).Sub(one, rat(w.Levers.ContextCut)))
		}
		if why := c.Missing(unit, s.InLang); why != "" {
			return nil, fmt.Errorf("%s", why)
		}
		s.Ratio = c.Ratio(unit, s.InLang, baseUnit, c.Base)
		s.Units = round(new(big.Rat).Mul(s.Left, s.Ratio.at(fate)))
		sizes = append(sizes, s)
	}
	return sizes, nil
}

// Bill makes the bill of the workload in one language.
func (e *Estimator) Bill(m *Model, lang string, fate Fate) (*Bill, error) {
	w := e.Workload
	b := &Bill{Model: m, Lang: lang, Currency: m.Price.Currency, Requests: e.Requests, Fits: true, Total: new(big.Rat)}
	if b.Requests == 0 {
		b.Requests = 1000
	}
	if m.Needs != "" {
		return nil, fmt.Errorf("%s", m.Needs)
	}
	l := w.Levers
	b.Factors = []Factor{
		{"not answered by the own cache", new(big.Rat).Sub(one, rat(l.Answered))},
		{"with retries", new(big.Rat).Add(one, rat(l.Retries))},
	}
	b.Calls = new(big.Rat).SetInt64(b.Requests)
	for _, f := range b.Factors {
		b.Calls.Mul(b.Calls, f.Value)
	}
	routed, distilled := rat(l.Routed), rat(l.Distilled)
	rest := new(big.Rat).Sub(one, routed)
	rest.Sub(rest, distilled)
	takers := []struct {
		name  string
		model *Model
		share *big.Rat
		scale *price.Decimal
	}{{"not routed", m, rest, nil}}
	if routed.Sign() > 0 {
		switch {
		case e.Route == nil:
			return nil, fmt.Errorf("route_to %s has no price or vocabulary here", l.RouteTo)
		case e.Route.Needs != "":
			return nil, fmt.Errorf("route_to %s: %s", l.RouteTo, e.Route.Needs)
		case e.Route.Price.Currency != b.Currency:
			return nil, fmt.Errorf("route_to %s has a price in %s, not in %s", l.RouteTo, e.Route.Price.Currency, b.Currency)
		}
		takers = append(takers, struct {
			name  string
			model *Model
			share *big.Rat
			scale *price.Decimal
		}{"routed", e.Route, routed, nil})
	}
	if distilled.Sign() > 0 {
		takers = append(takers, struct {
			name  string
			model *Model
			share *big.Rat
			scale *price.Decimal
		}{"distilled", m, distilled, &l.DistilledPrice})
	}
	for i, t := range takers {
		if t.share.Sign() == 0 {
			continue
		}
		sizes, err := e.sizes(t.model, lang, fate)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			b.Sizes = sizes
		}
		p := t.model.Price
		name := t.model.Name
		if fate == High && p.High != nil {
			p.Rates = *p.High
		}
		if t.scale != nil {
			p = Scaled(p, *t.scale)
			name += " distilled"
		}
		hits := []Factor{{"", one}}
		if l.CacheHit.Sign() > 0 {
			hits = []Factor{{"cache hit", rat(l.CacheHit)}, {"cache miss", new(big.Rat).Sub(one, rat(l.CacheHit))}}
		}
		batches := []Factor{{"", one}}
		if l.Batch.Sign() > 0 {
			batches = []Factor{{"batch", rat(l.Batch)}, {"at once", new(big.Rat).Sub(one, rat(l.Batch))}}
		}
		for _, hit := range hits {
			for _, batch := range batches {
				class := Class{Model: name, Calls: new(big.Rat).Set(b.Calls), Each: new(big.Rat)}
				for _, f := range []Factor{{t.name, t.share}, hit, batch} {
					if f.Name == "" || f.Name == "not routed" && f.Value.Cmp(one) == 0 {
						continue
					}
					class.Share = append(class.Share, f)
					class.Calls.Mul(class.Calls, f.Value)
				}
				if class.Calls.Sign() == 0 {
					continue
				}
				if err := e.charge(b, &class, &p, sizes, l.CacheHit.Sign() > 0, hit.Name == "cache hit", batch.Name == "batch"); err != nil {
					return nil, err
				}
				for _, line := range class.Lines {
					class.Each.Add(class.Each, line.Money)
				}
				class.Money = new(big.Rat).Mul(class.Calls, class.Each)
				b.Total.Add(b.Total, class.Money)
				b.Classes = append(b.Classes, class)
			}
		}
	}
	e.limits(b)
	return b, nil
}

func (b *Bill) note(kind, format string, args ...any) {
	n := Note{kind, fmt.Sprintf(format, args...)}
	if !slices.Contains(b.Notes, n) {
		b.Notes = append(b.Notes, n)
	}
}

// charge fills the lines of one call.
func (e *Estimator) charge(b *Bill, class *Class, p *price.Price, sizes []Size, caching, hit, batch bool) error {
	var cached, input, thinking, output int64
	for _, s := range sizes {
		switch {
		case s.Kind == workload.Input && s.Cached:
			cached += s.Units
		case s.Kind == workload.Input:
			input += s.Units
		case s.Kind == workload.Thinking:
			thinking += s.Units
		default:
			output += s.Units
		}
	}
	if p.Unit == price.GPUHour {
		return e.hours(b, class, p, cached+input, thinking+output)
	}
	if batch && p.Unit != price.Request {
		// A tier may have batch rates of its own; what counts is whether there
		// are any for a request of this size.
		if r := p.RatesFor(price.Usage{Input: cached + input, Output: output, Thinking: thinking, Batch: true}); r.Input == nil {
			b.note("price", "%s: no price of a batch is known: calls that may wait pay in full", class.Model)
			batch = false
		}
	}
	u := price.Usage{Input: cached + input, Output: output, Thinking: thinking, Batch: batch}
	r := p.RatesFor(u)
	if caching && cached > 0 && p.Unit == price.Token {
		switch {
		case p.CacheMin > 0 && cached < p.CacheMin:
			b.note("cache_min", "%s: the beginning of %d tokens is shorter than %d, the least that is cached", class.Model, cached, p.CacheMin)
		case hit && r.CachedInput != nil:
			u.Input, u.CachedInput = input, cached
		case hit && r.ImplicitCachedInput != nil:
			u.Input, u.ImplicitCachedInput = input, cached
		case hit:
			b.note("price", "%s: no price of cached input is known: it is read in full", class.Model)
		case r.CacheWrite != nil:
			u.Input, u.CacheWrite = input, cached
		}
	}
	class.Requests = 1
	parts, err := e.split(b, class, p, u)
	if err != nil {
		return err
	}
	for _, part := range parts {
		charges, err := p.Charges(part)
		if err != nil {
			return err
		}
		for _, c := range charges {
			class.Lines = append(class.Lines, Line{c.Key, c.Units, rat(c.Rate), c.Per, c.Tier, rat(c.Cost())})
		}
	}
	return nil
}

// split cuts a call whose answer is longer than the model gives into several:
// each further one reads the input and the answer so far.
func (e *Estimator) split(b *Bill, class *Class, p *price.Price, u price.Usage) ([]price.Usage, error) {
	most := p.Limits.MaxOutput
	out := u.Thinking + u.Output
	if most <= 0 || out <= most || p.Unit != price.Token {
		return []price.Usage{u}, nil
	}
	const many = 1000
	if out/most >= many {
		return nil, fmt.Errorf("an answer of %d tokens, at most %d a request, takes more than %d requests", out, most, many)
	}
	var parts []price.Usage
	for at := int64(0); at < out; at += most {
		v := u
		end := min(at+most, out)
		v.Input += at
		v.Thinking = max(0, min(end, u.Thinking)-at)
		v.Output = end - at - v.Thinking
		parts = append(parts, v)
	}
	class.Requests = len(parts)
	b.note("max_output", "%s: output of %d tokens is over the limit of %d: %d requests, each reading the input and the answer so far", class.Model, out, most, len(parts))
	return parts, nil
}

// hours charges what a GPU hour gives.
func (e *Estimator) hours(b *Bill, class *Class, p *price.Price, input, output int64) error {
	in, out := p.PerUnit()
	if out == nil {
		return fmt.Errorf("%s is charged by the GPU hour and its throughput is not known", p.Name())
	}
	full := func(x *big.Rat) *big.Rat {
		if e.Utilisation == nil {
			return x
		}
		return new(big.Rat).Quo(x, e.Utilisation)
	}
	class.Requests = 1
	add := func(key string, n int64, each *big.Rat) {
		each = full(each)
		class.Lines = append(class.Lines, Line{key, n, each, 1, 0, new(big.Rat).Mul(each, new(big.Rat).SetInt64(n))})
	}
	if in != nil {
		add("input", input, in)
	} else {
		b.note("price", "%s: the throughput of reading was not measured apart: input is in that of output", class.Model)
	}
	add("output", output, out)
	return nil
}

// limits notes where the request is larger than the model or account takes.
func (e *Estimator) limits(b *Bill) {
	p := &b.Model.Price
	l := p.Limits
	if p.Unit == price.Character {
		return // limits are in tokens
	}
	in, out := b.InOut()
	if b.Model.Vocab == "" {
		return
	}
	if l.Context > 0 && in+min(out, orAll(l.MaxOutput)) > l.Context {
		b.Fits = false
		b.note("context", "%s: %d tokens do not fit the context of %d", b.Model.Name, in+out, l.Context)
	}
	if l.MaxInput > 0 && in > l.MaxInput {
		b.Fits = false
		b.note("max_input", "%s: input of %d tokens is over the limit of %d", b.Model.Name, in, l.MaxInput)
	}
	if l.TokensPerMinute > 0 && in+out > 0 {
		per := l.TokensPerMinute / (in + out)
		if peak := e.Workload.PeakPerMinute; peak > 0 && per < peak {
			b.note("rate_limit", "%s: %d tokens a minute are %d requests of %d tokens, below the peak of %d", b.Model.Name, l.TokensPerMinute, per, in+out, peak)
		}
	}
	if peak := e.Workload.PeakPerMinute; l.RequestsPerMinute > 0 && peak > l.RequestsPerMinute {
		b.note("rate_limit", "%s: %d requests a minute, below the peak of %d", b.Model.Name, l.RequestsPerMinute, peak)
	}
}

func orAll(n int64) int64 {
	if n <= 0 {
		return 1 << 60
	}
	return n
}

// InOut returns the units of input and of output of one request.
func (b *Bill) InOut() (in, out int64) {
	for _, s := range b.Sizes {
		if s.Kind == workload.Input {
			in += s.Units
		} else {
			out += s.Units
		}
	}
	return in, out
}

// Crossed says which thresholds a bill meets that the same requests in the base
// language do not.
func (b *Bill) Crossed(base *Bill) []Note {
	var notes []Note
	for i := range b.Classes {
		if i >= len(base.Classes) {
			break
		}
		c, d := &b.Classes[i], &base.Classes[i]
		tier := func(c *Class) (most int) {
			for _, l := range c.Lines {
				most = max(most, l.Tier)
			}
			return most
		}
		if x, y := tier(c), tier(d); x != y {
			in, _ := b.InOut()
			baseIn, _ := base.InOut()
			n := Note{"tier", fmt.Sprintf("%s: input of %d in %s is charged in %s, the same content in %s, %d, in %s", c.Model, in, b.Lang, tierName(x), base.Lang, baseIn, tierName(y))}
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	for _, n := range b.Notes {
		if n.Kind != "price" && !slices.ContainsFunc(base.Notes, func(m Note) bool { return m.Kind == n.Kind }) {
			n.Text += fmt.Sprintf("; in %s it is not met", base.Lang)
			notes = append(notes, n)
		}
	}
	for _, n := range base.Notes {
		if n.Kind == "cache_min" && !slices.ContainsFunc(b.Notes, func(m Note) bool { return m.Kind == n.Kind }) {
			notes = append(notes, Note{"cache_min", fmt.Sprintf("%s: long enough in %s to be cached, not in %s", b.Model.Name, b.Lang, base.Lang)})
		}
	}
	return notes
}

func tierName(n int) string {
	if n == 0 {
		return "no tier"
	}
	return fmt.Sprintf("tier %d", n)
}

// Scaled returns a price with all its rates times a factor: a shock, a discount.
func Scaled(p price.Price, factor price.Decimal) price.Price {
	scale := func(r *price.Rates) *price.Rates {
		if r == nil {
			return nil
		}
		s := r.Scale(factor)
		return &s
	}
	p.Rates, p.High, p.Batch = p.Rates.Scale(factor), scale(p.High), scale(p.Batch)
	p.Tiers = slices.Clone(p.Tiers)
	for i := range p.Tiers {
		t := &p.Tiers[i]
		t.Rates, t.Batch = t.Rates.Scale(factor), scale(t.Batch)
	}
	p.Windows = slices.Clone(p.Windows)
	for i := range p.Windows {
		w := &p.Windows[i]
		w.Rates, w.Batch = w.Rates.Scale(factor), scale(w.Batch)
	}
	return p
}
