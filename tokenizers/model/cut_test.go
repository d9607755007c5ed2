//go:build amd64 && !noasm

package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// testFilter is a filter that knows about half of what the alphabet can put side
// by side.
func testFilter(alphabet []string) *pairFilter {
	f := newPairFilter()
	rnd := rand.New(rand.NewPCG(5, 8))
	for _, a := range alphabet {
		for _, b := range alphabet {
			if len(a) <= 3 && len(b) <= 3 && rnd.IntN(2) == 0 {
				f.add([]byte(a), []byte(b))
			}
			if len(a) == 3 && len(b) == 3 && rnd.IntN(8) == 0 {
				f.addEnds([]byte(a[2:]), []byte(b[:1]))
			}
		}
	}
	return f
}

var cutAlphabet = []string{
	"a", "Z", "@", "[", "`", "{", "0", " ", "\n", "\x00", "\x7f", "é", "ж", "߿", "ࠀ", "ह", "ก", "∀", "、", "漢",
	"字", "の", "カ", "한", "글", "힣", "\ue000", "！", "\uffff", "😀", "𠀀",
}

func cutSample(rnd *rand.Rand, size int) string {
	var b strings.Builder
	some := cutAlphabet[rnd.IntN(len(cutAlphabet)):]
	some = some[:1+rnd.IntN(len(some))]
	for b.Len() < size {
		b.WriteString(some[rnd.IntN(len(some))])
	}
	return b.String()
}

// without runs something as if there was no assembly. No test beside it runs in
// parallel.
func without(run func()) {
	defer func(was bool) { cutAvailable = was }(cutAvailable)
	cutAvailable = false
	run()
}

func checkCutText(t *testing.T, f *pairFilter, text string, from, end, spans int) {
	t.Helper()
	var fast, plain [1024]span
	got := f.cutText(fast[:spans], text, from, end)
	var want []span
	without(func() { want = f.cutText(plain[:], text, from, end) })
	if len(got) == 0 {
		t.Fatalf("%q from %d to %d: no part", text, from, end)
	}
	if len(got) < len(want) && (len(got) < spans-cutSpans || got[len(got)-1].end() == end) {
		t.Fatalf("%q from %d to %d: %d parts in %d, want %d", text, from, end, len(got), spans, len(want))
	}
	if !slices.Equal(got, want[:len(got)]) {
		t.Fatalf("%q from %d to %d:\n%v, want\n%v", text, from, end, got, want)
	}
}

func checkCutPieces(t *testing.T, f *pairFilter, text string, start int, ends []int32, spans int) {
	t.Helper()
	all := func() (out []span) {
		start, ends := start, ends
		buf := make([]span, spans)
		for len(ends) > 0 {
			before := len(ends)
			var got []span
			got, ends = f.cutPieces(buf, text, start, ends)
			switch {
			case len(got) == 0 && len(ends) == before && ends[0] < 0:
				start, ends = int(^ends[0]), ends[1:]
			case len(got) == 0 || len(ends) == before:
				t.Fatalf("%q: nothing is done", text)
			default:
				start = got[len(got)-1].end()
				out = append(out, got...)
			}
		}
		return out
	}
	got := all()
	var want []span
	without(func() { want = all() })
	if !slices.Equal(got, want) {
		t.Fatalf("%q from %d by %v:\n%v, want\n%v", text, start, ends, got, want)
	}
}

// cutEnds cuts text into pieces: some are short, some long, some none.
func cutEnds(rnd *rand.Rand, text string, start int) (ends []int32) {
	most := 1 + rnd.IntN(200)
	for start < len(text) {
		start = min(start+1+rnd.IntN(most), len(text))
		for start < len(text) && !utf8.RuneStart(text[start]) {
			start++
		}
		if rnd.IntN(20) == 0 {
			ends = append(ends, ^int32(start))
		} else {
			ends = append(ends, int32(start))
		}
	}
	return ends
}

func TestCutAssembly(t *testing.T) {
	if !cutAvailable {
		t.Skip("no AVX2 here")
	}
	f := testFilter(cutAlphabet)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		text := cutSample(rnd, rnd.IntN(400))
		at := func(from int) int {
			n := from + rnd.IntN(len(text)-from+1)
			for n < len(text) && !utf8.RuneStart(text[n]) {
				n++
			}
			return n
		}
		start := at(0)
		if end := at(start); end > start {
			checkCutText(t, f, text, start, end, 2*cutSpans+rnd.IntN(600))
		}
		if ends := cutEnds(rnd, text, start); len(ends) > 0 {
			checkCutPieces(t, f, text, start, ends, 2*cutSpans+rnd.IntN(600))
		}
	}
}

func FuzzCut(f *testing.F) {
	if !cutAvailable {
		f.Skip("no AVX2 here")
	}
	filter := testFilter(cutAlphabet)
	f.Add(strings.Repeat("漢字かな a", 20), uint64(1))
	f.Add(strings.Repeat("한글 ", 50), uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		text = strings.ToValidUTF8(text, "�")
		if len(text) == 0 || len(text) > 900 {
			return
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		checkCutText(t, filter, text, 0, len(text), 2*cutSpans+rnd.IntN(600))
		checkCutPieces(t, filter, text, 0, cutEnds(rnd, text, 0), 2*cutSpans+rnd.IntN(600))
	})
}
