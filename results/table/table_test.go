package table_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/results/table"
)

// golden compares with a file of testdata; UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; UPDATE=1 go test makes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// wide has cells of two columns a character, keys that repeat, numbers, an
// empty cell, a missing one, and more columns than a terminal has room for.
func wide() *table.Table {
	t := &table.Table{
		Name: "wide", Title: "How many tokens the same text takes in each of the languages of the corpus, by vocabulary and by domain of the text", Keys: 2,
		Columns: []table.Column{
			{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "lang", Title: "言語", Left: true},
			{Name: "tokens", Title: "tokens", Unit: "tokens", Note: "Σ T(L)"}, {Name: "premium", Title: "premium", Unit: "ratio"},
			{Name: "example", Title: "example", Left: true}, {Name: "note", Title: "注記", Left: true}, {Name: "share", Title: "share of all"},
		},
		Notes: []string{
			"o200k_base: exact; native agrees with tiktoken 0.14.0 on all of 6414 reference texts, of which many are long",
			"short",
			"a name_of_something_without_any_blank_that_is_longer_than_a_line_of_a_terminal_could_ever_be is not cut",
		},
	}
	row := func(vocab, lang string, tokens int64, premium float64, example, note string, share table.Cell) {
		t.Rows = append(t.Rows, []table.Cell{table.Str(vocab), table.Str(lang), table.Int(tokens), table.Num(premium, 3), table.Str(example), table.Str(note), share})
	}
	row("o200k_base", "English", 1234567, 1, "tokyo tower", "–", table.Num(0.25, 2))
	row("o200k_base", "日本語", 2345, 1.4, "東京タワー", "半角ｶﾅ", table.Missing("failed"))
	row("o200k_base", "한국어", 7, math.NaN(), "도쿄 타워", "", table.Cell{})
	row("cl100k_base", "日本語", 999, 2.0005, "東京タワー🗼", "é と é", table.Num(-0.5, 2))
	row("cl100k_base", "中文", 1000, 1.9, "东京塔", "👩‍👩‍👧", table.Num(math.Inf(1), 2))
	return t
}

