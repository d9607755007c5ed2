package cost

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/table"
)

// Show says how money is shown.
type Show struct {
	Currency string // all money in it; empty: each in its list's
	Level    float64
	Convert  func(currency string) (*big.Rat, error) // to Currency, if set
}

// significant shows three digits of an amount, all of those before the point.
func significant(x *big.Rat) string {
	if x == nil {
		return "–"
	}
	f, _ := x.Float64()
	abs := f
	if abs < 0 {
		abs = -abs
	}
	switch {
	case abs == 0:
		return "0"
	case abs >= 100:
		return x.FloatString(0)
	case abs >= 10:
		return x.FloatString(1)
	}
	places := 2
	for limit := 1.0; abs < limit && places < 12; limit /= 10 {
		places++
	}
	return x.FloatString(places)
}

// Short shows three digits of an amount, all of those before the point.
func Short(x *big.Rat) string { return significant(x) }

// listed is a rate as the list has it, without trailing zeros.
func listed(x *big.Rat) string {
	if x == nil {
		return "–"
	}
	if n, exact := x.FloatPrec(); exact && n <= 6 {
		return x.FloatString(n)
	}
	return significant(x)
}

func (r *Row) list() string {
	p := &r.Model.Price
	switch {
	case p.Status == price.NotPublished:
		return "–"
	case p.Unit == price.Request && p.Each != nil:
		return p.Each.String() + "/request"
	case p.Unit == price.GPUHour && p.Each != nil:
		return p.Each.String() + "/GPU-hour"
	}
	in, out := million(p, nil)
	s := listed(in)
	if out != nil {
		s += "/" + listed(out)
	}
	if h := p.High; h != nil {
		if h.Input != nil {
			s = listed(in) + "–" + h.Input.String()
		}
	}
	if p.Currency != "USD" {
		s = p.Currency + " " + s
	}
	return s
}

func confidence(c string) string {
	switch c {
	case "vendor_proxy":
		return "proxy"
	case "estimate":
		return "est."
	}
	return c
}

// money returns the amounts to show, and the currency they are in.
func (s *Show) money(r *Row) (Money, string) {
	cur := r.Model.Price.Currency
	if s.Currency == "" || s.Currency == cur {
		return r.Money, cur
	}
	f, err := s.Convert(cur)
	if err != nil {
		return r.Money, cur
	}
	return r.Money.times(f), s.Currency
}

func span(m Money) string {
	if m.Exact() {
		return "exact"
	}
	return significant(m.Lo) + "–" + significant(m.Hi)
}

// Table is one language to be read: it fits 80 columns.
func (c *Comparison) Table(lang string, rows []Row, show Show) *table.Table {
	what := fmt.Sprintf("per million %s-equivalent tokens", c.Content.Base)
	if c.Workload != nil {
		n := c.Requests
		if n == 0 {
			n = 1000
		}
		what = fmt.Sprintf("per %s requests of %s", Int(n), c.Workload.Name)
	}
	cur := show.Currency
	if cur == "" {
		cur = c.Base.Price.Currency
	}
	t := &table.Table{Name: "cost", Keys: 1,
		Title: fmt.Sprintf("%s: %s %s, from the cheapest on", lang, cur, what),
		Columns: []table.Column{
			{Name: "model", Title: "model", Left: true}, {Name: "confidence", Title: "conf.", Left: true}, {Name: "premium", Title: "prem"},
			{Name: "list", Title: "list"}, {Name: "money", Title: "money"}, {Name: "interval", Title: fmt.Sprintf("%g %%", 100*show.Level)},
			{Name: "multiplier", Title: "×base"}, {Name: "rank", Title: "rank"},
		}}
	other := false
	for i := range rows {
		r := &rows[i]
		cells := []table.Cell{table.Str(r.Model.Name), table.Str(confidence(r.Model.Confidence))}
		if r.Needs != "" {
			continue // see Needs
		}
		premium := "–"
		if r.Premium.Value != nil {
			premium = r.Premium.Value.FloatString(2)
		}
		m, in := show.money(r)
		text := significant(m.Center)
		if in != cur && show.Currency != "" {
			text = in + " " + text // there is no rate of exchange
		}
		other = other || in != cur
		mult, rank := "–", "–"
		if r.Multiplier != nil {
			if mult = significant(r.Multiplier.Center); r.Multiplier.Center.Cmp(big.NewRat(1, 10)) < 0 {
				mult = r.Multiplier.Center.FloatString(3)
			}
		}
		if r.Rank > 0 {
			rank = fmt.Sprint(r.Rank)
			if r.Tied {
				rank += "="
			}
		}
		t.Rows = append(t.Rows, append(cells, table.Missing(premium), table.Missing(r.list()), table.Missing(text), table.Missing(span(m)), table.Missing(mult), table.Missing(rank)))
	}
	if other && show.Currency == "" {
		t.Notes = append(t.Notes, "money is in the currency of the list; ×base and rank are in "+cur)
	}
	// What is said of several models is said once.
	var texts []string
	models := map[string][]string{}
	for i := range rows {
		for _, n := range rows[i].Notes {
			name, text, _ := strings.Cut(n.Text, ": ")
			if models[text] == nil {
				texts = append(texts, text)
			}
			if !slices.Contains(models[text], name) {
				models[text] = append(models[text], name)
			}
		}
	}
	for _, text := range texts {
		t.Notes = append(t.Notes, strings.Join(models[text], ", ")+": "+text)
	}
	return t
}

