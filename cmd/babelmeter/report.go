package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/bench/metric"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/report"
	"github.com/babelmeter/babelmeter/results/sample"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// reportFlags say how records become tables.
type reportFlags struct {
	format    formatFlag
	table     string
	baseModel string
	on        string
	resamples int
	premium   string
	metrics   list
	fixed     string
	window    int
	base      string // of report alone; the main job has the plan's
}

// reportTables are the tables of a report. The first are shown unless told.
var reportTables = []string{"tokens", "cost", "closed", "engines", "domains", "metrics", "ranks", "parity"}

const shownTables = 4

func (f *reportFlags) AddFlags(fs *pflag.FlagSet) {
	f.format.AddFlag(fs)
	fs.StringVar(&f.table, "table", "", "only this `TABLE`: "+oneOf(reportTables)+" (text, md: the first four unless told; csv: tokens)")
	fs.StringVar(&f.baseModel, "base-model", report.DefaultBaseModel, "`MODEL` that cost multipliers are over")
	fs.StringVar(&f.on, "on", "", "prices of that `DAY`, such as 2026-01-31 (default: the latest in the book)")
	fs.StringVar(&f.premium, "premium", string(sample.Sum), "`DEFINITION` of the premium: "+oneOf(premiums()))
	f.metrics.AddFlag(fs, "metrics", "show these metrics beside the premium, by name, separated by commas, or all")
	fs.StringVar(&f.fixed, "fixed", "", "`VOCABULARY` that the others are compared with, as nsl and in the table ranks (default: the first)")
	fs.IntVar(&f.window, "window", report.DefaultWindow, "`NUMBER` of tokens of the window of effective_context")
	fs.IntVar(&f.resamples, "resamples", 1000, "resamples of the bootstrap, a `NUMBER`")
}

func (f *reportFlags) complete(c *cobra.Command) {
	completeFormat(c)
	_ = c.RegisterFlagCompletionFunc("table", cobra.FixedCompletions(reportTables, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("premium", cobra.FixedCompletions(premiums(), cobra.ShellCompDirectiveNoFileComp))
	completeList(c, "metrics", func() ([]string, error) { return append(metricNames(), "all"), nil })
}

func premiums() (names []string) {
	for _, d := range sample.Definitions {
		names = append(names, string(d))
	}
	return names
}

func metricNames() (names []string) {
	for _, m := range metric.ByLanguage() {
		names = append(names, m.Name)
	}
	return names
}

// oneOf writes names as "a, b or c".
func oneOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// check finds wrong flags before anything is measured.
func (f *reportFlags) check() error {
	if f.table != "" && !slices.Contains(reportTables, f.table) {
		return fmt.Errorf("--table %q: expected %s", f.table, oneOf(reportTables))
	}
	if !slices.Contains(premiums(), f.premium) {
		return fmt.Errorf("--premium %q: expected %s", f.premium, oneOf(premiums()))
	}
	for _, m := range f.metrics {
		if m != "all" && !slices.Contains(metricNames(), m) {
			return fmt.Errorf("--metrics: no metric %q; metrics: %s", m, strings.Join(metricNames(), ", "))
		}
	}
	if f.window < 1 {
		return fmt.Errorf("--window %d: expected at least 1", f.window)
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
	o := report.Options{Prices: book, BaseModel: f.baseModel, Resamples: f.resamples,
		Base: f.base, Premium: sample.Definition(f.premium), Metrics: f.metrics, Window: f.window}
	if slices.Contains(f.metrics, "all") {
		o.Metrics = metricNames()
	}
	if f.fixed != "" {
		cat, err := tokenizers.Builtin()
		if err != nil {
			return err
		}
		o.Fixed = f.fixed
		if spec, err := cat.Lookup(f.fixed); err == nil {
			o.Fixed = spec.Name // a model stands for its vocabulary
		}
	}
	if f.on != "" {
		if o.On, err = price.ParseDate(f.on); err != nil {
			return err
		}
	}
	r, err := report.New(set, o)
	if err != nil {
		return err
	}
	if f.format == "csv" && f.table == "" && len(f.metrics) > 0 {
		f.table = "metrics"
	}
	if f.table != "" {
		r.Tables, r.Data = only(r.Tables, f.table), only(r.Data, f.table)
		if len(r.Data) == 0 {
			return fmt.Errorf("--table %s: the records give no such table", f.table)
		}
	}
	if f.table == "" && f.format != "json" {
		names := reportTables[:shownTables:shownTables]
		if len(f.metrics) > 0 {
			names = append(names, "metrics")
		}
		r.Tables = only(r.Tables, names...)
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

// only keeps the tables of some names. The multipliers belong to the costs.
func only(tables []*table.Table, names ...string) []*table.Table {
	var keep []*table.Table
	for _, t := range tables {
		if slices.Contains(names, t.Name) || t.Name == "multiplier" && slices.Contains(names, "cost") {
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
	c.Flags().StringVar(&rep.base, "base", "", "`LANGUAGE` that the premium is over (default: that of the run)")
	rep.AddFlags(c.Flags())
	rep.complete(c)
	return c
}
