package main

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/cost"
	"github.com/babelmeter/babelmeter/results/margin"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/results/workload"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) costMargin() *cobra.Command {
	var f costFlags
	c := &cobra.Command{
		Use:   "margin FILE.toml",
		Short: "What a seat and a customer cost, and the margin as usage grows",
		Long: `Cost the workload of FILE, which has a [business] table, for each model: what a
request, a conversation, a seat and a customer cost, and the gross margin, with
and without inference, as usage grows at a fixed price of the seat. What is due
to the language of the users, over the same requests in the base language, is a
column of its own. Models that need something are left out, and said to be. The
mix of FILE is costed unless --lang asks for languages; the model is that of
--base-model unless --model asks for others. csv has the margins.`,
		Example: "  babelmeter cost margin business.toml --model gpt-4o,gpt-4o-mini\n  babelmeter cost margin business.toml --shock openai=+50% --format csv",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one FILE.toml, got %d arguments; see `%s --help`", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			f.workload = args[0]
			return a.runMargin(c, &f)
		},
	}
	f.AddCommon(c.Flags())
	completeFormat(c)
	return c
}

func (a *app) runMargin(c *cobra.Command, f *costFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	b := f.workLoad.Business
	if b == nil {
		return fmt.Errorf("%s: no [business] table: want customers, seat_price and conversations at least", f.workload)
	}
	f.currency = b.Currency
	if len(f.models) == 0 {
		f.models = list{f.baseModel}
	}
	k, err := a.costing(c, f, nil)
	if err != nil {
		return err
	}
	if k.langs[0] == cost.Mix {
		k.langs = k.langs[:1]
	}
	units := &table.Table{Name: "units", Keys: 2, Title: fmt.Sprintf("%s: what it costs, %s; a seat and a customer in a month", f.workLoad.Title, b.Currency),
		Columns: []table.Column{{Name: "model", Title: "model", Left: true}, {Name: "lang", Title: "lang", Left: true},
			{Name: "request", Title: "request", Unit: b.Currency}, {Name: "conversation", Title: "conversation", Unit: b.Currency},
			{Name: "seat", Title: "seat", Unit: b.Currency}, {Name: "customer", Title: "customer", Unit: b.Currency}, {Name: "language", Title: "of it language", Unit: "share"}}}
	margins := &table.Table{Name: "margin", Keys: 3, Title: fmt.Sprintf("Margin of %d customers with %d seats each at %s %s a month, a year at each usage", b.Customers, b.Seats, b.Currency, b.SeatPrice),
		Columns: []table.Column{{Name: "model", Title: "model", Left: true}, {Name: "lang", Title: "lang", Left: true}, {Name: "usage", Title: "usage"},
			{Name: "revenue", Title: "revenue", Unit: b.Currency}, {Name: "other", Title: "other cost", Unit: b.Currency}, {Name: "inference", Title: "inference", Unit: b.Currency},
			{Name: "language", Title: "language", Unit: b.Currency, Note: "of inference, above the base language"},
			{Name: "margin", Title: "margin", Unit: "share"}, {Name: "without", Title: "without", Unit: "share", Note: "margin without inference"}}}
	var lines []string
	var all [][]cost.Row
	for _, lang := range k.langs {
		rows, err := k.Rows(lang)
		if err != nil {
			return err
		}
		all = append(all, rows)
		for i := range rows {
			r := &rows[i]
			if r.Needs != "" {
				continue
			}
			factor, err := k.Convert(r.Model.Price.Currency)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Model.Name, err)
			}
			base, err := k.Bill(r.Model, k.Content.Base, cost.Center)
			if err != nil {
				return err
			}
			each := func(total *big.Rat) *big.Rat {
				x := new(big.Rat).Mul(total, factor)
				return x.Quo(x, new(big.Rat).SetInt64(base.Requests))
			}
			costs := margin.Costs{Request: each(r.Money.Center), Base: each(base.Total)}
			u := margin.PerUnit(b, costs.Request)
			share := table.Missing("–")
			if costs.Request.Sign() > 0 {
				x := new(big.Rat).Sub(costs.Request, costs.Base)
				share = percent(x.Quo(x, costs.Request))
			}
			units.Rows = append(units.Rows, []table.Cell{table.Str(r.Model.Name), table.Str(lang), amount(u.Request), amount(u.Conversation), amount(u.Seat), amount(u.Customer), share})
			for _, p := range margin.Periods(b, costs) {
				margins.Rows = append(margins.Rows, []table.Cell{table.Str(r.Model.Name), table.Str(lang), {Text: "×" + cost.Number(p.Usage, 3), Value: float(p.Usage)},
					sum(p.Revenue), sum(p.Other), sum(p.Inference), sum(p.Language), percent(p.Margin), percent(p.Without)})
			}
			if f.explain {
				lines = append(lines, k.Explain(r)...)
				lines = append(lines, explainMargin(b, r, base, costs, factor)...)
			}
		}
	}
	if len(units.Rows) == 0 {
		return fmt.Errorf("no model can be costed: %v", cost.Needs(k.langs, all))
	}
	if f.format == "text" || f.format == "md" {
		margins = withoutRevenue(margins)
	}
	return a.writeBusiness(f, []*table.Table{units, margins}, lines, append(cost.Needs(k.langs, all), append(k.notes, k.footnotes(f, all)...)...))
}

