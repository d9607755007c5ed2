package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/report"
	"github.com/babelmeter/babelmeter/results/table"
)

// reportFlags say how records become tables.
type reportFlags struct {
	format    formatFlag
	table     string
	baseModel string
	on        string
	resamples int
}

func (f *reportFlags) AddFlags(fs *pflag.FlagSet) {
	f.format.AddFlag(fs)
	fs.StringVar(&f.table, "table", "", "only this `TABLE`: tokens, cost, closed or engines (csv: tokens unless told)")
	fs.StringVar(&f.baseModel, "base-model", report.DefaultBaseModel, "`MODEL` that cost multipliers are over")
	fs.StringVar(&f.on, "on", "", "prices of that `DAY`, such as 2026-01-31 (default: the latest in the book)")
	fs.IntVar(&f.resamples, "resamples", 1000, "resamples of the bootstrap, a `NUMBER`")
}

func (f *reportFlags) complete(c *cobra.Command) {
	completeFormat(c)
	_ = c.RegisterFlagCompletionFunc("table", cobra.FixedCompletions(reportTables, cobra.ShellCompDirectiveNoFileComp))
}

var reportTables = []string{"tokens", "cost", "closed", "engines"}

// check finds wrong flags before anything is measured.
func (f *reportFlags) check() error {
	if f.table != "" && !slices.Contains(reportTables, f.table) {
		return fmt.Errorf("--table %q: expected tokens, cost, closed or engines", f.table)
	}
	if f.resamples < 1 {
		return fmt.Errorf("--resamples %d: expected at least 1", f.resamples)
	}
	if f.on != "" {
		if _, err := price.ParseDate(f.on); err != nil {
			return fmt.Errorf("--on: %w", err)
		}
	}
	return nil
}

// print makes the report of a set and writes it.
func (a *app) print(set *results.Set, f *reportFlags) error {
	book, err := price.Builtin()
	if err != nil {
		return err
	}
	o := report.Options{Prices: book, BaseModel: f.baseModel, Resamples: f.resamples}
	if f.on != "" {
		if o.On, err = price.ParseDate(f.on); err != nil {
			return err
		}
	}
	r, err := report.New(set, o)
	if err != nil {
		return err
	}
	if f.table != "" {
		r.Tables, r.Data = only(r.Tables, f.table), only(r.Data, f.table)
		if len(r.Data) == 0 {
			return fmt.Errorf("--table %s: the records give no such table", f.table)
		}
	}
	switch f.format {
	case "json":
		return r.WriteJSON(a.Out)
	case "csv":
		return r.Data[0].WriteCSV(a.Out)
	}
	for i, t := range r.Tables {
		if i > 0 {
			if _, err := fmt.Fprintln(a.Out); err != nil {
				return err
			}
		}
		if err := a.write(t, f.format); err != nil {
			return err
		}
	}
	run := set.Run
	madeBy := "\nmade by: " + quote(run.Command)
	if f.format == "md" {
		madeBy = "\n\nmade by: `" + quote(run.Command) + "`"
	}
	_, err = fmt.Fprintf(a.Out, "\nbabelmeter %s, %s; corpus %s; seed %d%s\n",
		run.Version, run.Started.Format("2006-01-02"), short(run.Corpora[0].Digest), run.Seed, madeBy)
	return err
}

// only keeps the tables of one name. The multipliers belong to the costs.
func only(tables []*table.Table, name string) []*table.Table {
	var keep []*table.Table
	for _, t := range tables {
		if t.Name == name || name == "cost" && t.Name == "multiplier" {
			keep = append(keep, t)
		}
	}
	return keep
}

// short is the beginning of a digest, enough to compare by eye.
func short(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }

func (a *app) mainJob() *cobra.Command {
	var (
		plan planFlags
		rep  reportFlags
	)
	c := &cobra.Command{
		Use:   "babelmeter",
		Short: "What the same text costs in another language",
		Long: `babelmeter answers exactly: what does the same text cost in another language,
under each model's tokenizer and price?

Without a command it encodes the built-in parallel corpus with the built-in
vocabularies and prints tokens, chars per token, premium over the base language
with its 95 % interval, and what a million English tokens' worth of content
costs under each model. Nothing is downloaded, and no vendor is asked: what
only a vendor counts is listed with the key that it needs (see measure).

--estimates adds rough counts for models of unknown vocabulary (Claude 3 and
later by that of Claude 2); they are marked as estimate wherever they stand.`,
		Example: "  babelmeter\n  babelmeter --vocab gpt-4o --lang ja,ko --format md",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := rep.check(); err != nil {
				return err
			}
			p, err := a.plan(&plan)
			if err != nil {
				return err
			}
			ctx, stop := interruptible(c.Context())
			defer stop()
			set, err := results.Collect(a.withProgress(bench.Run(ctx, p), p.Steps()))
			if err != nil {
				return err
			}
			return a.print(set, &rep)
		},
	}
	plan.AddFlags(c.Flags())
	plan.complete(c)
	rep.AddFlags(c.Flags())
	rep.complete(c)
	return c
}

func (a *app) report() *cobra.Command {
	var rep reportFlags
	c := &cobra.Command{
		Use:   "report FILE",
		Short: "Make tables from records",
		Long: `Make the tables of records that "babelmeter measure" wrote; FILE "-" is
standard input. Nothing is measured again and no vocabulary is needed.`,
		Example: "  babelmeter report r.jsonl\n  babelmeter report r.jsonl --format csv --table cost",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one FILE of records or -, got %d arguments; see `%s --help`", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := rep.check(); err != nil {
				return err
			}
			f, err := a.openInput(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			set, err := results.ReadSet(f, args[0])
			if err != nil {
				return err
			}
			return a.print(set, &rep)
		},
	}
	rep.AddFlags(c.Flags())
	rep.complete(c)
	return c
}
