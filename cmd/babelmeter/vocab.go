package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) vocab() *cobra.Command {
	c := &cobra.Command{
		Use:     "vocab",
		Short:   "List vocabularies",
		Long:    "Vocabularies: what there is, from where, under which terms.",
		Example: "  babelmeter vocab list\n  babelmeter vocab list --format json",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return writeHelp(a.Out, c) },
	}
	c.AddCommand(a.vocabList(), a.vocabVerify())
	return c
}

func (a *app) vocabList() *cobra.Command {
	var format formatFlag
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the vocabularies of the catalogue",
		Long:    "List the vocabularies of the catalogue: size, licence, where the files are, and\nthe models that use each.",
		Example: "  babelmeter vocab list\n  babelmeter vocab list --format csv",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cat, err := tokenizers.Builtin()
			if err != nil {
				return err
			}
			t := &table.Table{Name: "vocabularies", Keys: 1, Columns: []table.Column{
				{Name: "vocab", Title: "vocab", Left: true},
				{Name: "maker", Title: "maker", Left: true},
				{Name: "tokens", Title: "tokens", Unit: "tokens without special ones"},
				{Name: "licence", Title: "licence", Left: true},
				{Name: "files", Title: "files", Left: true},
				{Name: "models", Title: "models", Left: true},
			}}
			for _, s := range cat.Specs() {
				where := "missing"
				if builtinFiles(s) != nil {
					where = "built in"
				} else if _, err := a.files(s); err == nil {
					where = "on disk"
				}
				var models []string
				for _, m := range s.Models {
					models = append(models, m.Name)
				}
				cell := table.Cell{Text: strings.Join(models, ", "), Value: strings.Join(models, " ")}
				if len(models) > 2 {
					cell.Text = fmt.Sprintf("%s, +%d", strings.Join(models[:2], ", "), len(models)-2)
				}
				t.Rows = append(t.Rows, []table.Cell{table.Str(s.Name), table.Str(s.Maker), table.Int(int64(s.Tokens)),
					table.Str(s.Licence.SPDX), table.Str(where), cell})
			}
			return a.write(t, format)
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}
