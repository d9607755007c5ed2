package model_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/model"
	"github.com/babelmeter/babelmeter/tokenizers/model/bybook"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// both is a fast model and the one by the book.
type both struct {
	def  *vocab.Definition
	fast model.Model
	book *bybook.Model
}

func newBoth(t testing.TB, def *vocab.Definition) both {
	t.Helper()
	fast, err := model.New(def)
	if err != nil {
		t.Fatalf("%v\n%s", err, describe(def))
	}
	book, err := bybook.New(def)
	if err != nil {
		t.Fatal(err)
	}
	return both{def, fast, book}
}

// same reports whether the two agree on a piece, in every way there is to ask.
func (b both) same(piece string) bool {
	want := b.book.Encode(piece)
	mark := vocab.ID(0xFEED)
	got := b.fast.AppendEncode([]vocab.ID{mark}, piece)
	return got[0] == mark && slices.Equal(got[1:], want) && b.fast.Count(piece) == len(want)
}

// check fails the test with the shortest piece that still differs.
func (b both) check(t testing.TB, piece string) bool {
	t.Helper()
	if b.same(piece) {
		return true
	}
	short := shrink(piece, func(s string) bool { return !b.same(s) })
	t.Errorf("%q, shortened from %d bytes:\n     got %v, counted %d\nby book %v\n%s",
		short, len(piece), b.fast.AppendEncode(nil, short), b.fast.Count(short), b.book.Encode(short), describe(b.def))
	return false
}

// shrink takes characters out as long as the text stays bad. It returns the
// text itself if it is not bad when asked again.
func shrink(text string, bad func(string) bool) string {
	chars := strings.Split(text, "")
	for size := len(chars) / 2; size > 0; {
		shorter := false
		for i := 0; i+size <= len(chars); i++ {
			less := slices.Concat(chars[:i], chars[i+size:])
			if bad(strings.Join(less, "")) {
				chars, shorter = less, true
				i--
			}
		}
		if !shorter {
			size /= 2
		}
	}
	return strings.Join(chars, "")
}

// TestRandom holds the models to the book on random vocabularies.
func TestRandom(t *testing.T) {
	vocabs, texts := 60, 60
	if testing.Short() {
		vocabs = 15
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			n, failed := 0, 0
			for seed := range vocabs {
				m := newMaker(seeded(uint64(seed)))
				b := newBoth(t, k.make(m))
				for range texts {
					n++
					if !b.check(t, m.text(b.def)) {
						failed++
						break
					}
				}
				if failed == 3 {
					break
				}
			}
			t.Logf("%d texts", n)
		})
	}
}

// TestExhaustive tries all texts up to a length over the letters of tiny
// alphabets.
func TestExhaustive(t *testing.T) {
	vocabs := 12
	if testing.Short() {
		vocabs = 3
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			n := 0
			for seed := range vocabs {
				m := newMaker(seeded(uint64(1000 + seed)))
				letters := append(slices.Clone(m.letters[:min(2, len(m.letters))]), m.others[0])
				longest := 7
				if seed%2 == 1 {
					letters, longest = letters[:2], 10
				}
				b := newBoth(t, k.make(m))
				ok := true
				var walk func(s string, left int)
				walk = func(s string, left int) {
					n++
					if ok = ok && b.check(t, s); !ok || left == 0 {
						return
					}
					for _, l := range letters {
						walk(s+l, left-1)
					}
				}
				walk("", longest)
			}
			t.Logf("%d texts", n)
		})
	}
}

// manyPieces is what a model may offer for the pieces of a whole text.
type manyPieces interface {
	AppendPieces(m *model.Memory, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID
	CountPieces(m *model.Memory, text string, start int, ends []int32) int
}

// TestPieces holds encoding many pieces at once to encoding each.
func TestPieces(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for seed := range 12 {
				m := newMaker(seeded(uint64(2000 + seed)))
				b := newBoth(t, k.make(m))
				var memory model.Memory
				many, ok := b.fast.(manyPieces)
				if !ok {
					t.Skip("the model takes one piece at a time")
				}
				for range 40 {
					var text string
					for range 1 + m.IntN(4) {
						text += m.text(b.def)
					}
					start := 0
					if m.chance(50) {
						_, start = utf8.DecodeRuneInString(text)
					}
					var ends []int32
					var want []vocab.ID
					from := start
					for i, r := range text {
						if end := i + utf8.RuneLen(r); end > from && (end == len(text) || m.chance(25)) {
							if m.chance(15) {
								ends = append(ends, ^int32(end))
							} else {
								ends = append(ends, int32(end))
								want = append(want, b.book.Encode(text[from:end])...)
							}
							from = end
						}
					}
					got := many.AppendPieces(&memory, []vocab.ID{7}, text, start, ends)
					if got[0] != 7 || !slices.Equal(got[1:], want) {
						t.Fatalf("%q from %d, cut at %v:\n     got %v\nby book %v\n%s", text, start, ends, got[1:], want, describe(b.def))
					}
					if n := many.CountPieces(nil, text, start, ends); n != len(want) {
						t.Fatalf("%q from %d, cut at %v: counted %d, by the book %d\n%s", text, start, ends, n, len(want), describe(b.def))
					}
				}
			}
		})
	}
}