// Needs says what could not be costed, and what it needs, over all languages: a
// line for each need.
func Needs(langs []string, rows [][]Row) []string {
	in := map[[2]string][]string{}
	var order [][2]string
	for i, some := range rows {
		for _, r := range some {
			if r.Needs == "" {
				continue
			}
			key := [2]string{r.Model.Name, r.Needs}
			if in[key] == nil {
				order = append(order, key)
			}
			in[key] = append(in[key], langs[i])
		}
	}
	models := map[string][]string{}
	var needs []string
	for _, key := range order {
		need := key[1]
		if len(in[key]) < len(langs) {
			need += " (" + strings.Join(in[key], ", ") + ")"
		}
		if models[need] == nil {
			needs = append(needs, need)
		}
		models[need] = append(models[need], key[0])
	}
	var lines []string
	for _, need := range needs {
		lines = append(lines, strings.Join(models[need], ", ")+": "+need)
	}
	return lines
}

func number(x *big.Rat) table.Cell {
	if x == nil {
		return table.Cell{}
	}
	f, _ := x.Float64()
	return table.Num(f, 6)
}

func three(m *Money) []table.Cell {
	if m == nil || m.Center == nil {
		return make([]table.Cell, 3)
	}
	return []table.Cell{number(m.Center), number(m.Lo), number(m.Hi)}
}

// Tidy is one row for each scope, language and model, with exact values, for
// machines. Scope is "all", "macro" or a domain.
func (c *Comparison) Tidy() *table.Table {
	money := "money in currency, per million base-language tokens' worth of content or for the requests of the workload"
	ratio := "ratio"
	return &table.Table{Name: "cost", Keys: 3, Columns: []table.Column{
		{Name: "scope"}, {Name: "lang"}, {Name: "model"}, {Name: "provider"}, {Name: "region"}, {Name: "variant"}, {Name: "vocab"},
		{Name: "confidence"}, {Name: "status"}, {Name: "unit"}, {Name: "currency"},
		{Name: "list_input", Unit: "currency per million units"}, {Name: "list_output", Unit: "currency per million units"},
		{Name: "premium", Unit: ratio}, {Name: "premium_lo", Unit: ratio}, {Name: "premium_hi", Unit: ratio},
		{Name: "equivalent_input", Unit: money}, {Name: "equivalent_output", Unit: money},
		{Name: "money", Unit: money}, {Name: "money_lo", Unit: money}, {Name: "money_hi", Unit: money},
		{Name: "common", Unit: "the same in the common currency"}, {Name: "common_currency"},
		{Name: "multiplier", Unit: ratio}, {Name: "multiplier_lo", Unit: ratio}, {Name: "multiplier_hi", Unit: ratio},
		{Name: "rank"}, {Name: "tied"},
		{Name: "break_even", Unit: "factor on the list price at which it costs what the model to beat does"}, {Name: "break_even_lo", Unit: ratio}, {Name: "break_even_hi", Unit: ratio},
		{Name: "input_units", Unit: "units of a request"}, {Name: "output_units", Unit: "units of a request"}, {Name: "fits"},
		{Name: "checked", Unit: "date"}, {Name: "source"}, {Name: "served"}, {Name: "notes"}, {Name: "needs"},
	}}
}

