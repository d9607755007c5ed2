package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) vocabVerify() *cobra.Command {
	var (
		format  formatFlag
		engines []string
	)
	c := &cobra.Command{
		Use:   "verify [NAME ...]",
		Short: "Hold engines to the reference's ids",
		Long: `Encode the reference vectors of each vocabulary (texts of ours with the ids that
the vendor's own implementation gives them) and say how many agree and what the
first difference is. Without NAME: every vocabulary whose files are at hand.`,
		Annotations: failsIf("an engine differs from the reference, or fails"),
		Example:     "  babelmeter vocab verify o200k_base\n  babelmeter vocab verify --engine native,tiktoken-go",
		RunE: func(_ *cobra.Command, names []string) error {
			cat, err := a.catalog()
			if err != nil {
				return err
			}
			var specs []*tokenizers.Spec
			for _, n := range names {
				s, err := cat.Lookup(n)
				if err != nil {
					return fmt.Errorf("%w; `babelmeter vocab list` shows all", err)
				}
				if !vectors.Has(s.Name) {
					return fmt.Errorf("there are no reference vectors for %s", s.Name)
				}
				specs = append(specs, s)
			}
			if len(names) == 0 {
				for _, s := range cat.Specs() {
					if _, err := a.files(s); err == nil && vectors.Has(s.Name) {
						specs = append(specs, s)
					}
				}
			}
			t := &table.Table{Name: "verify", Keys: 2, Columns: []table.Column{
				{Name: "vocab", Title: "vocab", Left: true},
				{Name: "engine", Title: "engine", Left: true},
				{Name: "texts", Title: "texts", Unit: "reference vectors"},
				{Name: "agree", Title: "agree", Unit: "reference vectors"},
				{Name: "reference", Title: "reference", Left: true},
				{Name: "first_difference", Title: "first difference", Left: true},
			}}
			failed := false
			bar := a.Progress(len(specs)*len(engines), "verifying")
			for _, s := range specs {
				files, err := a.files(s)
				if err != nil {
					return err
				}
				for _, name := range engines {
					engine, err := engineByName(name)
					if err != nil {
						return err
					}
					vecs, err := referenceVectors(s.Name)
					if err != nil {
						return err
					}
					v, err := bench.VerifyEntry(bench.Entry{Spec: s, Engine: engine, Files: files, Vectors: vecs}, 0)
					bar.Step()
					failed = failed || err != nil || !v.OK()
					first := table.Str(v.First)
					if err != nil {
						first = table.Str(err.Error())
					}
					first.Text = clipText(fmt.Sprint(first.Value), 160)
					row := []table.Cell{table.Str(s.Name), table.Str(engine.Name()), table.Int(int64(v.Texts)), table.Int(int64(v.Agree)),
						table.Str(s.Reference.String()), first}
					if err != nil {
						row[2], row[3] = table.Missing("–"), table.Missing("–")
					}
					t.Rows = append(t.Rows, row)
				}
			}
			bar.Done()
			// In text the differences are long: each is a note under the table.
			if format == "text" {
				for i, r := range t.Rows {
					if r[5].Text != "" {
						t.Notes = append(t.Notes, fmt.Sprintf("%s, %s: %s", r[0].Text, r[1].Text, r[5].Text))
					}
					t.Rows[i] = r[:5]
				}
				t.Columns = t.Columns[:5]
			}
			if err := a.write(t, format); err != nil {
				return err
			}
			if failed {
				return errFailed
			}
			return nil
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	c.Flags().StringSliceVar(&engines, "engine", engineNames()[:1], "`LIST` of engines, separated by commas")
	_ = c.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions(engineNames(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func clipText(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
