package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench/hygiene"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/table"
)

// normalizeFlag is --normalize, the same wherever a text is counted.
type normalizeFlag string

func (f *normalizeFlag) AddFlag(fs *pflag.FlagSet) {
	*f = "none"
	fs.Var(f, "normalize", "bring texts to a normal form before they are counted: "+oneOf(hygiene.Normalizations))
}

func (f *normalizeFlag) String() string { return string(*f) }
func (f *normalizeFlag) Type() string   { return "FORM" }
func (f *normalizeFlag) Set(s string) error {
	if _, ok := hygiene.Normalize(s); !ok || s == "" {
		return fmt.Errorf("expected %s", oneOf(hygiene.Normalizations))
	}
	*f = normalizeFlag(s)
	return nil
}

func (f *normalizeFlag) complete(c *cobra.Command) {
	_ = c.RegisterFlagCompletionFunc("normalize", cobra.FixedCompletions(hygiene.Normalizations, cobra.ShellCompDirectiveNoFileComp))
}

// text brings one text to the form.
func (f normalizeFlag) text(s string) string {
	if of, _ := hygiene.Normalize(string(f)); of != nil {
		return of(s)
	}
	return s
}

// corpus brings a corpus to the form, and says so in the run.
func (f normalizeFlag) corpus(c *corpora.Corpus, run *results.Run) *corpora.Corpus {
	of, _ := hygiene.Normalize(string(f))
	if of == nil {
		return c
	}
	run.Normalize, run.Normalized = string(f), hygiene.Unicode
	return c.Map(of)
}

// changePercent writes a change, one that rounds to nothing without a sign.
func changePercent(change float64) string {
	s := fmt.Sprintf("%+.1f %%", 100*change)
	if rest := s[1:]; rest == "0.0 %" {
		return rest
	}
	return s
}

func (a *app) hygiene() *cobra.Command {
	var (
		flags  planFlags
		format formatFlag
	)
	c := &cobra.Command{
		Use:   "hygiene",
		Short: "What odd forms of the same text cost",
		Long: `Count the corpus again in forms that look the same, or nearly so, and show the
change in tokens against the text as it is, for each vocabulary and language:
other normal forms, half and full width, ideographic spaces, CR LF, characters
that nobody sees. 0.0 % means that the vocabulary, or what it does to a text
before, takes the form for the same; a blank that no text is changed by it.`,
		Example: "  babelmeter hygiene --vocab gpt-4o,qwen3\n  babelmeter hygiene --vocab gpt-4o --lang ko,ja --format csv",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := a.plan(&flags)
			if err != nil {
				return err
			}
			specs, err := a.specs(&flags.vocabFlags)
			if err != nil {
				return err
			}
			forms := hygiene.Forms()
			view := &table.Table{Name: "hygiene", Group: true, Keys: 2, Columns: []table.Column{
				{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "lang", Title: "lang", Left: true}},
				Title: fmt.Sprintf("Change in tokens against the text as it is: %s corpus, %d segments", p.Corpus.Name, p.Corpus.Len())}
			data := &table.Table{Name: "hygiene", Title: view.Title, Keys: 3, Columns: []table.Column{
				{Name: "vocab"}, {Name: "lang"}, {Name: "form"}, {Name: "segments", Unit: "segments"}, {Name: "changed", Unit: "segments"},
				{Name: "tokens", Unit: "tokens", Note: "of the text as it is"}, {Name: "tokens_form", Unit: "tokens"},
				{Name: "change", Unit: "share of tokens", Note: "(Σ T(form) − Σ T(text)) ÷ Σ T(text)"}}}
			for _, f := range forms {
				view.Columns = append(view.Columns, table.Column{Name: f.Name, Title: f.Title, Note: f.Note})
				view.Notes = append(view.Notes, f.Title+": "+f.Note)
			}
			view.Notes = append(view.Notes, "normal forms by Unicode "+hygiene.Unicode)
			langs := p.Corpus.Langs()
			bar := a.Progress(len(specs)*len(langs), "measuring")
			defer bar.Done()
			ctx, stop := interruptible(c.Context())
			defer stop()
			for _, s := range specs {
				enc, err := a.encoder(&flags.vocabFlags, s)
				if err != nil {
					return err
				}
				for _, l := range langs {
					row := []table.Cell{table.Str(s.Name), table.Str(string(l))}
					plain := 0
					after := make([]int, len(forms))  // tokens of the form
					before := make([]int, len(forms)) // of what it is compared with
					changed := make([]int, len(forms))
					for seg, err := range p.Corpus.Segments(l) {
						if err == nil {
							err = ctx.Err()
						}
						if err != nil {
							return err
						}
						count := func(text string) int {
							n, e := enc.Count(text)
							if e != nil && err == nil {
								err = fmt.Errorf("%s: segment %s of %s: %w", s.Name, seg.Key, l, e)
							}
							return n
						}
						n := count(seg.Text)
						plain += n
						for i, f := range forms {
							was, is, m := n, f.Of(seg.Text), n
							if f.Plain != nil {
								was = count(f.Plain(seg.Text))
							}
							if is != seg.Text {
								changed[i]++
								m = count(is)
							}
							before[i] += was
							after[i] += m
						}
						if err != nil {
							return err
						}
					}
					for i, f := range forms {
						change := float64(after[i]-before[i]) / float64(plain)
						cell := table.Missing("")
						if changed[i] > 0 {
							cell = table.Missing(changePercent(change))
						}
						row = append(row, cell)
						data.Rows = append(data.Rows, []table.Cell{table.Str(s.Name), table.Str(string(l)), table.Str(f.Name),
							table.Int(int64(p.Corpus.Len())), table.Int(int64(changed[i])), table.Int(int64(before[i])), table.Int(int64(after[i])), table.Num(change, 4)})
					}
					view.Rows = append(view.Rows, row)
					bar.Step()
				}
			}
			bar.Done()
			if format == "csv" || format == "json" {
				return a.write(data, format)
			}
			return a.write(view, format)
		},
	}
	flags.AddFlags(c.Flags())
	flags.complete(c)
	format.AddFlag(c.Flags())
	completeFormat(c)
	for _, unused := range []string{"compare", "base", "seed", "details"} {
		_ = c.Flags().MarkHidden(unused)
	}
	return c
}
