package main

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const runes = 0x110000

// The file is one deflated stream:
//
//	"ucd1"
//	versions, categories, properties: count, then strings
//	scripts: count, then name and short name; number 0 is Unknown
//	general category, then script: for each version, runs of (length, number)
//	each property: for each version, lengths of runs, false and true by turns
//	simple case folding: for each version, count, (code point, result)
//	lower case: for each version, count, (code point, n, n results)
//	canonical combining class: runs of (length, class)
//	full composition exclusion: lengths of runs, false and true by turns
//	decompositions: count, (code point, n*2 + compatibility, n results)
//
// Numbers are unsigned varints; code points in lists are stored as the
// difference from the one before, results as the zigzag difference from their
// code point; strings have a length before them. What does not depend on the
// version holds for each version's assigned code points, by Unicode's
// stability policies. The versions of one property stand side by side, so
// that deflate finds the older one in the younger.

// categories in the order of package ucd's constants.
var categories = []struct{ short, long string }{
	{"Cn", "Unassigned"}, {"Lu", "Uppercase_Letter"}, {"Ll", "Lowercase_Letter"}, {"Lt", "Titlecase_Letter"},
	{"Lm", "Modifier_Letter"}, {"Lo", "Other_Letter"}, {"Mn", "Nonspacing_Mark"}, {"Mc", "Spacing_Mark"},
	{"Me", "Enclosing_Mark"}, {"Nd", "Decimal_Number"}, {"Nl", "Letter_Number"}, {"No", "Other_Number"},
	{"Pc", "Connector_Punctuation"}, {"Pd", "Dash_Punctuation"}, {"Ps", "Open_Punctuation"}, {"Pe", "Close_Punctuation"},
	{"Pi", "Initial_Punctuation"}, {"Pf", "Final_Punctuation"}, {"Po", "Other_Punctuation"}, {"Sm", "Math_Symbol"},
	{"Sc", "Currency_Symbol"}, {"Sk", "Modifier_Symbol"}, {"So", "Other_Symbol"}, {"Zs", "Space_Separator"},
	{"Zl", "Line_Separator"}, {"Zp", "Paragraph_Separator"}, {"Cc", "Control"}, {"Cf", "Format"},
	{"Cs", "Surrogate"}, {"Co", "Private_Use"},
}

var properties = []string{
	"Alphabetic", "White_Space", "Uppercase", "Lowercase", "Join_Control", "Cased", "Case_Ignorable",
	"Ideographic", "Unified_Ideograph", "Default_Ignorable_Code_Point", "Noncharacter_Code_Point", "Hex_Digit",
	"Emoji", "Emoji_Presentation", "Extended_Pictographic",
}

// A version is what the package of one Unicode version tells.
type version struct {
	category []byte // by code point
	script   []string
	property map[string][]bool
	fold     map[rune][]rune
	lower    map[rune][]rune
	decomp   []decomposition
}

type decomposition struct {
	from   rune
	compat bool
	to     []rune
}

func build(dir string) ([]byte, error) {
	short := map[string]string{} // script → short name
	facts, err := dump(dir, script, aliases)
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		if f[0] == "Script" && len(f[1]) == 4 && f[1] != "Qaac" && f[1] != "Qaai" { // Qa*: older names
			short[f[2]] = f[1]
		}
	}
	var all []*version
	scripts := map[string]bool{}
	for _, p := range packages {
		facts, err := dump(dir, script, p)
		if err != nil {
			return nil, err
		}
		v, err := parse(facts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		all = append(all, v)
		for _, s := range v.script {
			scripts[s] = true
		}
	}
	newest := all[len(all)-1]
	delete(scripts, "Unknown")
	names := append([]string{"Unknown"}, slices.Sorted(maps.Keys(scripts))...)
	number := map[string]byte{}
	for i, n := range names {
		if short[n] == "" {
			return nil, fmt.Errorf("script %s has no short name", n)
		}
		number[n] = byte(i)
	}
	ccc, err := combining(dir, newest)
	if err != nil {
		return nil, err
	}

	w := &writer{}
	w.WriteString("ucd1")
	w.number(len(packages))
	for _, p := range packages {
		w.text(p.Unicode)
	}
	w.number(len(categories))
	for _, c := range categories {
		w.text(c.short)
	}
	w.number(len(properties))
	for _, p := range properties {
		w.text(p)
	}
	w.number(len(names))
	for _, n := range names {
		w.text(n)
		w.text(short[n])
	}
	for _, v := range all {
		w.runs(v.category)
	}
	for _, v := range all {
		ids := make([]byte, runes)
		for i, s := range v.script {
			ids[i] = number[s]
		}
		w.runs(ids)
	}
	for _, p := range properties {
		for _, v := range all {
			w.bits(v.property[p]) // absent in an old version: false everywhere
		}
	}
	for _, v := range all {
		w.mapping(v.fold, false)
	}
	for _, v := range all {
		w.mapping(v.lower, true)
	}
	w.runs(ccc)
	w.bits(newest.property["Full_Composition_Exclusion"])
	w.number(len(newest.decomp))
	last := rune(0)
	for _, d := range newest.decomp {
		w.number(int(d.from - last))
		last = d.from
		n := len(d.to) * 2
		if d.compat {
			n++
		}
		w.number(n)
		for _, r := range d.to {
			w.zigzag(r - d.from)
		}
	}

	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	z.Write(w.Bytes())
	if err := z.Close(); err != nil {
		return nil, err
	}
	fmt.Printf("%d versions, %d bytes, %d deflated\n", len(all), w.Len(), out.Len())
	return out.Bytes(), nil
}