// withoutRevenue is the table to be read: what stays the same is in its title.
func withoutRevenue(t *table.Table) *table.Table {
	v := *t
	v.Columns, v.Rows = slices.Delete(slices.Clone(t.Columns), 3, 5), nil
	for i, r := range t.Rows {
		if i == 0 {
			v.Title += fmt.Sprintf("; revenue %s, other cost %s", r[3].Text, r[4].Text)
		}
		v.Rows = append(v.Rows, slices.Delete(slices.Clone(r), 3, 5))
	}
	return &v
}

// explainMargin tells the first year line by line.
func explainMargin(b *workload.Business, r *cost.Row, base *cost.Bill, c margin.Costs, factor *big.Rat) (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	n := func(x *big.Rat) string { return cost.Number(x, 6) }
	u := margin.PerUnit(b, c.Request)
	p := margin.Periods(b, c)[0]
	add("  request: %s × %s ÷ %s = %s %s; in the base language %s × %s ÷ %s = %s", n(r.Money.Center), n(factor), cost.Int(base.Requests), b.Currency, n(c.Request),
		n(base.Total), n(factor), cost.Int(base.Requests), n(c.Base))
	add("  conversation: × %s turns = %s", b.Turns, n(u.Conversation))
	add("  seat: × %s conversations a month = %s", b.Conversations, n(u.Seat))
	add("  customer: × %s seats = %s", cost.Int(b.Seats), n(u.Customer))
	add("  inference: × %s customers × 12 months = %s, of which language %s", cost.Int(b.Customers), n(p.Inference), n(p.Language))
	add("  revenue: %s × %s seats × %s customers × 12 = %s; other cost: × %s = %s", b.SeatPrice, cost.Int(b.Seats), cost.Int(b.Customers), n(p.Revenue), b.OtherCost, n(p.Other))
	add("  gross: %s − %s − %s = %s", n(p.Revenue), n(p.Other), n(p.Inference), n(p.Gross))
	return lines
}

func float(x *big.Rat) any {
	if x == nil {
		return nil
	}
	v, _ := x.Float64()
	return v
}

// percent is a share in a table.
func percent(x *big.Rat) table.Cell {
	if x == nil {
		return table.Missing("–")
	}
	return table.Cell{Text: new(big.Rat).Mul(x, big.NewRat(100, 1)).FloatString(1) + " %", Value: float(x)}
}

// sum is a large sum in a table, in whole units.
func sum(x *big.Rat) table.Cell {
	return table.Cell{Text: cost.Number(roundTo(x), 0), Value: float(x)}
}

// roundTo rounds to whole units for showing.
func roundTo(x *big.Rat) *big.Rat {
	y, _ := new(big.Rat).SetString(x.FloatString(0))
	return y
}

// writeBusiness writes tables of money, how they were made and what to know.
func (a *app) writeBusiness(f *costFlags, tables []*table.Table, explained, notes []string) error {
	switch f.format {
	case "csv":
		return tables[len(tables)-1].WriteCSV(a.Out)
	case "json":
		return writeJSON(a.Out, map[string]any{"tables": tables, "explain": explained, "notes": notes})
	}
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(a.Out)
		}
		if err := a.write(t, f.format); err != nil {
			return err
		}
	}
	if len(explained) > 0 {
		fmt.Fprintln(a.Out)
		if f.format == "md" {
			fmt.Fprintln(a.Out, "```")
		}
		for _, l := range explained {
			fmt.Fprintln(a.Out, l)
		}
		if f.format == "md" {
			fmt.Fprintln(a.Out, "```")
		}
	}
	fmt.Fprintln(a.Out)
	return a.writeNotes("Notes", notes, f.format)
}

