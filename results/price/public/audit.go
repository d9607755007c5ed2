package public

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/results/price"
)

// Kind is what a finding is about.
type Kind string

const (
	Unit     Kind = "unit"     // the figures are for another number of tokens
	Currency Kind = "currency" // they are in another currency than is said, or a conversion, or of another list
	Tier     Kind = "tier"     // sizes at which the price changes
	Stale    Kind = "stale"    // an old price, or a row that nobody has looked at for long
	Value    Kind = "value"    // another figure, for none of these reasons
	Row      Kind = "row"      // a row that contradicts itself, or was not understood
)

// A Finding is a place where tables contradict each other.
type Finding struct {
	Kind   Kind
	Name   string // provider/model
	Tables string // who says so: "models.dev, book"
	Text   string
}

// A Witness is a table under a name. The prices of a book are one too.
type Witness struct {
	Name    string
	Prices  []price.Price
	Skipped []string
}

// Audit holds witnesses against each other as of a day. Rows are compared that
// are of one provider and model (in any case of letters), by the token, in their
// standard variant, and in force; lists of two regions are compared only for what
// would show that one of them is not what it says. Rows that were checked more
// than stale days before are told.
func Audit(witnesses []Witness, on price.Date, stale int) []Finding {
	a := audit{on: on, stale: stale, seen: map[Finding]bool{}}
	for i := range witnesses {
		a.alone(&witnesses[i])
		for j := range i {
			a.pair(&witnesses[j], &witnesses[i])
		}
	}
	order := []Kind{Unit, Currency, Tier, Stale, Value, Row}
	slices.SortStableFunc(a.found, func(x, y Finding) int {
		if c := strings.Compare(x.Name, y.Name); c != 0 {
			return c
		}
		return slices.Index(order, x.Kind) - slices.Index(order, y.Kind)
	})
	return a.found
}

type audit struct {
	on    price.Date
	stale int
	found []Finding
	seen  map[Finding]bool
}

func (a *audit) add(k Kind, p *price.Price, tables, format string, args ...any) {
	f := Finding{k, p.Name(), tables, fmt.Sprintf(format, args...)}
	if !a.seen[f] {
		a.seen[f] = true
		a.found = append(a.found, f)
	}
}

// current are the rows that are compared.
func (a *audit) current(w *Witness) (rows []*price.Price) {
	for i := range w.Prices {
		p := &w.Prices[i]
		if p.Unit == price.Token && p.Holds(a.on) && p.Input != nil {
			rows = append(rows, p)
		}
	}
	return rows
}

func same(p, q *price.Price) bool {
	return p.Provider == q.Provider && strings.EqualFold(p.Model, q.Model)
}

// oneList reports whether two rows may be of one list: a region that is not said
// may be any.
func oneList(p, q *price.Price) bool {
	return p.Variant == q.Variant && (p.Region == q.Region || p.Region == "" || q.Region == "")
}

func perMillion(p *price.Price, d price.Decimal) *big.Rat {
	return new(big.Rat).Mul(d.Rat(), big.NewRat(1_000_000, p.Per))
}

// ratios are of q over p, by the rates that both have.
func ratios(p, q *price.Price) (out []*big.Rat) {
	for key, v := range p.Rates.All() {
		if w, ok := q.Rates.Get(key); ok && v.Sign() > 0 && w.Sign() > 0 {
			out = append(out, new(big.Rat).Quo(perMillion(q, w), perMillion(p, v)))
		}
	}
	return out
}

// near reports whether all ratios are the same within a part in a hundred.
func near(rs []*big.Rat) bool {
	for _, r := range rs[1:] {
		d := new(big.Rat).Sub(r, rs[0])
		if d.Abs(d).Cmp(new(big.Rat).Mul(rs[0], big.NewRat(1, 100))) > 0 {
			return false
		}
	}
	return true
}

func all(rs []*big.Rat, want *big.Rat) bool {
	return len(rs) > 0 && !slices.ContainsFunc(rs, func(r *big.Rat) bool { return r.Cmp(want) != 0 })
}