func parse(facts [][]string) (*version, error) {
	v := &version{
		category: make([]byte, runes),
		script:   slices.Repeat([]string{"Unknown"}, runes),
		property: map[string][]bool{},
		fold:     map[rune][]rune{},
		lower:    map[rune][]rune{},
	}
	byName := map[string]byte{}
	for i, c := range categories {
		byName[c.long] = byte(i)
	}
	wanted := map[string]bool{"Full_Composition_Exclusion": true}
	for _, p := range properties {
		wanted[p] = true
	}
	seen := 0 // code points with a general category
	for _, f := range facts {
		var r []rune
		for _, h := range f[2:] {
			n, err := strconv.ParseUint(h, 16, 32)
			if err != nil || n >= runes {
				return nil, fmt.Errorf("%q: not a code point", h)
			}
			r = append(r, rune(n))
		}
		switch f[0] {
		case "gc":
			if c, ok := byName[f[1]]; ok { // the others are unions
				for i := r[0]; i <= r[1]; i++ {
					v.category[i] = c
					seen++
				}
			}
		case "gb": // for references.py only
		case "sc":
			for i := r[0]; i <= r[1]; i++ {
				v.script[i] = f[1]
			}
		case "bp":
			if wanted[f[1]] {
				p := v.property[f[1]]
				if p == nil {
					p = make([]bool, runes)
					v.property[f[1]] = p
				}
				for i := r[0]; i <= r[1]; i++ {
					p[i] = true
				}
			}
		case "cf":
			v.fold[r[0]] = r[1:]
		case "cm":
			v.lower[r[0]] = r[1:]
		case "scm": // after cm: the full mapping wins
			if len(r) > 2 || r[1] != r[0] {
				v.lower[r[0]] = r[1:]
			}
		case "dm":
			if r[0] < 0xAC00 || r[0] > 0xD7A3 { // Hangul by arithmetic
				v.decomp = append(v.decomp, decomposition{r[0], f[1] != "Canonical", r[1:]})
			}
		default:
			return nil, fmt.Errorf("unknown fact %q", f)
		}
	}
	if seen != runes {
		return nil, fmt.Errorf("%d code points have a general category, want %d", seen, runes)
	}
	slices.SortFunc(v.decomp, func(a, b decomposition) int { return cmp.Compare(a.from, b.from) })
	return v, nil
}

var hexNumber = regexp.MustCompile(`0x([0-9A-Fa-f]+)`)

