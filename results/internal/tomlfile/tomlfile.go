// Package tomlfile reads TOML strictly: whatever is not understood is a
// [Problem] with file and line, and all of them are told at once.
//
// Think of a [Table] as a set of keys that its reader takes away one by one.
// Each getter notes that its key is known; [Table.Finish] complains about what
// is left. A getter whose value is wrong notes the problem and returns the zero
// value, so that reading goes on to the next mistake; what was read is of use
// only if [Document.Err] is nil.
package tomlfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const maxProblems = 20 // told at once

// A Problem is what is wrong at a place of a file.
type Problem struct {
	File string
	Line int
	Text string
}

// Problems are an error if there are any.
type Problems []Problem

// Error has a line "file:line: text" for each problem, up to 20.
func (p Problems) Error() string {
	var lines []string
	for i, one := range p {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("and %d more", len(p)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%s:%d: %s", one.File, one.Line, one.Text))
	}
	return strings.Join(lines, "\n")
}

// A Document is a file that is being read.
type Document struct {
	File     string
	lines    map[string]int
	problems Problems
}

// Err returns what was found to be wrong, in the order of lines.
func (d *Document) Err() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return d.problems
}

// A Table is a TOML table whose keys are being taken away.
type Table struct {
	*Document
	values map[string]any
	known  []string // keys asked for, in order
	path   string
}

// Read reads a document of at most that many bytes; name is for errors.
func Read(r io.Reader, name string, most int64) (*Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, most)
	}
	values := map[string]any{}
	if _, err := toml.Decode(string(data), &values); err != nil {
		if e, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, Problems{{name, max(e.Position.Line, 1), e.Message}}
		}
		return nil, Problems{{name, 1, strings.TrimPrefix(err.Error(), "toml: ")}}
	}
	return &Table{Document: &Document{File: name, lines: LineIndex(string(data))}, values: values}, nil
}

// Line returns the line of a key, or of the table if it has none.
func (t *Table) Line(key string) int {
	for _, p := range []string{Join(t.path, key), t.path} {
		if line, ok := t.lines[p]; ok {
			return line
		}
	}
	return 1
}

// Fail notes what is wrong with a key, or with the table if key is empty.
func (t *Table) Fail(key, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if key != "" {
		text = key + ": " + text
	}
	t.problems = append(t.problems, Problem{t.File, t.Line(key), text})
}

// Has reports whether the table has a key that was not taken yet.
func (t *Table) Has(key string) bool { _, ok := t.values[key]; return ok }

func (t *Table) take(key string) (any, bool) {
	if !slices.Contains(t.known, key) {
		t.known = append(t.known, key)
	}
	v, ok := t.values[key]
	delete(t.values, key)
	return v, ok
}

// get returns the value of a key of type T, or the zero value.
func get[T any](t *Table, key, want string) (value T, ok bool) {
	v, ok := t.take(key)
	if !ok {
		return value, false
	}
	value, ok = v.(T)
	if !ok {
		t.Fail(key, "want %s, not %s", want, kind(v))
	}
	return value, ok
}

func kind(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a floating-point number"
	case bool:
		return "a boolean"
	case map[string]any:
		return "a table"
	case []any, []map[string]any:
		return "an array"
	}
	return "a date or time"
}

// Text returns the string of a key, empty if there is none.
func (t *Table) Text(key string) string {
	s, ok := get[string](t, key, "a string")
	if ok && strings.TrimSpace(s) == "" {
		t.Fail(key, "empty: leave it out or fill it in")
	}
	return s
}

// Required is [Table.Text] of a key that must be there.
func (t *Table) Required(key, what string) string {
	if !t.Has(key) {
		t.take(key)
		t.Fail("", "%s is missing: want %s", key, what)
		return ""
	}
	return t.Text(key)
}

// OneOf is [Table.Text] of a key that has some values only; otherwise is that of
// a missing one.
func OneOf[T ~string](t *Table, key string, otherwise T, allowed ...T) T {
	if !t.Has(key) {
		t.take(key)
		return otherwise
	}
	v := T(t.Text(key))
	if !slices.Contains(allowed, v) && v != "" {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		t.Fail(key, "%q: want one of %s", string(v), strings.Join(names, ", "))
	}
	return v
}

// Count returns an integer from least to most; 0 if there is none.
func (t *Table) Count(key string, least, most int64) int64 {
	n, ok := get[int64](t, key, "an integer")
	if ok && (n < least || n > most) {
		t.Fail(key, "%d: want an integer from %d to %d", n, least, most)
		return 0
	}
	return n
}

// Bool returns true or false.
func (t *Table) Bool(key string) bool {
	b, _ := get[bool](t, key, "true or false")
	return b
}

// Keys returns the keys that were not taken yet, in the order of the file.
func (t *Table) Keys() []string {
	keys := make([]string, 0, len(t.values))
	for k := range t.values {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Line(a), t.Line(b)), strings.Compare(a, b))
	})
	return keys
}

// Table returns the table of a key, such as [levers], or nil.
func (t *Table) Table(key string) *Table {
	m, ok := get[map[string]any](t, key, "a table, headed ["+key+"]")
	if !ok {
		return nil
	}
	return &Table{Document: t.Document, values: m, path: Join(t.path, key)}
}

// Tables returns the tables of an array, such as all [[part]].
func (t *Table) Tables(key string) []*Table {
	v, ok := t.take(key)
	if !ok {
		return nil
	}
	var all []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		all = v
	case []any:
		for _, e := range v {
			m, ok := e.(map[string]any)
			if !ok {
				t.Fail(key, "want tables, each headed [[%s]]", key)
				return nil
			}
			all = append(all, m)
		}
	default:
		t.Fail(key, "want tables, each headed [[%s]], not %s", key, kind(v))
		return nil
	}
	out := make([]*Table, len(all))
	for i, m := range all {
		out[i] = &Table{Document: t.Document, values: m, path: Join(t.path, fmt.Sprintf("%s.%d", key, i))}
	}
	return out
}

// Finish complains about the keys that nobody asked for.
func (t *Table) Finish() {
	for _, key := range t.Keys() {
		t.Fail(key, "unknown key: want one of %s", strings.Join(t.known, ", "))
	}
}
