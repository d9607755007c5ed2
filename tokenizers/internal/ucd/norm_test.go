package ucd

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func mustUnpack(t testing.TB) []byte {
	data, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestNormAgainstText compares with golang.org/x/text, all code points.
func TestNormAgainstText(t *testing.T) {
	if !slices.Contains(Versions(), norm.Version) {
		t.Skipf("x/text has version %s, which is not among ours", norm.Version)
	}
	tab := at(t, norm.Version)
	composed := 0
	marks, canonical, compat := tab.Nonstarters(), tab.Decomposing(false), tab.Decomposing(true)
	for r := range rune(maxRune + 1) {
		if 0xD800 <= r && r < 0xE000 {
			continue
		}
		s := string(r)
		if got, want := string(tab.AppendDecomposed(nil, r, false)), norm.NFD.String(s); got != want {
			t.Errorf("%04X: canonical decomposition %X, want %X", r, []rune(got), []rune(want))
		}
		if got, want := string(tab.AppendDecomposed(nil, r, true)), norm.NFKD.String(s); got != want {
			t.Errorf("%04X: compatibility decomposition %X, want %X", r, []rune(got), []rune(want))
		}
		if got, want := tab.CombiningClass(r), norm.NFD.PropertiesString(s).CCC(); got != want {
			t.Errorf("%04X: combining class %d, want %d", r, got, want)
		}
		if got, want := marks.Contains(r), norm.NFD.PropertiesString(s).CCC() != 0; got != want {
			t.Errorf("%04X is among the nonstarters: %v, want %v", r, got, want)
		}
		if tab.Decomposes(r, false) != canonical.Contains(r) || tab.Decomposes(r, true) != compat.Contains(r) {
			t.Errorf("Decomposes(%04X) is not what Decomposing says", r)
		}
		if got, want := canonical.Contains(r), norm.NFD.String(s) != s; got != want {
			t.Errorf("%04X is among those that decompose: %v, want %v", r, got, want)
		}
		if got, want := compat.Contains(r), norm.NFKD.String(s) != s; got != want {
			t.Errorf("%04X is among those that decompose by compatibility: %v, want %v", r, got, want)
		}
		// Whatever NFC keeps of a code point that decomposes is a composite.
		if d := norm.NFD.String(s); d != s && norm.NFC.String(s) == s {
			composed++
			runes := []rune(d)
			last := runes[len(runes)-1]
			first := []rune(norm.NFC.String(string(runes[:len(runes)-1])))
			if len(first) != 1 {
				continue // the marks in between go first, as in U+1EB7
			}
			if got, ok := tab.Compose(first[0], last); !ok || got != r {
				t.Errorf("Compose(%04X, %04X) = %04X, %v, want %04X", first[0], last, got, ok, r)
			}
		}
	}
	if composed < 12000 {
		t.Errorf("only %d composites seen", composed)
	}
	for pair, r := range tab.decomps().compose {
		if got := norm.NFC.String(string([]rune{pair[0], pair[1]})); got != string(r) {
			t.Errorf("Compose(%04X, %04X) = %04X, want %X", pair[0], pair[1], r, []rune(got))
		}
	}
}

// TestAgainstPython compares with digests of CPython's unicodedata and the
// package unicodedata2 (scripts/unicode/digests.py). Versions 8.0 and 9.0,
// which neither has any more, are those of the references named in the package
// comment and are compared with them by package normalize.
func TestAgainstPython(t *testing.T) {
	file, err := os.Open("testdata/unicodedata.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dec := json.NewDecoder(file)
	n := 0
	for ; dec.More(); n++ {
		var want struct{ Unicode, Category, Combining, NFD, NFKD string }
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		tab := at(t, want.Unicode)
		category, combining := sha256.New(), sha256.New()
		for r := range rune(maxRune + 1) {
			io.WriteString(category, tab.Category(r).String())
			combining.Write([]byte{tab.CombiningClass(r)})
		}
		decomposed := func(compat bool) string {
			h := sha256.New()
			var buf []rune
			for r := range rune(maxRune + 1) {
				if 0xD800 <= r && r < 0xE000 {
					continue
				}
				if r > 0 {
					h.Write([]byte("\n"))
				}
				buf = tab.AppendDecomposed(buf[:0], r, compat)
				io.WriteString(h, string(buf))
			}
			return hex.EncodeToString(h.Sum(nil))
		}
		for _, c := range []struct{ what, got, want string }{
			{"categories", hex.EncodeToString(category.Sum(nil)), want.Category},
			{"combining classes", hex.EncodeToString(combining.Sum(nil)), want.Combining},
			{"canonical decompositions", decomposed(false), want.NFD},
			{"compatibility decompositions", decomposed(true), want.NFKD},
		} {
			if c.got != c.want {
				t.Errorf("Unicode %s: %s differ", want.Unicode, c.what)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d versions compared", n)
	}
}