func text(t *testing.T, x *table.Table, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := x.WriteText(&b, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteTextGolden(t *testing.T) {
	golden(t, "text80.golden", text(t, wide(), 80))
	golden(t, "text40.golden", text(t, wide(), 40))
	golden(t, "text0.golden", text(t, wide(), 0))
}

// Written out by hand: an ideograph takes two columns, a half-width kana and a
// combining accent one and none.
func TestWriteTextAlignsByDisplayWidth(t *testing.T) {
	x := &table.Table{Keys: 1,
		Columns: []table.Column{{Title: "名", Left: true}, {Title: "n"}, {Title: "右"}},
		Rows: [][]table.Cell{
			{table.Str("日本語"), table.Int(1), table.Str("ｱ")},
			{table.Str("ab"), table.Int(1000), table.Str("東京")},
			{table.Str("e\u0301"), table.Int(-12345), table.Str("")},
		}}
	want := "" +
		"名            n    右\n" +
		"日本語        1     ｱ\n" +
		"ab        1,000  東京\n" +
		"e\u0301       -12,345\n"
	if diff := cmp.Diff(want, text(t, x, 80)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// No line is wider than the terminal, unless one column with the keys is.
func TestWriteTextFitsTheWidth(t *testing.T) {
	x := wide()
	x.Notes = x.Notes[:2]
	for width := 36; width <= 140; width++ {
		out := text(t, x, width)
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if w := displaywidth.String(line); w > width {
				t.Errorf("width %d: a line of %d: %q", width, w, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("width %d: blanks at the end of %q", width, line)
			}
		}
		// Every block repeats the keys, and no column is lost or doubled.
		for _, title := range []string{"tokens", "premium", "example", "注記", "share of all"} {
			n := 0
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, "vocabulary ") && strings.Contains(line+" ", " "+title) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("width %d: column %s stands in %d blocks", width, title, n)
			}
		}
	}
}

// Equal keys are printed once, but the last key always: a row must be
// recognisable.
func TestWriteTextRepeatsKeysOnChange(t *testing.T) {
	x := &table.Table{Keys: 3, Columns: []table.Column{{Title: "a", Left: true}, {Title: "b", Left: true}, {Title: "c", Left: true}, {Title: "n"}}}
	for _, r := range []string{"x p 1", "x p 1", "x q 1", "y q 1"} {
		var row []table.Cell
		for k := range strings.FieldsSeq(r) {
			row = append(row, table.Str(k))
		}
		x.Rows = append(x.Rows, append(row, table.Int(5)))
	}
	want := "a  b  c  n\nx  p  1  5\n      1  5\n   q  1  5\ny  q  1  5\n"
	if got := text(t, x, 0); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A terminal obeys control characters, and names and errors come from files
// of others.
func TestWriteTextTakesControlCharactersOut(t *testing.T) {
	x := &table.Table{Title: "a\x1b[31mb", Columns: []table.Column{{Title: "c\nd", Left: true}, {Title: "n"}},
		Rows: [][]table.Cell{{table.Str("x\r\ny\u0085z\u2028w"), table.Int(1)}}, Notes: []string{"two\nlines\a"}}
	want := "a [31mb\nc d       n\nx  y z w  1\n* two lines \n"
	if got := text(t, x, 80); got != want {
		t.Errorf("got\n%qwant\n%q", got, want)
	}
}

func TestEmptyTable(t *testing.T) {
	x := &table.Table{Name: "empty", Keys: 1, Columns: []table.Column{{Name: "a", Title: "A"}}}
	if got := text(t, x, 80); got != "A\n" {
		t.Errorf("text: %q", got)
	}
	var b bytes.Buffer
	if err := x.WriteCSV(&b); err != nil || b.String() != "a\n" {
		t.Errorf("csv: %q, %v", &b, err)
	}
	data, err := json.Marshal(x)
	if want := `{"name":"empty","columns":[{"name":"a"}],"rows":[]}`; err != nil || string(data) != want {
		t.Errorf("json: %s, %v; want %s", data, err, want)
	}
}

func TestWriteMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := wide().WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "wide.md.golden", b.String())
}

// One cell must stay one cell, and show what it holds.
func TestMarkdownEscapes(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a|b", `a\|b`},
		{`a\|b`, `a\\\|b`}, // the backslash would escape the escape
		{`a\`, `a\\`},
		{"a\nb\r\nc", "a b  c"},
		{"o200k_base", `o200k\_base`},
		{"*x* `y` ~~z~~", "\\*x\\* \\`y\\` \\~\\~z\\~\\~"},
		{"[x](http://y)", `\[x\](http://y)`},
		{"<b>&amp;", "&lt;b&gt;&amp;amp;"},
		{"$1$", `\$1\$`},
		{"日本語", "日本語"},
	} {
		var b bytes.Buffer
		x := &table.Table{Title: c.in, Columns: []table.Column{{Title: c.in, Left: true}}, Rows: [][]table.Cell{{table.Str(c.in)}}, Notes: []string{c.in}}
		if err := x.WriteMarkdown(&b); err != nil {
			t.Fatal(err)
		}
		if want := "**" + c.want + "**\n\n| " + c.want + " |\n|---|\n| " + c.want + " |\n\n- " + c.want + "\n"; b.String() != want {
			t.Errorf("%q:\n got %q\nwant %q", c.in, b.String(), want)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	if err := wide().WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "wide.csv.golden", b.String())
}

// A spreadsheet takes a cell that begins like a formula for one.
func TestCSVGuardsFormulas(t *testing.T) {
	for _, c := range []struct {
		cell table.Cell
		want string
	}{
		{table.Str("=1+1"), "'=1+1"}, {table.Str("+1"), "'+1"}, {table.Str("-1"), "'-1"}, {table.Str("@SUM(A1)"), "'@SUM(A1)"},
		{table.Str("\t=1"), "'\t=1"}, {table.Str("\r=1"), "'\r=1"}, {table.Str("\n=1"), "'\n=1"},
		{table.Str("＝1"), "'＝1"}, {table.Str("＋1"), "'＋1"}, {table.Str("－1"), "'－1"}, {table.Str("＠x"), "'＠x"},
		{table.Str("=cmd|' /C calc'!A0,\"x\""), "'=cmd|' /C calc'!A0,\"x\""},
		{table.Str("a=1"), "a=1"}, {table.Str("'x"), "'x"}, {table.Str("–"), "–"}, {table.Str(""), ""}, {table.Str("日本"), "日本"},
		// Numbers are no strings: a minus is a minus.
		{table.Int(-1), "-1"}, {table.Num(-0.5, 1), "-0.5"}, {table.Cell{Value: json.Number("-1e3")}, "-1e3"},
	} {
		x := &table.Table{Columns: []table.Column{{Name: "c"}, {Name: "d"}}, Rows: [][]table.Cell{{c.cell, table.Int(1)}}}
		var b bytes.Buffer
		if err := x.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		// A reader of the format makes CR LF of a quoted field LF; a lone CR stays.
		if err != nil || len(rows) != 2 || rows[1][0] != c.want {
			t.Errorf("%+v: got %q, %v; want %q", c.cell, rows, err, c.want)
		}
	}
}

// JSON and CSV carry the values as they are, not as they are shown.
func TestExactValues(t *testing.T) {
	third := 1.0 / 3
	x := &table.Table{Name: "x", Columns: []table.Column{{Name: "third"}, {Name: "big"}, {Name: "max"}, {Name: "dec"}, {Name: "yes"}, {Name: "s"}, {Name: "none"}, {Name: "nan"}, {Name: "inf"}, {Name: "raw"}, {Name: "why"}},
		Rows: [][]table.Cell{{
			table.Num(third, 2), table.Num(1e21, 0), table.Int(math.MaxInt64), {Text: "2.5", Value: json.Number("2.50")}, {Value: true},
			table.Str("a<b>&\"日本\""), {}, table.Num(math.NaN(), 3), table.Num(math.Inf(-1), 3), {Text: "raw", Value: math.NaN()}, table.Missing("failed"),
		}}}
	data, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var got struct{ Rows []map[string]any }
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"third": json.Number("0.3333333333333333"), "big": json.Number("1e+21"), "max": json.Number("9223372036854775807"), "dec": json.Number("2.50"),
		"yes": true, "s": "a<b>&\"日本\"", "none": nil, "nan": nil, "inf": nil, "raw": nil, "why": nil,
	}
	if diff := cmp.Diff([]map[string]any{want}, got.Rows); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}

	var b bytes.Buffer
	if err := x.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0.3333333333333333", "1e+21", "9223372036854775807", "2.50", "true", "a<b>&\"日本\"", "", "", "", "", ""}, rows[1]); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
}