func (a *app) costUsage() *cobra.Command {
	var f costFlags
	c := &cobra.Command{
		Use:   "usage FILE",
		Short: "Which customers and languages the cost comes from",
		Long: `Cost the lines of a usage file ("-" is standard input), CSV with a line of names
or JSON lines: customer, model and lang, and tokens (input_tokens without those
cached, cached_tokens, output_tokens) or text (text, answer), which is counted.
revenue is added up over the lines of a customer.

The tables have the customers by cost, and cohorts: the dearest 10 and 20 % of
customers, those of the highest revenue, and those of each language, each with
its share of the cost and the margin after inference; csv has the customers.
The language part of the cost is what is above the same content in the base
language, by the premium of the built-in corpus.`,
		Example: "  babelmeter cost usage usage.csv\n  babelmeter cost usage usage.csv --shock openai=+50% --format json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one FILE of usage or -, got %d arguments; see `%s --help`", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runUsage(c, &f, args[0]) },
	}
	fs := c.Flags()
	fs.StringVar(&f.plan.base, "base", "en", "`LANGUAGE` that the language part is over")
	fs.StringVar(&f.plan.engine, "engine", engineNames()[0], "`ENGINE` that encodes")
	fs.StringVar(&f.at, "at", "", "prices of that `DATE`, such as 2026-01-31 (default: the last of each list)")
	pricesFlag(fs, &f.prices)
	fs.StringVar(&f.currency, "currency", "USD", "currency of the revenue and of the tables, a `CODE`")
	fs.StringVar(&f.fx, "fx", "", "`FILE` of rates of exchange, in place of the built-in ones")
	f.shock.AddFlag(fs, "shock", "changes of prices, as openai=+50%, separated by commas")
	fs.IntVar(&f.top, "top", 10, "`NUMBER` of customers to show; csv and json have all")
	f.format.AddFlag(fs)
	completeFormat(c)
	f.blend, f.use, f.requests, f.resamples = "3:1", "1", 1000, 1
	return c
}

// priced is what a line of usage is costed by.
type priced struct {
	model   *cost.Model
	factor  *big.Rat // to the currency of the tables
	encoder tokenizers.Encoder
}

func (a *app) runUsage(c *cobra.Command, f *costFlags, file string) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.top < 0 {
		return fmt.Errorf("--top %d: expected a number of customers", f.top)
	}
	book, err := priceBook(f.prices)
	if err != nil {
		return err
	}
	cat, err := tokenizers.Builtin()
	if err != nil {
		return err
	}
	convert, rates, err := f.converter(f.currency)
	if err != nil {
		return err
	}
	in, err := a.openInput(file)
	if err != nil {
		return err
	}
	defer in.Close()
	name := file
	if name == "-" {
		name = "standard input"
	}
	models := map[string]*priced{}
	lookup := func(u *margin.Use) (*priced, error) {
		if p := models[u.Model]; p != nil {
			return p, nil
		}
		found, err := book.Lookup(u.Model, f.on)
		if err != nil {
			return nil, err
		}
		if factor, ok := f.shocks[found.Provider]; ok {
			found = cost.Scaled(found, factor)
		}
		p := &priced{model: a.candidate(found, cat)}
		if found.Status == price.NotPublished {
			return nil, fmt.Errorf("%s: price not published", u.Model)
		}
		if p.factor, err = convert(found.Currency); err != nil {
			return nil, err
		}
		models[u.Model] = p
		return p, nil
	}
	// The lines first: a mistake in the last must not come after a table.
	type line struct {
		use  margin.Use
		of   *priced
		cost *big.Rat
	}
	var lines []line
	vocabs := list{}
	langs := list{f.plan.base}
	for u, err := range margin.ReadUsage(in, name) {
		if err != nil {
			return err
		}
		p, err := lookup(&u)
		if err != nil {
			return fmt.Errorf("%s:%d: model: %w", name, u.Line, err)
		}
		if !u.Counted() {
			if err := a.countUse(f, cat, p, &u); err != nil {
				return fmt.Errorf("%s:%d: text: %w", name, u.Line, err)
			}
		}
		d, err := p.model.Price.Cost(price.Usage{Input: u.Input, CachedInput: u.Cached, Output: u.Output})
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, u.Line, err)
		}
		u.Text, u.Answer = "", ""
		lines = append(lines, line{u, p, new(big.Rat).Mul(d.Rat(), p.factor)})
		if p.model.Needs == "" && p.model.Vocab != "" && !slices.Contains(vocabs, p.model.Vocab) {
			vocabs = append(vocabs, p.model.Vocab)
		}
		if !slices.Contains(langs, u.Lang) {
			langs = append(langs, u.Lang)
		}
	}
	content, err := a.usageContent(c, f, vocabs, langs)
	if err != nil {
		return err
	}
	var customers margin.Customers
	var unknown []string
	for _, l := range lines {
		language := new(big.Rat)
		switch {
		case l.use.Lang == f.plan.base:
		case content != nil && content.Missing(l.of.model.Vocab, l.use.Lang) == "":
			r := content.Ratio(l.of.model.Vocab, l.use.Lang, l.of.model.Vocab, content.Base)
			language.Sub(l.cost, new(big.Rat).Quo(l.cost, r.Value))
		default:
			if s := l.of.model.Name + " in " + l.use.Lang; !slices.Contains(unknown, s) {
				unknown = append(unknown, s)
			}
		}
		customers.Add(l.use.Customer, l.use.Lang, l.use.Revenue.Rat(), l.cost, language)
	}
	notes := rates()
	if len(unknown) > 0 {
		notes = append(notes, fmt.Sprintf("no premium is known, so that the language part is left out, of %v", unknown))
	}
	for _, s := range f.shock {
		notes = append(notes, "shock: "+s)
	}
	notes = append(notes, "margin is after inference only; the language part is above "+f.plan.base+", by the premium of the built-in corpus")
	return a.writeBusiness(f, usageTables(&customers, f), nil, notes)
}

