package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) tokens() *cobra.Command {
	var (
		flags  vocabFlags
		format formatFlag
	)
	c := &cobra.Command{
		Use:   "tokens TEXT",
		Short: "Show how a text is cut",
		Long: `Show how a text is cut under a vocabulary, one token a cell. TEXT "-" is
standard input. A token that is no whole character is shown as its bytes in
hexadecimal, a space as ·, a line feed as ⏎, a tab as →, and a mark that has no
letter before it in its token on ◌.

With --format md, csv or json: a row a token, with id and bytes.`,
		Example: "  babelmeter tokens --vocab cl100k_base 'こんにちは world'\n  babelmeter tokens --vocab gpt-4o,gpt-4 --format md '東京都'",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one TEXT (quote it) or -, got %d arguments; see `%s --help`", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			text := args[0]
			if text == "-" {
				var err error
				if text, err = a.readInput("-"); err != nil {
					return err
				}
			}
			specs, err := a.specs(&flags)
			if err != nil {
				return err
			}
			a.warnUTF8("text", text)
			t := &table.Table{Name: "tokens", Keys: 2, Columns: []table.Column{
				{Name: "vocab", Title: "vocab", Left: true},
				{Name: "position", Title: "#"},
				{Name: "id", Title: "id"},
				{Name: "bytes", Title: "bytes", Unit: "hexadecimal", Left: true},
				{Name: "text", Title: "text", Note: "null if the token is no whole character", Left: true},
			}}
			for i, s := range specs {
				enc, err := a.encoder(&flags, s)
				if err != nil {
					return err
				}
				namer, ok := enc.(tokenizers.Namer)
				if !ok {
					return fmt.Errorf("engine %s cannot tell what a single token of %s is", flags.engine, s.Name)
				}
				ids, err := enc.AppendEncode(nil, text)
				if err != nil {
					return err
				}
				var cells []string
				for j, id := range ids {
					b, err := namer.TokenBytes(id)
					if err != nil {
						return err
					}
					cells = append(cells, visible(b))
					cell := table.Missing("")
					if utf8.Valid(b) {
						cell = table.Cell{Text: visible(b), Value: string(b)}
					}
					t.Rows = append(t.Rows, []table.Cell{table.Str(s.Name), table.Int(int64(j + 1)),
						{Text: fmt.Sprint(id), Value: int64(id)}, table.Str(fmt.Sprintf("%x", b)), cell})
				}
				if format != "text" {
					continue
				}
				if i > 0 {
					fmt.Fprintln(a.Out)
				}
				chars := utf8.RuneCountInString(tokenizers.ValidUTF8(text))
				fmt.Fprintf(a.Out, "%s: %s, %s, %s\n", s.Name, plural(len(ids), "token"), plural(chars, "char"), plural(len(text), "byte"))
				if _, err := io.WriteString(a.Out, a.cells(cells)); err != nil {
					return err
				}
			}
			if format == "text" {
				return nil
			}
			return a.write(t, format)
		},
	}
	flags.AddFlags(c.Flags())
	flags.complete(c)
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// cells draws the tokens side by side, wrapped at the terminal's width.
func (a *app) cells(cells []string) string {
	var b strings.Builder
	width, at := a.Width(), 0
	for i, c := range cells {
		w := displaywidth.String(c) + 1
		if at > 0 && at+w+1 > width {
			b.WriteString("│\n")
			at = 0
		}
		b.WriteString("│")
		if a.Color() {
			fmt.Fprintf(&b, "\x1b[%dm%s\x1b[0m", 30+[]int{6, 3, 5, 2}[i%4], c)
		} else {
			b.WriteString(c)
		}
		at += w
	}
	if len(cells) > 0 {
		b.WriteString("│\n")
	}
	return b.String()
}

// visible makes a token's bytes readable: whole characters as they are, white
// space and controls as signs, other bytes in hexadecimal.
func visible(token []byte) string {
	var b strings.Builder
	base := false // whether a mark has something to stand on
	for len(token) > 0 {
		r, n := utf8.DecodeRune(token)
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, "<%02x>", token[0])
			n = 1
		case r == ' ':
			b.WriteString("·")
		case r == '\n':
			b.WriteString("⏎")
		case r == '\r':
			b.WriteString("␍")
		case r == '\t':
			b.WriteString("→")
		case !unicode.IsGraphic(r) || unicode.IsSpace(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			if !base && unicode.IsMark(r) {
				b.WriteString("◌")
			}
			b.WriteRune(r)
			base = true
			token = token[n:]
			continue
		}
		base = false
		token = token[n:]
	}
	return b.String()
}
