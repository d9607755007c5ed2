package ucd

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func at(t testing.TB, version string) *Tables {
	t.Helper()
	tab, err := At(version)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// goTables returns our tables of the version that package unicode has.
func goTables(t *testing.T) *Tables {
	t.Helper()
	if !slices.Contains(Versions(), unicode.Version) {
		t.Skipf("package unicode has version %s, which is not among ours", unicode.Version)
	}
	return at(t, unicode.Version)
}

func TestAt(t *testing.T) {
	for _, v := range []string{"13.0.0", "14.0.0", "15.0.0", "15.1.0", "16.0.0", "17.0.0"} {
		if !slices.Contains(Versions(), v) {
			t.Errorf("version %s is missing from %v", v, Versions())
		}
	}
	for in, want := range map[string]string{"": Default, "16": "16.0.0", "16.0": "16.0.0", "16.0.0": "16.0.0", "15.1": "15.1.0"} {
		if got := at(t, in).Version(); got != want {
			t.Errorf("At(%q).Version() = %s, want %s", in, got, want)
		}
	}
	if at(t, "17.0") != at(t, "17.0.0") {
		t.Error("At gives two copies of one version")
	}
	for _, bad := range []string{"1.0", "16.1.0", "99", "x"} {
		if _, err := At(bad); err == nil || !strings.Contains(err.Error(), "16.0.0") {
			t.Errorf("At(%q): error %v, want one that lists the versions", bad, err)
		}
	}
}

func TestCategoryAgainstGo(t *testing.T) {
	tab := goTables(t)
	want := make([]string, maxRune+1)
	for name, table := range unicode.Categories {
		if len(name) != 2 || name == "LC" || name == "Cn" {
			continue
		}
		for _, x := range table.R16 {
			for r := rune(x.Lo); r <= rune(x.Hi); r += rune(x.Stride) {
				want[r] = name
			}
		}
		for _, x := range table.R32 {
			for r := rune(x.Lo); r <= rune(x.Hi); r += rune(x.Stride) {
				want[r] = name
			}
		}
	}
	for r, w := range want {
		if w == "" {
			w = "Cn"
		}
		if got := tab.Category(rune(r)).String(); got != w {
			t.Fatalf("Category(%04X) = %s, want %s", r, got, w)
		}
	}
	if tab.Category(-1) != Cn || tab.Category(maxRune+1) != Cn {
		t.Error("what is no code point has a category")
	}
}

func goSet(tables ...*unicode.RangeTable) Set {
	var r []Range
	for _, table := range tables {
		for _, x := range table.R16 {
			for c := rune(x.Lo); c <= rune(x.Hi); c += rune(x.Stride) {
				r = append(r, Range{c, c})
			}
		}
		for _, x := range table.R32 {
			for c := rune(x.Lo); c <= rune(x.Hi); c += rune(x.Stride) {
				r = append(r, Range{c, c})
			}
		}
	}
	return NewSet(r...)
}

func TestClassAgainstGo(t *testing.T) {
	tab := goTables(t)
	check := func(name string, want Set) {
		t.Helper()
		got, err := tab.Class(name)
		if err != nil {
			t.Error(err)
			return
		}
		if !got.Equal(want) {
			t.Errorf("Class(%q): %d code points, want %d; too many %v, missing %v", name, got.Len(), want.Len(), got.Subtract(want), want.Subtract(got))
		}
	}
	for name, table := range unicode.Categories {
		if name == "C" || name == "Cn" { // Go's C has no Cn before version 1.25 of Go
			continue
		}
		check(name, goSet(table))
	}
	for name, table := range unicode.Scripts {
		check(name, goSet(table))
		check("sc="+name, goSet(table))
		for _, x := range goSet(table).Ranges() {
			for r := x.Lo; r <= x.Hi; r++ {
				if tab.Script(r) != name {
					t.Errorf("Script(%04X) = %s, want %s", r, tab.Script(r), name)
				}
			}
		}
	}
	for _, name := range []string{"White_Space", "Join_Control", "Ideographic", "Unified_Ideograph", "Noncharacter_Code_Point", "Hex_Digit"} {
		check(name, goSet(unicode.Properties[name]))
	}
	// DerivedCoreProperties.txt gives these three as unions.
	l := func(n ...string) (r []*unicode.RangeTable) {
		for _, n := range n {
			table := unicode.Categories[n]
			if table == nil {
				table = unicode.Properties[n]
			}
			r = append(r, table)
		}
		return r
	}
	check("Alphabetic", goSet(l("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Other_Alphabetic", "Other_Lowercase", "Other_Uppercase")...))
	check("Uppercase", goSet(l("Lu", "Other_Uppercase")...))
	check("Lowercase", goSet(l("Ll", "Other_Lowercase")...))
	if got := tab.Space(); !got.Equal(goSet(unicode.White_Space)) {
		t.Errorf("Space() = %v", got)
	}
}

func TestFoldAgainstGo(t *testing.T) {
	tab := goTables(t)
	for r := range rune(maxRune + 1) {
		want := []rune{r}
		for s := unicode.SimpleFold(r); s != r; s = unicode.SimpleFold(s) {
			want = append(want, s)
		}
		slices.Sort(want)
		got := tab.Orbit(r)
		if got == nil {
			got = []rune{r}
		}
		if !slices.Equal(got, want) {
			t.Errorf("Orbit(%04X) = %04X, want %04X", r, got, want)
		}
		lower := string(unicode.ToLower(r))
		if r == 0x130 {
			lower = "i\u0307" // SpecialCasing.txt
		}
		if got := string(tab.AppendLower(nil, r)); got != lower {
			t.Errorf("AppendLower(%04X) = %q, want %q", r, got, lower)
		}
	}
}

func TestClassNames(t *testing.T) {
	tab := at(t, "")
	same := [][]string{
		{"L", "Letter", "gc=L", "General_Category=Letter", "l"},
		{"Lu", "Uppercase_Letter", "uppercase letter", "UppercaseLetter", "gc:Lu"},
		{"Han", "Hani", "Script=Han", "sc=Hani", "script=han"},
		{"P", "Punctuation", "punct"},
		{"White_Space", "WhiteSpace", "wspace", "space"},
		{"Zyyy", "Common"}, {"Qaai", "Inherited", "Zinh"},
	}
	for _, names := range same {
		want, err := tab.Class(names[0])
		if err != nil || want.Len() == 0 {
			t.Fatalf("Class(%q): %v, %v", names[0], want, err)
		}
		for _, n := range names[1:] {
			if got, err := tab.Class(n); err != nil || !got.Equal(want) {
				t.Errorf("Class(%q) is not Class(%q): %v", n, names[0], err)
			}
		}
		not, err := tab.Class("^" + names[0])
		if err != nil || !not.Equal(want.Negate()) {
			t.Errorf("Class(^%s) is not the rest: %v", names[0], err)
		}
	}
	for _, bad := range []string{"", "Hann", "scx=Han", "sc=Lu", "gc=Han", "Sidetic", "^", "="} {
		if s, err := tab.Class(bad); err == nil {
			t.Errorf("Class(%q) = %v, want an error", bad, s)
		}
	}
	if _, err := at(t, "17.0.0").Class("Sidetic"); err != nil {
		t.Error(err)
	}
	// U+A7CE came with 17.0, U+1C89 with 16.0, U+31350 with 15.0.
	for _, c := range []struct {
		r     rune
		since string
	}{{0xA7CE, "17.0.0"}, {0x1C89, "16.0.0"}, {0x31350, "15.0.0"}, {0x2EBF0, "15.1.0"}, {0x870, "14.0.0"}, {0x8BE, "13.0.0"}} {
		have := false
		for _, v := range Versions() {
			have = have || v == c.since
			l, err := at(t, v).Class("L")
			if err != nil {
				t.Fatal(err)
			}
			if l.Contains(c.r) != have {
				t.Errorf("Unicode %s: %04X is a letter: %v, want %v", v, c.r, !have, have)
			}
		}
	}
}

func TestFoldSet(t *testing.T) {
	tab := at(t, "")
	got := tab.FoldSet(NewSet(Range{'s', 's'}, Range{'k', 'k'}, Range{'.', '.'}))
	want := NewSet(Range{'s', 's'}, Range{'S', 'S'}, Range{0x17F, 0x17F}, Range{'K', 'K'}, Range{'k', 'k'}, Range{0x212A, 0x212A}, Range{'.', '.'})
	if !got.Equal(want) {
		t.Errorf("FoldSet = %v, want %v", got, want)
	}
}

func TestWord(t *testing.T) {
	tab := at(t, "")
	rust, in, alone := tab.Word(), tab.WordOniguruma(), tab.WordOnigurumaAlone()
	if d := rust.Subtract(in); d.String() != "[200C-200D]" || in.Subtract(rust).Len() != 0 {
		t.Errorf("Word has %v over WordOniguruma", d)
	}
	if d := alone.Subtract(in); d.String() != "[00B2-00B3 00B9 00BC-00BE]" || in.Subtract(alone).Len() != 0 {
		t.Errorf("WordOnigurumaAlone has %v over WordOniguruma", d)
	}
	if d, err := tab.Class("Nd"); err != nil || !d.Equal(tab.Digit()) || !tab.Digit().Contains('7') {
		t.Errorf("Digit is not Nd: %v", err)
	}
}

// TestSet checks the operations against a bitmap, over all sets of three
// ranges with ends among a few points at the borders.
func TestSet(t *testing.T) {
	points := []rune{0, 1, 5, 6, 9, maxRune - 1, maxRune}
	var sets []Set
	for _, a := range points {
		for _, b := range points {
			for _, c := range points {
				for _, d := range points {
					sets = append(sets, NewSet(Range{a, b}, Range{c, d}))
				}
			}
		}
	}
	probe := []rune{0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 500, maxRune - 2, maxRune - 1, maxRune}
	valid := func(name string, s Set) {
		t.Helper()
		for i, x := range s.Ranges() {
			if x.Lo > x.Hi || x.Lo < 0 || x.Hi > maxRune || i > 0 && s.Ranges()[i-1].Hi+1 >= x.Lo {
				t.Fatalf("%s: bad ranges %v", name, s)
			}
		}
	}
	for i, a := range sets {
		b := sets[(i*31+7)%len(sets)]
		u, n, d, neg := a.Union(b), a.Intersect(b), a.Subtract(b), a.Negate()
		for name, s := range map[string]Set{"new": a, "union": u, "intersect": n, "subtract": d, "negate": neg} {
			valid(name, s)
		}
		for _, r := range probe {
			ina, inb := a.Contains(r), b.Contains(r)
			if u.Contains(r) != (ina || inb) || n.Contains(r) != (ina && inb) || d.Contains(r) != (ina && !inb) || neg.Contains(r) == ina {
				t.Fatalf("%v and %v at %X: union %v, intersect %v, subtract %v, negate %v", a, b, r, u, n, d, neg)
			}
		}
		if !neg.Negate().Equal(a) || a.Len()+neg.Len() != maxRune+1 {
			t.Fatalf("%v: negated twice %v", a, neg.Negate())
		}
	}
	if s := NewSet(Range{-5, 2}, Range{maxRune, maxRune + 9}, Range{7, 3}); s.String() != "[0000-0002 10FFFF]" {
		t.Errorf("out of bounds: %v", s)
	}
}

func TestDamaged(t *testing.T) {
	src, err := unpacked()
	if err != nil {
		t.Fatal(err)
	}
	// Cut short anywhere before the last table, the file is refused.
	data := mustUnpack(t)
	for n := 0; n < len(data)-len(src.decomp); n += 1 + n/20 {
		if _, err := cut(data[:n]); err == nil {
			t.Errorf("the first %d bytes of %d are taken for the whole", n, len(data))
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		src, err := cut(mustUnpack(b))
		if err != nil {
			b.Fatal(err)
		}
		newTables(src, len(src.versions)-1)
	}
}

func BenchmarkDecompositions(b *testing.B) {
	tab := at(b, "")
	for b.Loop() {
		readDecompositions(tab)
	}
}

func BenchmarkClass(b *testing.B) {
	tab := at(b, "")
	for b.Loop() {
		if _, err := tab.Class("L"); err != nil {
			b.Fatal(err)
		}
	}
}
