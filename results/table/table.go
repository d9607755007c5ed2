// Package table draws small tables as text, Markdown, CSV and JSON.
//
// Think of a [Table] as data with names and units; each format shows the same
// cells. CSV and JSON carry the exact values under the columns' names, text
// and Markdown carry them rounded under their titles. In text, columns line up
// by display width, so that Chinese, Japanese and Korean cells line up in a
// terminal that gives them two columns each.
package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Table is a grid of cells. Every row has as many cells as there are columns.
type Table struct {
	Name    string // [a-z0-9_]+
	Title   string
	Columns []Column
	Rows    [][]Cell
	Notes   []string // footnotes: what a reader must know of the numbers
	// Group puts the first column on lines of its own in text, each above the
	// rows that share it.
	Group bool
	// Keys is how many leading columns identify a row. They are repeated where
	// a wide table is cut into blocks, and equal ones are printed once.
	Keys int
}

// Column describes the cells below it.
type Column struct {
	Name  string // [a-z0-9_]+, for JSON and CSV
	Title string // for text and Markdown
	Unit  string // of the values, empty for names
	Note  string // formula or meaning, for JSON
	Left  bool   // aligned left
}

// Cell is one value with the way it is shown. The zero Cell is an empty one.
type Cell struct {
	Text  string // shown in text and Markdown
	Value any    // string, bool, int64, float64, json.Number or nil: exact, for CSV and JSON
}

// Str is a cell with a name or a sentence.
func Str(s string) Cell { return Cell{s, s} }

// Int is a cell with a whole number, shown with commas between thousands.
func Int(n int64) Cell { return Cell{group(n), n} }

// Num is a cell with a number, shown with so many decimals. NaN is an empty
// cell.
func Num(v float64, decimals int) Cell {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Cell{Text: "–"}
	}
	return Cell{strconv.FormatFloat(v, 'f', decimals, 64), v}
}

// Missing is a cell without a value that says why in text.
func Missing(why string) Cell { return Cell{Text: why} }

func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

const gap = 2 // blanks between columns

