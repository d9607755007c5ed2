package normalize

import (
	"bufio"
	"compress/gzip"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

var formNames = []struct {
	name            string
	compat, compose bool
	text            norm.Form
}{
	{"NFC", false, true, norm.NFC}, {"NFD", false, false, norm.NFD}, {"NFKC", true, true, norm.NFKC}, {"NFKD", true, false, norm.NFKD},
}

// TestUnicode runs Unicode's own conformance test on our algorithm, with the
// tables of the test's version.
func TestUnicode(t *testing.T) {
	file, err := os.Open("testdata/NormalizationTest-16.0.0.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zr, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var chains [4]*Chain
	for i, n := range formNames {
		f, err := newForm("16.0.0", n.compat, n.compose)
		if err != nil {
			t.Fatal(err)
		}
		chains[i] = &Chain{steps: []step{f}}
		chains[i].pool.New = func() any { return new(scratch) }
	}
	n := 0
	for sc := bufio.NewScanner(zr); sc.Scan(); n++ {
		var col []string // source, NFC, NFD, NFKC, NFKD
		for part := range strings.SplitSeq(sc.Text(), ";") {
			var b []byte
			for h := range strings.FieldsSeq(part) {
				r, err := strconv.ParseUint(h, 16, 32)
				if err != nil {
					t.Fatal(err)
				}
				b = utf8.AppendRune(b, rune(r))
			}
			col = append(col, string(b))
		}
		// What the test's head demands of a conformant process.
		want := [4][5]int{{1, 1, 1, 3, 3}, {2, 2, 2, 4, 4}, {3, 3, 3, 3, 3}, {4, 4, 4, 4, 4}}
		for i, c := range chains {
			for j, in := range col {
				check(t, formNames[i].name, c, in, col[want[i][j]])
			}
		}
	}
	if n < 2000 {
		t.Errorf("only %d tests", n)
	}
}

// TestFormsAgainstText compares with golang.org/x/text on random strings of
// what normalisation is about, with the tables of its version.
func TestFormsAgainstText(t *testing.T) {
	if !slices.Contains(ucd.Versions(), norm.Version) {
		t.Skipf("x/text has version %s, which is not among ours", norm.Version)
	}
	tab, err := ucd.At(norm.Version)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	members := func(s ucd.Set) (list []rune) {
		for _, x := range s.Ranges() {
			for r := x.Lo; r <= x.Hi; r++ {
				list = append(list, r)
			}
		}
		return list
	}
	pools := [][]rune{
		members(tab.Nonstarters()), members(tab.Decomposing(false).Subtract(ucd.NewSet(ucd.Range{Lo: 0xAC00, Hi: 0xD7A3}))), members(tab.Decomposing(true)),
		members(ucd.NewSet(ucd.Range{Lo: 0x1100, Hi: 0x1112}, ucd.Range{Lo: 0x1161, Hi: 0x1175}, ucd.Range{Lo: 0x11A7, Hi: 0x11C2})),
		[]rune("aeiouAEIOUαωиé中 \u0915\u0928\u09c7\u0bc6\u1025\u0b47"), []rune("\u0301\u0323\u0308\u0345\u093c\u09be\u0bbe\u102e\u3099\u0338\uac00\uac01"),
	}
	for _, n := range formNames {
		f, err := newForm(norm.Version, n.compat, n.compose)
		if err != nil {
			t.Fatal(err)
		}
		c := &Chain{steps: []step{f}}
		c.pool.New = func() any { return new(scratch) }
		normal, yes := 0, 0
		for range 20000 {
			var runes []rune
			marks := 0
			for range 1 + rng.IntN(8) {
				pool := pools[rng.IntN(len(pools))]
				r := pool[rng.IntN(len(pool))]
				// Beyond 30 marks in a row x/text puts in a joiner (its
				// stream-safe form); stay clear of that.
				if marks++; marks < 8 {
					runes = append(runes, r)
				}
			}
			in := string(runes)
			want := n.text.String(in)
			check(t, n.name, c, in, want)
			if in == want {
				normal++
				if c.Unchanged(in) {
					yes++
				}
			}
			if t.Failed() {
				t.FailNow()
			}
		}
		if normal < 500 || yes < normal*7/10 {
			t.Errorf("%s: %d texts were normal, Unchanged saw it of %d", n.name, normal, yes)
		}
		t.Logf("%s: %d texts were normal, Unchanged saw it of %d", n.name, normal, yes)
	}
}

// TestMarks orders a long run of marks, which must take no quadratic time, and
// drops none.
func TestMarks(t *testing.T) {
	in := "a" + strings.Repeat("\u0301\u0323\u0327", 100000)
	want := "a" + strings.Repeat("\u0327", 100000) + strings.Repeat("\u0323", 100000) + strings.Repeat("\u0301", 100000)
	f, err := normalForm(formVersion, false, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(f.append(nil, in, new(scratch))); got != want {
		t.Errorf("a run of %d bytes of marks came out with %d bytes, or in another order", len(in), len(got))
	}
}

// TestAlone holds Precompiled's table of code points that stand alone to what
// package graphemes says, and that package to the version it should have.
func TestAlone(t *testing.T) {
	tab, err := ucd.At(clusterVersion)
	if err != nil {
		t.Fatal(err)
	}
	set := alone(tab)
	clusters := func(s string) (n int) {
		for it := graphemes.FromString(s); it.Next(); {
			n++
		}
		return n
	}
	for _, x := range set.Ranges() {
		for r := x.Lo; r <= x.Hi; r++ {
			s := string(r)
			for _, pair := range []string{"a" + s, s + "a", s + s, s + "가", "각" + s, s + "क", "क" + s} {
				if clusters(pair) != 2 {
					t.Errorf("%04X joins: %q is %d clusters", r, pair, clusters(pair))
				}
			}
		}
	}
	for _, r := range "aé中ひカ한กक，。א" {
		if !set.Contains(r) {
			t.Errorf("%c does not count as alone, which makes text of it slow", r)
		}
	}
}