// countUse counts the text of a line.
func (a *app) countUse(f *costFlags, cat *tokenizers.Catalog, p *priced, u *margin.Use) error {
	if p.model.Needs != "" {
		return fmt.Errorf("%s: %s", p.model.Name, p.model.Needs)
	}
	if p.encoder == nil {
		spec, err := cat.Lookup(p.model.Vocab)
		if err != nil {
			return err
		}
		if p.encoder, err = a.encoder(&vocabFlags{engine: f.plan.engine}, spec); err != nil {
			return err
		}
	}
	in, err := p.encoder.Count(u.Text)
	if err != nil {
		return err
	}
	out, err := p.encoder.Count(u.Answer)
	u.Input, u.Output = int64(in), int64(out)
	return err
}

// usageContent measures the premiums of the languages that the corpus has; nil
// if there are none.
func (a *app) usageContent(c *cobra.Command, f *costFlags, vocabs, langs list) (*cost.Content, error) {
	plan := planFlags{base: f.plan.base, seed: 1}
	plan.engine, plan.vocabs = f.plan.engine, vocabs
	p, err := a.plan(&planFlags{base: f.plan.base, vocabFlags: vocabFlags{vocabs: list{"o200k_base"}, engine: f.plan.engine}})
	if err != nil || len(vocabs) == 0 {
		return nil, err
	}
	for _, l := range langs {
		if slices.Contains(tags(p.Corpus.Langs()), l) {
			plan.langs = append(plan.langs, l)
		}
	}
	g := costFlags{plan: plan, resamples: 1}
	var cand candidates
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nil, err
	}
	for _, v := range vocabs {
		s, err := cat.Lookup(v)
		if err != nil {
			return nil, err
		}
		cand.specs = append(cand.specs, s)
	}
	content, _, err := a.content(c, &g, &cand, nil)
	return content, err
}

// usageTables are the customers and the cohorts.
func usageTables(customers *margin.Customers, f *costFlags) []*table.Table {
	columns := func(first string) []table.Column {
		return []table.Column{{Name: first, Title: first, Left: true}, {Name: "customers", Title: "customers"}, {Name: "revenue", Title: "revenue", Unit: f.currency},
			{Name: "cost", Title: "cost", Unit: f.currency}, {Name: "language", Title: "language", Unit: f.currency, Note: "of the cost, above the base language"},
			{Name: "share", Title: "of cost", Unit: "share"}, {Name: "margin", Title: "margin", Unit: "share"}}
	}
	cohorts := customers.Cohorts()
	all := cohorts[0].Cost
	share := func(x *big.Rat) table.Cell {
		if all.Sign() == 0 {
			return table.Missing("–")
		}
		return percent(new(big.Rat).Quo(x, all))
	}
	c := &table.Table{Name: "cohorts", Keys: 1, Title: "Cohorts, " + f.currency, Columns: columns("cohort")}
	for i := range cohorts {
		x := &cohorts[i]
		c.Rows = append(c.Rows, []table.Cell{table.Str(x.Name), table.Int(int64(x.Customers)), amount(x.Revenue), amount(x.Cost), amount(x.Language), share(x.Cost), percent(x.Margin())})
	}
	people := f.format == "text" || f.format == "md"
	t := &table.Table{Name: "customers", Keys: 1, Title: "Customers by cost, " + f.currency}
	t.Columns = append(columns("customer")[:1:1], table.Column{Name: "lang", Title: "lang", Left: true, Note: "that the most of the cost is in"})
	t.Columns = append(t.Columns, columns("customer")[2:]...)
	rows := customers.List()
	for i, x := range rows {
		if people && i == f.top {
			t.Notes = append(t.Notes, fmt.Sprintf("%d more customers: --top", len(rows)-i))
			break
		}
		m := margin.Cohort{Revenue: x.Revenue, Cost: x.Cost}
		t.Rows = append(t.Rows, []table.Cell{table.Str(x.Name), table.Str(x.Lang()), amount(x.Revenue), amount(x.Cost), amount(x.Language), share(x.Cost), percent(m.Margin())})
	}
	return []*table.Table{c, t}
}