// clean makes control characters and line ends blanks: they would break the
// lines, and a terminal obeys them. Names and errors come from files of others.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// WriteText writes the table for a terminal of the given width (0: no limit).
// A table that is wider is cut into blocks of columns, each with the key
// columns again.
func (t *Table) WriteText(w io.Writer, width int) error {
	var b strings.Builder
	if t.Title != "" {
		for _, l := range wrap(t.Title, width) {
			b.WriteString(l + "\n")
		}
	}
	widths := make([]int, len(t.Columns))
	for j, c := range t.Columns {
		widths[j] = displaywidth.String(clean(c.Title))
		for _, r := range t.Rows {
			widths[j] = max(widths[j], displaywidth.String(clean(r[j].Text)))
		}
	}
	indent := ""
	if t.Group {
		// The first column takes no room beside the others.
		rest := *t
		rest.Group, rest.Columns, rest.Keys = false, t.Columns[1:], max(t.Keys-1, 0)
		indent = "  "
		if width > 0 {
			width -= len(indent)
		}
		for _, cols := range rest.blocks(widths[1:], width) {
			for i := range cols {
				cols[i]++
			}
			t.writeBlock(&b, cols, widths, indent)
		}
		width += len(indent)
	} else {
		for _, cols := range t.blocks(widths, width) {
			t.writeBlock(&b, cols, widths, indent)
		}
	}
	for _, n := range t.Notes {
		for i, l := range wrap(n, width-2) {
			mark := "* "
			if i > 0 {
				mark = "  "
			}
			b.WriteString(mark + l + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeBlock writes some columns of all rows.
func (t *Table) writeBlock(b *strings.Builder, cols, widths []int, indent string) {
	line := func(cell func(j int) string) {
		var l strings.Builder
		l.WriteString(indent)
		for k, j := range cols {
			if k > 0 {
				l.WriteString(strings.Repeat(" ", gap))
			}
			s := clean(cell(j))
			pad := strings.Repeat(" ", max(0, widths[j]-displaywidth.String(s)))
			if t.Columns[j].Left {
				l.WriteString(s + pad)
			} else {
				l.WriteString(pad + s)
			}
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	line(func(j int) string { return t.Columns[j].Title })
	for i, r := range t.Rows {
		if t.Group && (i == 0 || !sameKeys(t.Rows[i-1], r, 0)) {
			b.WriteString(clean(r[0].Text) + "\n")
		}
		line(func(j int) string {
			if j < t.Keys-1 && i > 0 && sameKeys(t.Rows[i-1], r, j) {
				return ""
			}
			return r[j].Text
		})
	}
}

// sameKeys reports whether the keys up to and with j are equal.
func sameKeys(a, b []Cell, j int) bool {
	for k := range j + 1 {
		if a[k].Text != b[k].Text {
			return false
		}
	}
	return true
}

// blocks distributes the columns over blocks that fit width.
func (t *Table) blocks(widths []int, width int) [][]int {
	keys := min(t.Keys, len(t.Columns))
	head, used := make([]int, 0, keys), -gap
	for j := range keys {
		head = append(head, j)
		used += widths[j] + gap
	}
	var blocks [][]int
	cur, at := append([]int(nil), head...), used
	for j := keys; j < len(t.Columns); j++ {
		if width > 0 && len(cur) > keys && at+gap+widths[j] > width {
			blocks = append(blocks, cur)
			cur, at = append([]int(nil), head...), used
		}
		cur = append(cur, j)
		at += gap + widths[j]
	}
	return append(blocks, cur)
}

// wrap cuts s into lines of at most width columns at blanks.
func wrap(s string, width int) []string {
	s = clean(s)
	if width <= 0 || displaywidth.String(s) <= width {
		return []string{s}
	}
	var lines []string
	cur := ""
	for _, word := range strings.Fields(s) {
		if cur != "" && displaywidth.String(cur)+1+displaywidth.String(word) > width {
			lines = append(lines, cur)
			cur = ""
		}
		if cur != "" {
			cur += " "
		}
		cur += word
	}
	return append(lines, cur)
}

// WriteMarkdown writes the table in GitHub's Markdown.
func (t *Table) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&b, "**%s**\n\n", escapeMarkdown(t.Title))
	}
	for _, c := range t.Columns {
		b.WriteString("| " + escapeMarkdown(c.Title) + " ")
	}
	b.WriteString("|\n")
	for _, c := range t.Columns {
		if c.Left {
			b.WriteString("|---")
		} else {
			b.WriteString("|---:")
		}
	}
	b.WriteString("|\n")
	for _, r := range t.Rows {
		for _, c := range r {
			b.WriteString("| " + escapeMarkdown(c.Text) + " ")
		}
		b.WriteString("|\n")
	}
	for i, n := range t.Notes {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + escapeMarkdown(n) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown escapes what GitHub's Markdown takes for a sign, the backslash
// itself included: without that, a `\|` in a text would end the cell.
var markdown = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;")

func escapeMarkdown(s string) string { return markdown.Replace(clean(s)) }

// WriteCSV writes a header of column names and the exact values (RFC 4180). A
// cell that a spreadsheet would take for a formula gets an apostrophe before
// it.
func (t *Table) WriteCSV(w io.Writer) error {
	cw := csv.NewWriter(w)
	head := make([]string, len(t.Columns))
	for j, c := range t.Columns {
		head[j] = c.Name
	}
	if err := cw.Write(head); err != nil {
		return err
	}
	for _, r := range t.Rows {
		row := make([]string, len(r))
		for j, c := range r {
			row[j] = c.plain()
		}
		if err := cw.Write(row); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

// formula are the characters that a spreadsheet may take for the beginning of
// a formula; the wide ones count in East Asian editions.
const formula = "=+-@\t\r\n＝＋－＠"

func (c Cell) plain() string {
	switch v := c.exact().(type) {
	case nil:
		return ""
	case string:
		if r, _ := utf8.DecodeRuneInString(v); v != "" && strings.ContainsRune(formula, r) {
			return "'" + v
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// exact is the value, nil where it is no number.
func (c Cell) exact() any {
	if v, ok := c.Value.(float64); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
		return nil
	}
	return c.Value
}

// MarshalJSON gives name, title, columns with their units, rows as objects
// under the columns' names (null where there is no value) and notes.
func (t *Table) MarshalJSON() ([]byte, error) {
	type column struct {
		Name string `json:"name"`
		Unit string `json:"unit,omitempty"`
		Note string `json:"note,omitempty"`
	}
	out := struct {
		Name    string            `json:"name"`
		Title   string            `json:"title,omitempty"`
		Columns []column          `json:"columns"`
		Rows    []json.RawMessage `json:"rows"`
		Notes   []string          `json:"notes,omitempty"`
	}{Name: t.Name, Title: t.Title, Notes: t.Notes, Rows: []json.RawMessage{}}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, column{c.Name, c.Unit, c.Note})
	}
	for _, r := range t.Rows {
		var b strings.Builder
		b.WriteByte('{')
		for j, c := range r {
			if j > 0 {
				b.WriteByte(',')
			}
			key, err := json.Marshal(t.Columns[j].Name)
			if err != nil {
				return nil, err
			}
			value, err := json.Marshal(c.exact())
			if err != nil {
				return nil, err
			}
			b.Write(key)
			b.WriteByte(':')
			b.Write(value)
		}
		b.WriteByte('}')
		out.Rows = append(out.Rows, json.RawMessage(b.String()))
	}
	return json.Marshal(out)
}
