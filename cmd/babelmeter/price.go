package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/table"
)

func (a *app) price() *cobra.Command {
	c := &cobra.Command{
		Use:   "price",
		Short: "List, check, import and compare prices",
		Long: `Prices: what providers charge, in their own currencies, with source and day.
The book is built in; --prices gives another that goes before it.`,
		Example: "  babelmeter price list --provider deepseek\n  babelmeter price check",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return writeHelp(a.Out, c) },
	}
	c.AddCommand(a.priceList(), a.priceCheck(), a.priceImport(), a.priceAudit())
	return c
}

// pricesFlag is --prices, the same everywhere that prices are read.
func pricesFlag(fs *pflag.FlagSet, path *string) {
	fs.StringVar(path, "prices", "", "`PATH` of a price book, a folder or a file, whose models go before the built-in")
}

// ownBook reads the book at a path: a folder of files *.toml, or one file.
func ownBook(path string) (*price.Book, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--prices: %w", err)
	}
	if info.IsDir() {
		return price.Read(os.DirFS(path))
	}
	return price.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
}

// priceBook returns the built-in book or, if a path is given, that with the
// models of another before its own.
func priceBook(path string) (*price.Book, error) {
	builtin, err := price.Builtin()
	if err != nil || path == "" {
		return builtin, err
	}
	own, err := ownBook(path)
	if err != nil {
		return nil, err
	}
	return builtin.Override(own), nil
}

// dayFlag reads a flag that is a day; today if it was not given.
func (a *app) dayFlag(name, value string) (price.Date, error) {
	if value == "" {
		return price.DateOf(a.now().UTC()), nil
	}
	d, err := price.ParseDate(value)
	if err != nil {
		return d, fmt.Errorf("--%s: %w", name, err)
	}
	return d, nil
}

func (a *app) priceList() *cobra.Command {
	var (
		format     formatFlag
		q          price.Query
		prices, at string
		all        bool
	)
	c := &cobra.Command{
		Use:   "list",
		Short: "List the prices of the book",
		Long: `List the prices in force, by provider and model, in the currency of the list. A
price by the token is for a million of them. A missing one is "–", which is not
0. The letters under "and" are told below the table; --format csv or json gives
all, with sources, conflicts and notes.`,
		Example: "  babelmeter price list --provider deepseek\n  babelmeter price list --region cn --at 2026-08-21 --format csv",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			book, err := priceBook(prices)
			if err != nil {
				return err
			}
			if q.On, err = a.dayFlag("at", at); err != nil {
				return err
			}
			if all {
				q.On = price.Date{}
			}
			found := slices.DeleteFunc(book.Prices(), func(p price.Price) bool { return !q.Matches(&p) })
			if len(found) == 0 {
				return noPrice(book, q)
			}
			view, data := priceTables(found, all)
			if format == "csv" || format == "json" {
				return a.write(data, format)
			}
			return a.write(view, format)
		},
	}
	f := c.Flags()
	format.AddFlag(f)
	completeFormat(c)
	pricesFlag(f, &prices)
	f.StringVar(&q.Provider, "provider", "", "only this `PROVIDER`")
	f.StringVar(&q.Model, "model", "", "only this `MODEL`, or provider/model")
	f.StringVar(&q.Region, "region", "", "only lists that hold in this `REGION`")
	f.StringVar(&q.Currency, "currency", "", "only lists in this `CURRENCY`")
	f.StringVar(&at, "at", "", "prices of that `DAY`, such as 2026-01-31 (default today)")
	f.BoolVar(&all, "all", false, "those of every day")
	c.MarkFlagsMutuallyExclusive("at", "all")
	return c
}

// noPrice says why nothing was found.
func noPrice(book *price.Book, q price.Query) error {
	var providers []string
	ever := q
	ever.On = price.Date{}
	for _, p := range book.Prices() {
		if !slices.Contains(providers, p.Provider) {
			providers = append(providers, p.Provider)
		}
	}
	if q.Provider != "" && !slices.ContainsFunc(providers, func(p string) bool { return strings.EqualFold(p, q.Provider) }) {
		return fmt.Errorf("no provider %q in the book: expected one of %s", q.Provider, strings.Join(providers, ", "))
	}
	if len(book.Find(ever)) > 0 {
		return fmt.Errorf("no price in force on %v; --all shows those of other days", q.On)
	}
	return errors.New("no price in the book is like that; `babelmeter price list --all` shows all")
}