func shown(r *big.Rat) string {
	s := strings.TrimRight(r.FloatString(4), "0")
	return strings.TrimSuffix(s, ".")
}

func pairText(p *price.Price) string {
	s := p.Currency + " " + p.Input.String()
	if p.Output != nil {
		s += "/" + p.Output.String()
	}
	if p.Region != "" {
		s += " (" + p.Region + ")"
	}
	return s
}

// alone looks at one witness.
func (a *audit) alone(w *Witness) {
	for _, s := range w.Skipped {
		if where, what, ok := strings.Cut(s, ": "); ok && strings.Contains(what, "unknown key") {
			a.found = append(a.found, Finding{Row, where, w.Name, what})
		}
	}
	if book, err := price.NewBook(w.Prices); err == nil {
		for _, p := range book.Implausible() {
			kind := Row
			if strings.Contains(p.Text, "tier") {
				kind = Tier
			} else if strings.Contains(p.Text, "number of them") {
				kind = Unit
			}
			a.add(kind, &p.Price, w.Name, "%s", p.Text)
		}
	}
	rows := a.current(w)
	for i, p := range rows {
		if p.Status != price.Deprecated && a.stale > 0 && a.on.Days()-p.Checked.Days() > a.stale {
			a.add(Stale, p, w.Name, "%s: checked on %v, %d days before %v", pairText(p), p.Checked, a.on.Days()-p.Checked.Days(), a.on)
		}
		for _, q := range rows[:i] {
			if !same(p, q) || p.Variant != q.Variant {
				continue
			}
			if !oneList(p, q) || p.Currency != q.Currency {
				a.lists(p, q, w.Name)
			}
		}
	}
}

// lists holds two lists of one model against each other.
func (a *audit) lists(p, q *price.Price, tables string) {
	rs := ratios(p, q)
	if len(rs) == 0 {
		return
	}
	if p.Currency != q.Currency {
		if q.Currency == "CNY" {
			p, q = q, p
			rs = ratios(p, q)
		}
		if p.Currency != "CNY" || q.Currency != "USD" {
			return
		}
		// From here on p is in yuan and q in dollars.
		for i := range rs {
			rs[i].Inv(rs[i])
		}
		rate := func(lo, hi int64) bool {
			return rs[0].Cmp(big.NewRat(lo, 100)) >= 0 && rs[0].Cmp(big.NewRat(hi, 100)) <= 0
		}
		switch {
		case all(rs, big.NewRat(1, 1)):
			a.add(Currency, p, tables, "%s and %s: yuan in a field of dollars, or the other way", pairText(p), pairText(q))
		case oneList(p, q) && len(rs) > 1 && near(rs) && rate(680, 750):
			a.add(Currency, p, tables, "%s are %s × %s: a conversion, not a list", pairText(p), shown(rs[0]), pairText(q))
		case len(rs) > 1 && oneList(p, q) && p.Region == "cn" && !rate(640, 750):
			a.add(Currency, p, tables, "%s and %s for one list: %s yuan for a dollar is no rate of exchange; an international price in the row of the mainland?", pairText(p), pairText(q), shown(rs[0]))
		}
		return
	}
	if p.Region == q.Region || p.Region == "" || q.Region == "" {
		return
	}
	if q.Region == "cn" {
		p, q = q, p
	}
	if p.Region != "cn" || p.Currency != "USD" {
		return
	}
	rs = ratios(q, p)
	switch {
	case all(rs, big.NewRat(1, 1)):
		a.add(Currency, p, tables, "%s equals %s: an international price in the row of the mainland", pairText(p), pairText(q))
	case len(rs) > 1 && !slices.ContainsFunc(rs, func(r *big.Rat) bool { return r.Cmp(big.NewRat(3, 1)) < 0 }):
		a.add(Currency, p, tables, "%s against %s, %s times as dear: yuan in a field of dollars?", pairText(p), pairText(q), shown(rs[0]))
	}
}