// AddTidy adds the rows of a language to a table of [Comparison.Tidy].
func (c *Comparison) AddTidy(t *table.Table, scope string, rows []Row, show Show) {
	str := func(s string) table.Cell {
		if s == "" {
			return table.Cell{}
		}
		return table.Str(s)
	}
	for i := range rows {
		r := &rows[i]
		p := &r.Model.Price
		head := []table.Cell{str(scope), str(r.Lang), str(r.Model.Name), str(p.Provider), str(p.Region), str(p.Variant), str(r.Model.Vocab),
			str(r.Model.Confidence), str(string(p.Status)), str(string(p.Unit)), str(p.Currency), number(r.Input), number(r.Output)}
		var notes []string
		for _, n := range r.Notes {
			notes = append(notes, n.Text)
		}
		tail := []table.Cell{str(p.Checked.String()), str(sources(p)), str(r.Model.Served), str(strings.Join(notes, "; ")), str(r.Needs)}
		if r.Needs != "" {
			t.Rows = append(t.Rows, slices.Concat(head, make([]table.Cell, len(t.Columns)-len(head)-len(tail)), tail))
			continue
		}
		premium := &Money{r.Premium.Value, r.Premium.Lo, r.Premium.Hi}
		common, commonCurrency := table.Cell{}, table.Cell{}
		if r.Common != nil {
			cur := show.Currency
			if cur == "" {
				cur = c.Base.Price.Currency
			}
			common, commonCurrency = number(r.Common.Center), str(cur)
		}
		rank, tied := table.Cell{}, table.Cell{}
		if r.Rank > 0 {
			rank, tied = table.Int(int64(r.Rank)), table.Cell{Text: fmt.Sprint(r.Tied), Value: r.Tied}
		}
		size := make([]table.Cell, 3)
		if r.Bill != nil {
			in, out := r.Bill.InOut()
			size = []table.Cell{table.Int(in), table.Int(out), {Text: fmt.Sprint(r.Bill.Fits), Value: r.Bill.Fits}}
		}
		t.Rows = append(t.Rows, slices.Concat(head, three(premium), []table.Cell{number(r.EqInput.Center), number(r.EqOutput.Center)}, three(&r.Money),
			[]table.Cell{common, commonCurrency}, three(r.Multiplier), []table.Cell{rank, tied}, three(r.BreakEven), size, tail))
	}
}

func sources(p *price.Price) string {
	var s []string
	for _, x := range p.Sources {
		text := x.Title
		if x.URL != "" {
			text += " " + x.URL
		}
		s = append(s, text)
	}
	return strings.Join(s, "; ")
}

// BreakEven is the table of how much cheaper each model would have to be to cost
// what the one to beat does in the language, or how much dearer it may become.
func (c *Comparison) BreakEven(lang string, rows []Row) *table.Table {
	beat := c.Beat
	if beat == nil {
		beat = c.Base
	}
	t := &table.Table{Name: "break_even", Keys: 1, Title: fmt.Sprintf("%s: change of the list price at which a model costs what %s does", lang, beat.Name),
		Columns: []table.Column{{Name: "model", Title: "model", Left: true}, {Name: "change", Title: "change", Unit: "%"}, {Name: "interval", Title: "interval"}}}
	percent := func(x *big.Rat) string {
		f, _ := new(big.Rat).Sub(x, one).Float64()
		return fmt.Sprintf("%+.0f %%", 100*f)
	}
	for _, r := range rows {
		if r.Needs != "" || r.BreakEven == nil || r.Model.Name == beat.Name {
			continue
		}
		t.Rows = append(t.Rows, []table.Cell{table.Str(r.Model.Name), {Text: percent(r.BreakEven.Center), Value: r.BreakEven.Center.FloatString(6)},
			table.Missing(percent(r.BreakEven.Lo) + " to " + percent(r.BreakEven.Hi))})
	}
	return t
}