// combining reads the canonical combining classes from the crate's tables and
// compares its canonical decompositions with ours.
func combining(dir string, v *version) ([]byte, error) {
	text, err := crate(dir)
	if err != nil {
		return nil, err
	}
	table := func(name string) (string, error) {
		_, rest, ok := strings.Cut(text, "const "+name+": ")
		if !ok {
			return "", fmt.Errorf("%s: no table %s", crateName, name)
		}
		_, rest, _ = strings.Cut(rest, "= &[")
		body, _, _ := strings.Cut(rest, "];")
		return body, nil
	}
	body, err := table("CANONICAL_COMBINING_CLASS_KV")
	if err != nil {
		return nil, err
	}
	ccc := make([]byte, runes)
	for _, m := range hexNumber.FindAllStringSubmatch(body, -1) {
		n, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil || n>>8 >= runes {
			return nil, fmt.Errorf("%s: bad entry %s", crateName, m[0])
		}
		ccc[n>>8] = byte(n)
	}
	if ccc[0x301] != 230 || ccc[0x3099] != 8 {
		return nil, fmt.Errorf("%s: combining classes were not understood", crateName)
	}

	chars, err := table("CANONICAL_DECOMPOSED_CHARS")
	if err != nil {
		return nil, err
	}
	var pool []rune
	for _, m := range regexp.MustCompile(`'(?:\\u\{([0-9A-Fa-f]+)\}|(.))'`).FindAllStringSubmatch(chars, -1) {
		if m[2] != "" {
			pool = append(pool, []rune(m[2])...)
			continue
		}
		n, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil {
			return nil, err
		}
		pool = append(pool, rune(n))
	}
	body, err = table("CANONICAL_DECOMPOSED_KV")
	if err != nil {
		return nil, err
	}
	theirs := map[rune]string{}
	for _, m := range regexp.MustCompile(`\((0x[0-9A-Fa-f]+), \((0x[0-9A-Fa-f]+|\d+), (0x[0-9A-Fa-f]+|\d+)\)\)`).FindAllStringSubmatch(body, -1) {
		var n [3]int64
		for i := range n {
			if n[i], err = strconv.ParseInt(m[i+1], 0, 32); err != nil {
				return nil, err
			}
		}
		if n[1]+n[2] > int64(len(pool)) {
			return nil, fmt.Errorf("%s: decomposition of %X beyond its table", crateName, n[0])
		}
		theirs[rune(n[0])] = string(pool[n[1] : n[1]+n[2]])
	}
	canonical := map[rune][]rune{}
	for _, d := range v.decomp {
		if !d.compat {
			canonical[d.from] = d.to
		}
	}
	var expand func(r rune) []rune
	expand = func(r rune) []rune {
		to, ok := canonical[r]
		if !ok {
			return []rune{r}
		}
		var out []rune
		for _, t := range to {
			out = append(out, expand(t)...)
		}
		return out
	}
	if len(theirs) != len(canonical) {
		return nil, fmt.Errorf("%s has %d canonical decompositions, npm has %d", crateName, len(theirs), len(canonical))
	}
	for r := range canonical {
		mine := expand(r)
		slices.SortStableFunc(mine[1:], func(a, b rune) int { // canonical order; none begins with a mark that moves
			if ccc[a] == 0 || ccc[b] == 0 {
				return 0
			}
			return cmp.Compare(ccc[a], ccc[b])
		})
		if string(mine) != theirs[r] {
			return nil, fmt.Errorf("canonical decomposition of %04X: %X by npm, %X by %s", r, mine, []rune(theirs[r]), crateName)
		}
	}
	return ccc, nil
}

// A writer makes the stream.
type writer struct{ bytes.Buffer }

func (w *writer) number(n int) { w.Write(binary.AppendUvarint(nil, uint64(n))) }

func (w *writer) zigzag(n rune) { w.Write(binary.AppendVarint(nil, int64(n))) }

func (w *writer) text(s string) {
	w.number(len(s))
	w.WriteString(s)
}

func (w *writer) runs(values []byte) {
	for i := 0; i < len(values); {
		j := i + 1
		for j < len(values) && values[j] == values[i] {
			j++
		}
		w.number(j - i)
		w.WriteByte(values[i])
		i = j
	}
}

func (w *writer) bits(values []bool) {
	if values == nil {
		values = make([]bool, runes)
	}
	current, start := false, 0
	for i, b := range values {
		if b != current {
			w.number(i - start)
			current, start = b, i
		}
	}
	w.number(len(values) - start)
}

func (w *writer) mapping(m map[rune][]rune, lengths bool) {
	w.number(len(m))
	last := rune(0)
	for _, from := range slices.Sorted(maps.Keys(m)) {
		w.number(int(from - last))
		last = from
		if lengths {
			w.number(len(m[from]))
		}
		for _, to := range m[from] {
			w.zigzag(to - from)
		}
	}
}