// priceTables lists prices: for people in 80 columns, for machines everything.
// Those of every day are told apart by their first one.
func priceTables(prices []price.Price, all bool) (view, data *table.Table) {
	view = &table.Table{Name: "prices", Keys: 2, Columns: []table.Column{
		{Name: "provider", Title: "provider", Left: true}, {Name: "model", Title: "model", Left: true},
		{Name: "list", Title: "list", Left: true}, {Name: "input", Title: "input"}, {Name: "output", Title: "output"},
		{Name: "checked", Title: "checked", Left: true}, {Name: "and", Title: "and", Left: true},
	}}
	if all {
		view.Columns[5] = table.Column{Name: "from", Title: "from", Left: true}
	}
	used := map[byte]bool{}
	data = &table.Table{Name: "prices", Keys: 4}
	column := func(names ...string) {
		for _, n := range names {
			data.Columns = append(data.Columns, table.Column{Name: n})
		}
	}
	column("provider", "model", "region", "variant", "aliases", "vocabulary", "confidence", "status", "unit", "per", "currency", "tax", "from", "to", "checked")
	for key := range new(price.Rates).Fields() {
		column(key)
	}
	column("high", "batch", "tiers", "tier_kind", "windows", "cache_min", "cache_ttl", "residency", "deployment",
		"context", "max_input", "max_output", "requests_per_minute", "tokens_per_minute", "limits_notes", "sources", "conflicts", "notes", "file", "line")
	for i := range prices {
		p := &prices[i]
		day := p.Checked.String()[:len("2026-01")]
		if all {
			day = p.From.String()
		}
		view.Rows = append(view.Rows, []table.Cell{
			table.Str(p.Provider), table.Str(clipWidth(p.Model, 21)), table.Str(strings.TrimSpace(p.Region + " " + p.Currency)),
			shownRate(p, p.Input, p.High, "input"), shownRate(p, p.Output, p.High, "output"),
			table.Str(day), table.Str(besides(p, used)),
		})
		row := []table.Cell{table.Str(p.Provider), table.Str(p.Model), table.Str(p.Region), table.Str(p.Variant), table.Str(strings.Join(p.Aliases, " ")),
			table.Str(p.Vocabulary), table.Str(string(p.Confidence)), table.Str(string(p.Status)), table.Str(string(p.Unit)), table.Int(p.Per),
			table.Str(p.Currency), table.Str(string(p.Tax)), table.Str(p.From.String()), table.Str(p.To.String()), table.Str(p.Checked.String())}
		for _, v := range p.Rates.Fields() {
			if v == nil {
				row = append(row, table.Cell{})
			} else {
				row = append(row, table.Str(v.String()))
			}
		}
		kind := ""
		if len(p.Tiers) > 0 {
			kind = "cliff"
			if p.Marginal {
				kind = "marginal"
			}
		}
		ttl := ""
		if p.CacheTTL > 0 {
			ttl = p.CacheTTL.String()
		}
		row = append(row, table.Str(ratesText(p.High)), table.Str(ratesText(p.Batch)), table.Str(tiersText(p.Tiers)), table.Str(kind), table.Str(windowsText(p.Windows)),
			known(p.CacheMin), table.Str(ttl), table.Str(residencyText(p.Residency)), table.Str(deploymentText(p.Deployment)),
			known(p.Limits.Context), known(p.Limits.MaxInput), known(p.Limits.MaxOutput), known(p.Limits.RequestsPerMinute), known(p.Limits.TokensPerMinute), table.Str(p.Limits.Notes),
			table.Str(sourcesText(p.Sources)), table.Str(conflictsText(p.Conflicts)), table.Str(p.Notes), table.Str(p.File), table.Int(int64(p.Line)))
		data.Rows = append(data.Rows, row)
	}
	var legend []string
	for _, m := range marks {
		if used[m.letter] {
			legend = append(legend, string(m.letter)+" "+m.means)
		}
	}
	if len(legend) > 0 {
		view.Notes = []string{strings.Join(legend, "; ")}
	}
	return view, data
}

