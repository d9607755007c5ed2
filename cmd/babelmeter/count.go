package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) count() *cobra.Command {
	var (
		flags  vocabFlags
		format formatFlag
		budget int64
		chomp  bool
		normal normalizeFlag
	)
	c := &cobra.Command{
		Use:   "count [FILE ...]",
		Short: "Count the tokens of files or of standard input",
		Long: `Count the tokens of each file, or of standard input if there is none or it
is "-", as one text: everything in it counts, the last line feed too (--chomp
leaves that one out). All of it is ordinary text; nothing is put around it.

Input must be UTF-8. Each maximal ill-formed part counts as one U+FFFD, which
is what an API that takes a string would be given; a warning says where. Bytes
are those of the input, or of its normal form if --normalize asks for one.

With --budget N it is a check: more than N tokens in any file, under any of
the vocabularies, is exit status 1.`,
		Example:     "  echo '今日は良い天気です' | babelmeter count --vocab o200k_base\n  babelmeter count --vocab gpt-4o,gpt-4 --budget 8000 prompts/*.txt",
		Annotations: failsIf("a file has more tokens than --budget"),
		RunE: func(c *cobra.Command, args []string) error {
			if budget < 0 {
				return fmt.Errorf("--budget %d: expected a number of tokens", budget)
			}
			if i := slices.Index(args, "-"); i >= 0 && slices.Contains(args[i+1:], "-") {
				return errors.New("standard input (-) can be read once only")
			}
			specs, err := a.specs(&flags)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"-"}
			}
			var encs []tokenizers.Encoder
			t := &table.Table{Name: "count", Keys: 1, Columns: []table.Column{{Name: "file", Title: "file", Left: true}}}
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
				table.Column{Name: "bytes", Title: "bytes"})
			totals := make([]int64, len(encs)+2)
			over := false
			for _, name := range args {
				text, err := a.readInput(name)
				if err != nil {
					return err
				}
				if chomp {
					text = strings.TrimSuffix(text, "\n")
				}
				a.warnUTF8(name, text)
				text = normal.text(text)
				row := []table.Cell{table.Str(name)}
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
				chars := int64(utf8.RuneCountInString(tokenizers.ValidUTF8(text)))
				totals[len(encs)] += chars
				totals[len(encs)+1] += int64(len(text))
				t.Rows = append(t.Rows, append(row, table.Int(chars), table.Int(int64(len(text)))))
			}
			if len(args) > 1 && (format == "text" || format == "md") {
				row := []table.Cell{table.Str("total")}
				for _, n := range totals {
					row = append(row, table.Int(n))
				}
				t.Rows = append(t.Rows, row)
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
	flags.AddFlags(c.Flags())
	flags.complete(c)
	format.AddFlag(c.Flags())
	completeFormat(c)
	normal.AddFlag(c.Flags())
	normal.complete(c)
	c.Flags().Int64Var(&budget, "budget", 0, "`NUMBER` of tokens that a file may have at most; 0 is no check")
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
	more := ""
	if parts > 1 {
		more = fmt.Sprintf(", the first of %d such parts", parts)
	}
	a.Say("%s: not UTF-8 at offset %d (0x%02x)%s; each counts as U+FFFD", name, first, text[first], more)
}
