package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/bench/textsize"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) count() *cobra.Command {
	var (
		flags  vocabFlags
		format formatFlag
		budget int64
		chomp  bool
	)
	c := &cobra.Command{
		Use:   "count [FILE ...]",
		Short: "Count the tokens of files or of standard input",
		Long: `Count the tokens of each file, or of standard input if there is none or it
is "-", as one text: everything in it counts, the last line feed too (--chomp
leaves that one out). All of it is ordinary text; nothing is put around it.

Input must be UTF-8. Each maximal ill-formed part counts as one U+FFFD, which
is what an API that takes a string would be given; a warning says where.

With --budget N it is a check: more than N tokens in any file, under any of
the vocabularies, is exit status 1.` + exitStatus("a file has more tokens than --budget"),
		Example: "  echo '今日は良い天気です' | babelmeter count --vocab o200k_base\n  babelmeter count --vocab gpt-4o,gpt-4 --budget 8000 prompts/*.txt",
		RunE: func(c *cobra.Command, args []string) error {
			specs, err := flags.specs()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"-"}
			}
			var encs []tokenizers.Encoder
			t := &table.Table{Name: "count"}
			for _, s := range specs {
				enc, err := a.encoder(&flags, s)
				if err != nil {
					return err
				}
				encs = append(encs, enc)
				t.Columns = append(t.Columns, table.Column{Name: s.Name, Title: s.Name, Unit: "tokens"})
			}
			t.Columns = append(t.Columns,
				table.Column{Name: "chars", Title: "chars", Unit: "code points"},
				table.Column{Name: "bytes", Title: "bytes", Unit: "UTF-8 bytes"},
				table.Column{Name: "file", Title: "file", Left: true})
			totals := make([]int64, len(encs)+2)
			over := false
			for _, name := range args {
				f, err := a.openInput(name)
				if err != nil {
					return err
				}
				data, err := io.ReadAll(f)
				f.Close()
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				text := string(data)
				if chomp {
					text = strings.TrimSuffix(text, "\n")
				}
				a.warnUTF8(name, text)
				var row []table.Cell
				for i, enc := range encs {
					n, err := enc.Count(text)
					if err != nil {
						return fmt.Errorf("%s: %s: %w", name, specs[i].Name, err)
					}
					if budget > 0 && int64(n) > budget {
						over = true
						a.Say("%s: %d tokens under %s, over the budget of %d", name, n, specs[i].Name, budget)
					}
					totals[i] += int64(n)
					row = append(row, table.Int(int64(n)))
				}
				size := textsize.Of(text)
				totals[len(encs)] += int64(size.Chars)
				totals[len(encs)+1] += int64(size.Bytes)
				t.Rows = append(t.Rows, append(row, table.Int(int64(size.Chars)), table.Int(int64(size.Bytes)), table.Str(name)))
			}
			if len(args) > 1 && (format == "text" || format == "md") {
				var row []table.Cell
				for _, n := range totals {
					row = append(row, table.Int(n))
				}
				t.Rows = append(t.Rows, append(row, table.Str("total")))
			}
			if err := a.write(t, format); err != nil {
				return err
			}
			if over {
				return errFailed
			}
			return nil
		},
	}
	flags.AddFlags(c.Flags(), "vocabularies or models, separated by commas (default: all that are built in and on sale)")
	flags.complete(c)
	format.AddFlag(c.Flags())
	completeFormat(c)
	c.Flags().Int64Var(&budget, "budget", 0, "most tokens that a file may have; 0 is no check")
	c.Flags().BoolVar(&chomp, "chomp", false, "leave out one line feed at the end")
	return c
}

// warnUTF8 says where a text is not UTF-8.
func (a *app) warnUTF8(name, text string) {
	if utf8.ValidString(text) {
		return
	}
	first, parts := -1, strings.Count(tokenizers.ValidUTF8(text), "\ufffd")-strings.Count(text, "\ufffd")
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			first = i
			break
		}
	}
	a.Say("%s: not UTF-8 at byte %d (0x%02x) and %d ill-formed parts in all; each counts as U+FFFD", name, first, text[first], parts)
}