// shownRate is a rate, or a range of it, as the list has it.
func shownRate(p *price.Price, v *price.Decimal, high *price.Rates, key string) table.Cell {
	if v == nil && p.Each != nil && key == "input" {
		v = p.Each
	}
	switch {
	case v == nil:
		return table.Missing("–")
	case high != nil:
		if top, ok := high.Get(key); ok {
			return table.Missing(v.String() + "–" + top.String())
		}
	}
	return table.Missing(v.String())
}

// marks are what a price can have besides input and output, by a letter.
var marks = []struct {
	letter byte
	means  string
	has    func(*price.Price) bool
}{
	{'t', "tiers", func(p *price.Price) bool { return len(p.Tiers) > 0 }},
	{'h', "hours of the day", func(p *price.Price) bool { return len(p.Windows) > 0 }},
	{'c', "another source says otherwise", func(p *price.Price) bool { return len(p.Conflicts) > 0 }},
	{'v', "a variant, not the standard list", func(p *price.Price) bool { return p.Variant != "" }},
	{'d', "deprecated", func(p *price.Price) bool { return p.Status == price.Deprecated }},
	{'f', "free", func(p *price.Price) bool { return p.Status == price.Free }},
	{'p', "a promotion", func(p *price.Price) bool { return p.Status == price.Promo }},
	{'n', "not published", func(p *price.Price) bool { return p.Status == price.NotPublished }},
	{'k', "for a thousand characters", func(p *price.Price) bool { return p.Unit == price.Character && p.Per == 1000 }},
	{'m', "for a million characters", func(p *price.Price) bool { return p.Unit == price.Character && p.Per == 1_000_000 }},
	{'g', "for an hour of one graphics processor", func(p *price.Price) bool { return p.Unit == price.GPUHour }},
	{'r', "for a request", func(p *price.Price) bool { return p.Unit == price.Request }},
	{'u', "another unit: see --format csv", func(p *price.Price) bool {
		switch p.Unit {
		case price.Token:
			return p.Per != 1_000_000
		case price.Character:
			return p.Per != 1000 && p.Per != 1_000_000
		}
		return p.Per != 1
	}},
}

// besides returns the letters of a price, and remembers them.
func besides(p *price.Price, used map[byte]bool) string {
	letters := ""
	for _, m := range marks {
		if m.has(p) {
			letters += string(m.letter)
			used[m.letter] = true
		}
	}
	return letters
}

// clipWidth cuts a text to so many columns of a terminal.
func clipWidth(s string, width int) string {
	if displaywidth.String(s) <= width {
		return s
	}
	cut, used := "", 0
	for _, r := range s {
		if used += displaywidth.Rune(r); used >= width {
			break
		}
		cut += string(r)
	}
	return cut + "…"
}

func known(n int64) table.Cell {
	if n == 0 {
		return table.Cell{}
	}
	return table.Int(n)
}

func ratesText(r *price.Rates) string {
	if r == nil {
		return ""
	}
	var all []string
	for key, v := range r.All() {
		all = append(all, key+" "+v.String())
	}
	return strings.Join(all, ", ")
}

