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
		Use:   "list",
		Short: "List the vocabularies of the catalogue",
		Long: `List the vocabularies of the catalogue: size, where the files are, licence, and
the models that use each. Built-in ones come first. A licence that has no SPDX
identifier is listed as "own terms"; --format csv or json names it, and all
models.`,
		Example: "  babelmeter vocab list\n  babelmeter vocab list --format csv",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cat, err := tokenizers.Builtin()
			if err != nil {
				return err
			}
			view, data := a.vocabTables(cat)
			if format == "csv" || format == "json" {
				return a.write(data, format)
			}
			return a.write(view, format)
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}

// Where the files of a vocabulary are, in the order of the list.
var places = []string{"built in", "on disk", "missing", "closed"}

func (a *app) place(s *tokenizers.Spec) string {
	switch {
	case s.Closed():
		return "closed" // never published: its vendor counts
	case builtinFiles(s) != nil:
		return "built in"
	}
	if _, err := a.files(s); err == nil {
		return "on disk"
	}
	return "missing"
}

// vocabTables lists the catalogue: for people in 80 columns, for machines by
// name with everything.
func (a *app) vocabTables(cat *tokenizers.Catalog) (view, data *table.Table) {
	view = &table.Table{Name: "vocabularies", Keys: 1, Columns: []table.Column{
		{Name: "vocab", Title: "vocab", Left: true},
		{Name: "tokens", Title: "tokens"},
		{Name: "files", Title: "files", Left: true},
		{Name: "licence", Title: "licence", Left: true},
		{Name: "models", Title: "models", Left: true},
	}}
	data = &table.Table{Name: "vocabularies", Keys: 1, Columns: []table.Column{
		{Name: "vocab"}, {Name: "maker"}, {Name: "tokens", Unit: "tokens without special ones"},
		{Name: "licence", Note: "SPDX"}, {Name: "files", Note: "built in, on disk, missing, or closed: never published"},
		{Name: "models", Note: "names, separated by blanks"},
	}}
	for _, place := range places {
		for _, s := range cat.Specs() {
			if a.place(s) != place {
				continue
			}
			licence := s.Licence.SPDX
			if strings.HasPrefix(licence, "LicenseRef-") {
				licence = "own terms"
			}
			view.Rows = append(view.Rows, []table.Cell{table.Str(s.Name), size(s), table.Str(place), table.Str(licence), table.Str(someModels(s.Models))})
		}
	}
	for _, s := range cat.Specs() {
		var models []string
		for _, m := range s.Models {
			models = append(models, m.Name)
		}
		data.Rows = append(data.Rows, []table.Cell{table.Str(s.Name), table.Str(s.Maker), size(s),
			table.Str(s.Licence.SPDX), table.Str(a.place(s)), table.Str(strings.Join(models, " "))})
	}
	return view, data
}

// size is the number of tokens of a vocabulary. A manifest that was written
// before the files were seen does not have it.
func size(s *tokenizers.Spec) table.Cell {
	if s.Tokens == 0 {
		return table.Missing("–")
	}
	return table.Int(int64(s.Tokens))
}

// someModels names as many models as fit beside the other columns.
func someModels(models []tokenizers.Model) string {
	const width = 24
	text := ""
	for i, m := range models {
		longer := m.Name
		if i > 0 {
			longer = text + ", " + m.Name
		}
		rest := ""
		if n := len(models) - i - 1; n > 0 {
			rest = fmt.Sprintf(", +%d", n)
		}
		if len(longer)+len(rest) > width {
			if i == 0 {
				return plural(len(models), "model")
			}
			return fmt.Sprintf("%s, +%d", text, len(models)-i)
		}
		text = longer
	}
	return text
}