// pair holds two witnesses against each other.
func (a *audit) pair(v, w *Witness) {
	tables := v.Name + ", " + w.Name
	byModel := map[string][]*price.Price{}
	key := func(p *price.Price) string { return p.Provider + "/" + strings.ToLower(p.Model) }
	for _, p := range a.current(v) {
		byModel[key(p)] = append(byModel[key(p)], p)
	}
	for _, q := range a.current(w) {
		for _, p := range byModel[key(q)] {
			if p.Variant != q.Variant {
				continue
			}
			if p.Currency != q.Currency || !oneList(p, q) {
				a.lists(p, q, tables)
				continue
			}
			a.values(v, w, p, q, tables)
			a.tiers(p, q, tables)
		}
	}
}

// values compares the figures of one list in one currency.
func (a *audit) values(v, w *Witness, p, q *price.Price, tables string) {
	rs := ratios(p, q)
	if len(rs) == 0 || all(rs, big.NewRat(1, 1)) {
		return
	}
	for _, n := range []int64{100, 1000, 10_000, 1_000_000} {
		if all(rs, big.NewRat(n, 1)) || all(rs, big.NewRat(1, n)) {
			a.add(Unit, p, tables, "%s against %s: %d times, a wrong unit", pairText(p), pairText(q), n)
			return
		}
	}
	// A price that one of the two knows to have ended.
	for _, x := range []struct {
		knows *Witness
		row   *price.Price
		name  string
	}{{v, q, w.Name}, {w, p, v.Name}} {
		for i := range x.knows.Prices {
			old := &x.knows.Prices[i]
			if !old.To.IsZero() && old.To.Compare(a.on) <= 0 && same(old, x.row) && old.Currency == x.row.Currency && oneList(old, x.row) && old.Unit == price.Token && all(ratios(old, x.row), big.NewRat(1, 1)) {
				a.add(Stale, p, tables, "%s of %s is the price that ended on %v", pairText(x.row), x.name, old.To)
				return
			}
		}
	}
	var parts []string
	for key, d := range p.Rates.All() {
		if e, ok := q.Rates.Get(key); ok && perMillion(p, d).Cmp(perMillion(q, e)) != 0 {
			parts = append(parts, fmt.Sprintf("%s %s against %s", key, d, e))
		}
	}
	text := p.Currency + " " + strings.Join(parts, ", ")
	if all(rs, big.NewRat(2, 1)) || all(rs, big.NewRat(1, 2)) {
		text += ": twice, an old price or a promotion?"
	} else if p.Currency == "CNY" && len(rs) > 1 && near(rs) {
		text += ": all by the same factor, a conversion?"
	}
	a.add(Value, p, tables, "%s", text)
}

// tiers compares the sizes at which prices change.
func (a *audit) tiers(p, q *price.Price, tables string) {
	steps := func(p *price.Price) (sizes []int64) {
		for _, t := range p.Tiers {
			if t.InputFrom > 0 && !slices.Contains(sizes, t.InputFrom-1) {
				sizes = append(sizes, t.InputFrom-1)
			}
		}
		slices.Sort(sizes)
		return sizes
	}
	x, y := steps(p), steps(q)
	say := func(sizes []int64) string {
		if len(sizes) == 0 {
			return "flat"
		}
		return strings.Trim(fmt.Sprint(sizes), "[]")
	}
	switch {
	case slices.Equal(x, y):
		// A threshold that is inside for one and outside for the other is one
		// token off: lists seldom say which.
	case len(x) == len(y) && !slices.ContainsFunc(x, func(n int64) bool {
		return !slices.Contains(y, n) && !slices.Contains(y, n+1) && !slices.Contains(y, n-1)
	}):
	case len(x) == 0 || len(y) == 0:
		a.add(Tier, p, tables, "flat against tiered: %s against %s", say(x), say(y))
	default:
		a.add(Tier, p, tables, "tiers above %s against above %s tokens", say(x), say(y))
	}
}