// JSON keeps the order of the columns and says what the numbers are.
func TestJSONGolden(t *testing.T) {
	x := wide()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	if err := enc.Encode(x); err != nil {
		t.Fatal(err)
	}
	golden(t, "wide.json.golden", b.String())
}

func TestCells(t *testing.T) {
	for _, c := range []struct {
		got  table.Cell
		want string
	}{
		{table.Int(0), "0"}, {table.Int(999), "999"}, {table.Int(1000), "1,000"}, {table.Int(-999), "-999"}, {table.Int(-1000), "-1,000"},
		{table.Int(1234567), "1,234,567"}, {table.Int(math.MinInt64), "-9,223,372,036,854,775,808"},
		{table.Num(1.0005, 3), "1.000"}, {table.Num(2.5, 0), "2"}, {table.Num(0.1+0.2, 2), "0.30"}, {table.Num(1e6, 1), "1000000.0"},
		{table.Num(math.NaN(), 2), "–"}, {table.Num(math.Inf(1), 2), "–"}, {table.Missing("why"), "why"}, {table.Str("x"), "x"},
	} {
		if c.got.Text != c.want {
			t.Errorf("got %q, want %q", c.got.Text, c.want)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriterErrors(t *testing.T) {
	x := wide()
	for name, f := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return x.WriteText(w, 80) }, "markdown": x.WriteMarkdown, "csv": x.WriteCSV,
	} {
		if err := f(broken{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