func tiersText(tiers []price.Tier) string {
	bounds := func(name string, from, to int64) string {
		switch {
		case from == 0 && to == 0:
			return ""
		case to == 0:
			return fmt.Sprintf("%s from %d ", name, from)
		}
		return fmt.Sprintf("%s %d to below %d ", name, from, to)
	}
	var all []string
	for _, t := range tiers {
		s := bounds("input", t.InputFrom, t.InputTo) + bounds("output", t.OutputFrom, t.OutputTo)
		s = strings.TrimSpace(s) + ": " + ratesText(&t.Rates)
		if t.Batch != nil {
			s += "; batch: " + ratesText(t.Batch)
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func windowsText(windows []price.Window) string {
	var all []string
	for _, w := range windows {
		days := ""
		for _, d := range w.Days {
			days += d.String()[:3] + " "
		}
		sign, zone := "+", w.Zone
		if zone < 0 {
			sign, zone = "-", -zone
		}
		s := fmt.Sprintf("%s%02d:%02d to %02d:%02d at UTC%s%02d:%02d: %s", days, w.From/60, w.From%60, w.To/60, w.To%60, sign, zone/60, zone%60, ratesText(&w.Rates))
		if w.Batch != nil {
			s += "; batch: " + ratesText(w.Batch)
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func residencyText(places []price.Residency) string {
	var all []string
	for _, r := range places {
		s := fmt.Sprintf("%s %s", r.Place, r.Scope)
		if r.Uplift != nil {
			s += " × " + r.Uplift.String()
		}
		s += ": " + sourcesText(r.Sources)
		if r.Notes != "" {
			s += "; " + r.Notes
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func deploymentText(d *price.Deployment) string {
	if d == nil {
		return ""
	}
	s := fmt.Sprintf("%d %s", d.GPUs, d.GPU)
	if d.OutputPerSecond != nil {
		s += ", " + d.OutputPerSecond.String() + " units of output a second"
	}
	if d.InputPerSecond != nil {
		s += ", " + d.InputPerSecond.String() + " units of input a second"
	}
	if d.Notes != "" {
		s += ": " + d.Notes
	}
	return s
}

func sourcesText(sources []price.Source) string {
	var all []string
	for _, s := range sources {
		t := s.Title
		if s.URL != "" {
			t += " " + s.URL
		}
		if s.Revision != "" {
			t += " at " + s.Revision
		}
		all = append(all, fmt.Sprintf("%s (%v)", t, s.Date))
	}
	return strings.Join(all, " | ")
}

func conflictsText(conflicts []price.Conflict) string {
	var all []string
	for _, c := range conflicts {
		s := c.Source.Key + ":"
		if c.Key != "" {
			s += " " + c.Key
		}
		if c.Value != nil {
			s += " " + c.Value.String()
		}
		if c.Text != "" {
			s += " " + c.Text
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func (a *app) priceCheck() *cobra.Command {
	var (
		format     formatFlag
		prices, at string
		stale      int
	)
	c := &cobra.Command{
		Use:   "check",
		Short: "Check a price book",
		Long: `Read a price book strictly and look for what is implausible in it: units that
seem wrong, rates and tiers that contradict each other, jumps from one price to
the next, entries that overlap in time, the same figures in two currencies,
prices that nobody has looked at for long. Without --prices: the built-in book.`,
		Annotations: failsIf("something was found"),
		Example:     "  babelmeter price check\n  babelmeter price check --at 2026-11-29 --stale 90",
		Args:        noArgs,
		RunE: func(*cobra.Command, []string) error {
			on, err := a.dayFlag("at", at)
			if err != nil {
				return err
			}
			if stale < 0 {
				return fmt.Errorf("--stale %d: expected a number of days", stale)
			}
			read := price.Builtin
			if prices != "" {
				read = func() (*price.Book, error) { return ownBook(prices) }
			}
			book, err := read()
			var found price.Problems
			switch {
			case errors.As(err, &found): // what is malformed is also found
			case err != nil:
				return err
			default:
				found = book.Check(on, stale)
			}
			t := &table.Table{Name: "findings", Columns: []table.Column{
				{Name: "file", Title: "file", Left: true}, {Name: "line", Title: "line"}, {Name: "finding", Title: "finding", Left: true},
			}}
			for _, f := range found {
				t.Rows = append(t.Rows, []table.Cell{table.Str(f.File), table.Int(int64(f.Line)), table.Str(f.Text)})
			}
			if format == "text" { // as compilers do, for editors to follow
				if len(found) == 0 {
					_, err := fmt.Fprintf(a.Out, "nothing found in %s\n", plural(len(book.Prices()), "price"))
					return err
				}
				for _, f := range found {
					if _, err := fmt.Fprintln(a.Out, f); err != nil {
						return err
					}
				}
			} else if err := a.write(t, format); err != nil {
				return err
			}
			if len(found) > 0 {
				return errFailed
			}
			return nil
		},
	}
	f := c.Flags()
	format.AddFlag(f)
	completeFormat(c)
	f.StringVar(&prices, "prices", "", "`PATH` of a price book, a folder or a file (default the built-in)")
	f.StringVar(&at, "at", "", "as of that `DAY`, such as 2026-01-31 (default today)")
	f.IntVar(&stale, "stale", price.Stale, "days after which a price should be looked at again, a `NUMBER`")
	return c
}
