// Package margin turns the cost of requests into what a business sees: cost of
// a conversation, a seat, a customer; gross margin as usage grows; which
// customers and languages the cost comes from.
//
// Think of inference as the part of the cost of revenue that grows with usage
// while the price of a seat stays. What of it is due to language is kept apart:
// the cost of the same requests in the language of the users, less what they
// would cost in the base language. All sums are exact.
package margin

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/results/workload"
)

// Costs are what one request costs, in the currency of the business.
type Costs struct {
	Request *big.Rat // in the languages of the users
	Base    *big.Rat // the same request in the base language
}

// Units are the costs of what a business counts, in a month but for the first
// two.
type Units struct{ Request, Conversation, Seat, Customer, All *big.Rat }

// PerUnit returns the cost of a request, of a conversation, and of a seat, a
// customer and all of them in a month.
func PerUnit(b *workload.Business, request *big.Rat) Units {
	var u Units
	u.Request = request
	u.Conversation = mul(u.Request, b.Turns.Rat())
	u.Seat = mul(u.Conversation, b.Conversations.Rat())
	u.Customer = mul(u.Seat, whole(b.Seats))
	u.All = mul(u.Customer, whole(b.Customers))
	return u
}

// A Period is a year at some usage.
type Period struct {
	Usage     *big.Rat // factor on that of the first period
	Revenue   *big.Rat // of a year
	Other     *big.Rat // cost of revenue that is not inference
	Inference *big.Rat
	Language  *big.Rat // of it, above the base language; may be negative
	Gross     *big.Rat // what is left
	Margin    *big.Rat // Gross ÷ Revenue; nil without revenue
	Without   *big.Rat // the same without inference
}

// Periods returns the years of a business whose seats and their price stay and
// whose usage grows.
func Periods(b *workload.Business, c Costs) []Period {
	year := whole(12)
	revenue := mul(mul(b.SeatPrice.Rat(), whole(b.Seats)), mul(whole(b.Customers), year))
	other := mul(revenue, b.OtherCost.Rat())
	inference := mul(PerUnit(b, c.Request).All, year)
	base := mul(PerUnit(b, c.Base).All, year)
	usage := whole(1)
	var periods []Period
	for range b.Periods {
		p := Period{Usage: usage, Revenue: revenue, Other: other, Inference: mul(inference, usage)}
		p.Language = sub(p.Inference, mul(base, usage))
		p.Gross = sub(sub(revenue, other), p.Inference)
		if revenue.Sign() > 0 {
			p.Margin = new(big.Rat).Quo(p.Gross, revenue)
			p.Without = new(big.Rat).Quo(sub(revenue, other), revenue)
		}
		periods = append(periods, p)
		usage = mul(usage, b.Growth.Rat())
	}
	return periods
}

func mul(x, y *big.Rat) *big.Rat { return new(big.Rat).Mul(x, y) }
func sub(x, y *big.Rat) *big.Rat { return new(big.Rat).Sub(x, y) }
func whole(n int64) *big.Rat     { return new(big.Rat).SetInt64(n) }

// A Customer is what one customer earned and cost.
type Customer struct {
	Name     string
	Revenue  *big.Rat
	Cost     *big.Rat
	Language *big.Rat            // of Cost, above the base language
	Langs    map[string]*big.Rat // Cost by language
}

// Lang returns the language that the most of the cost is in.
func (c *Customer) Lang() string {
	best := ""
	for l, x := range c.Langs {
		if best == "" || x.Cmp(c.Langs[best]) > 0 || x.Cmp(c.Langs[best]) == 0 && l < best {
			best = l
		}
	}
	return best
}

// Customers gathers the cost of use by customer. Its zero value is ready.
type Customers struct{ by map[string]*Customer }

// Add adds what one line of use earned and cost.
func (s *Customers) Add(name, lang string, revenue, cost, language *big.Rat) {
	if s.by == nil {
		s.by = map[string]*Customer{}
	}
	c := s.by[name]
	if c == nil {
		c = &Customer{Name: name, Revenue: new(big.Rat), Cost: new(big.Rat), Language: new(big.Rat), Langs: map[string]*big.Rat{}}
		s.by[name] = c
	}
	c.Revenue.Add(c.Revenue, revenue)
	c.Cost.Add(c.Cost, cost)
	c.Language.Add(c.Language, language)
	if c.Langs[lang] == nil {
		c.Langs[lang] = new(big.Rat)
	}
	c.Langs[lang].Add(c.Langs[lang], cost)
}

// List returns the customers, the dearest first.
func (s *Customers) List() []*Customer {
	list := make([]*Customer, 0, len(s.by))
	for _, c := range s.by {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *Customer) int { return cmp.Or(b.Cost.Cmp(a.Cost), strings.Compare(a.Name, b.Name)) })
	return list
}

// A Cohort is some of the customers together.
type Cohort struct {
	Name      string
	Customers int
	Revenue   *big.Rat
	Cost      *big.Rat
	Language  *big.Rat
}

// Margin is what is left of the revenue after inference, over the revenue; nil
// without revenue.
func (c *Cohort) Margin() *big.Rat {
	if c.Revenue.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(sub(c.Revenue, c.Cost), c.Revenue)
}

func cohort(name string, list []*Customer) Cohort {
	c := Cohort{name, len(list), new(big.Rat), new(big.Rat), new(big.Rat)}
	for _, x := range list {
		c.Revenue.Add(c.Revenue, x.Revenue)
		c.Cost.Add(c.Cost, x.Cost)
		c.Language.Add(c.Language, x.Language)
	}
	return c
}

// Cohorts returns all customers, the top 10 and 20 % of them by cost and by
// revenue (at least one), and those of each language, by the language that the
// most of their cost is in.
func (s *Customers) Cohorts() []Cohort {
	list := s.List()
	if len(list) == 0 {
		return nil
	}
	cohorts := []Cohort{cohort("all", list)}
	top := func(percent int) int { return (len(list)*percent + 99) / 100 }
	for _, percent := range []int{10, 20} {
		cohorts = append(cohorts, cohort("top "+whole(int64(percent)).RatString()+" % by cost", list[:top(percent)]))
	}
	byRevenue := slices.Clone(list)
	slices.SortStableFunc(byRevenue, func(a, b *Customer) int { return b.Revenue.Cmp(a.Revenue) })
	for _, percent := range []int{10, 20} {
		cohorts = append(cohorts, cohort("top "+whole(int64(percent)).RatString()+" % by revenue", byRevenue[:top(percent)]))
	}
	langs := map[string][]*Customer{}
	var order []string
	for _, c := range list {
		l := c.Lang()
		if langs[l] == nil {
			order = append(order, l)
		}
		langs[l] = append(langs[l], c)
	}
	slices.Sort(order)
	for _, l := range order {
		cohorts = append(cohorts, cohort(l, langs[l]))
	}
	return cohorts
}
