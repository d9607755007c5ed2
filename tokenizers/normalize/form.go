package normalize

import (
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// A form is one of Unicode's normal forms (UAX #15), at formVersion.
//
// Text is read once with a table of flags. Nearly all of it is already
// normal, and is copied as it is; around a place that is not, the stretch
// from the last boundary before to the next one behind is decomposed, put
// into canonical order and composed by the book.
type form struct {
	compat, compose bool
	tables          *ucd.Tables
	flags           *runeTable
}

// Flags of a code point; the low byte is its canonical combining class. A
// code point without any is a boundary, and normal whatever stands around it.
const (
	flagChanges  = 1 << 8  // is never part of normal text: it decomposes, and does not come back
	flagMaybe    = 1 << 9  // may compose with what stands before it
	flagInterior = 1 << 10 // is no boundary: it may be moved, or composed with what stands before it
	classMask    = 0xFF
)

// A mark is a code point with its combining class, while marks are sorted.
type mark struct {
	r     rune
	class uint8
}

// The four forms are made at first use and kept: each is a constant, only too
// big to be written out.
var forms = [4]func() (*form, error){
	sync.OnceValues(func() (*form, error) { return newForm(false, false) }),
	sync.OnceValues(func() (*form, error) { return newForm(false, true) }),
	sync.OnceValues(func() (*form, error) { return newForm(true, false) }),
	sync.OnceValues(func() (*form, error) { return newForm(true, true) }),
}

func normalForm(compat, compose bool) (*form, error) {
	i := 0
	if compat {
		i += 2
	}
	if compose {
		i++
	}
	return forms[i]()
}

func newForm(compat, compose bool) (*form, error) {
	t, err := ucd.At(formVersion)
	if err != nil {
		return nil, err
	}
	f := &form{compat: compat, compose: compose, tables: t, flags: newRuneTable()}
	for _, x := range t.Nonstarters().Ranges() {
		for r := x.Lo; r <= x.Hi; r++ {
			f.flags.set(r, uint16(t.CombiningClass(r))|flagInterior)
		}
	}
	// What composes with the code point before it: the last one of each
	// primary composite.
	if compose {
		for _, x := range t.Decomposing(false).Ranges() {
			for r := x.Lo; r <= x.Hi; r++ {
				if d := t.AppendDecomposed(nil, r, false); recompose(t, d) == r {
					last := d[len(d)-1]
					f.flags.set(last, f.flags.at(last)|flagMaybe|flagInterior)
				}
			}
		}
	}
	for _, x := range t.Decomposing(compat).Ranges() {
		for r := x.Lo; r <= x.Hi; r++ {
			d := t.AppendDecomposed(nil, r, compat)
			if compose && recompose(t, d) == r {
				continue // it comes back
			}
			v := f.flags.at(r) | flagChanges
			if f.flags.at(d[0])&flagInterior != 0 {
				v |= flagInterior
			}
			f.flags.set(r, v)
		}
	}
	return f, nil
}

// recompose joins d into one code point, -1 if it does not become one.
func recompose(t *ucd.Tables, d []rune) rune {
	r := d[0]
	for _, x := range d[1:] {
		var ok bool
		if r, ok = t.Compose(r, x); !ok {
			return -1
		}
	}
	return r
}

// normal returns how far text is normal from i on, a boundary: the place of
// the first code point that changes or makes others change, and the last
// boundary up to there. At the end of text both are its length.
func (f *form) normal(text string, i int) (end, boundary int) {
	starter := rune(-1) // the last one, for flagMaybe
	class := uint8(0)   // of the code point before
	boundary = i
	for i < len(text) {
		if text[i] < utf8.RuneSelf {
			i = ascii(text, i)
			starter, class, boundary = rune(text[i-1]), 0, i-1
			continue
		}
		r, n := decode(text, i)
		v := f.flags.at(r)
		if v == 0 {
			starter, class, boundary = r, 0, i
			i += n
			continue
		}
		if v&flagInterior == 0 {
			boundary = i
		}
		c := uint8(v & classMask)
		if v&flagChanges != 0 || c != 0 && c < class {
			return i, boundary
		}
		if v&flagMaybe != 0 && (class == 0 || class < c) {
			// A starter that is itself a composite may come apart first: é
			// and a dot below become ẹ and an acute.
			if _, ok := f.tables.Compose(starter, r); ok || f.tables.Decomposes(starter, false) {
				return i, boundary
			}
		}
		if c == 0 {
			starter = r
		}
		class = c
		i += n
	}
	return i, i
}

func (f *form) unchanged(text string) bool {
	end, _ := f.normal(text, 0)
	return end == len(text)
}

func (f *form) append(dst []byte, text string, s *scratch) []byte {
	for i := 0; i < len(text); {
		end, start := f.normal(text, i)
		dst = append(dst, text[i:start]...)
		if start == len(text) {
			break
		}
		// The stretch to be worked on: from start to the next boundary behind
		// the culprit.
		for end < len(text) {
			r, n := decode(text, end)
			if end > start && f.flags.at(r)&flagInterior == 0 {
				break
			}
			end += n
		}
		dst = f.stretch(dst, text[start:end], s)
		i = end
	}
	return dst
}

// stretch appends the normal form of text, which has boundaries at both ends.
func (f *form) stretch(dst []byte, text string, s *scratch) []byte {
	if f.compose && len(text)%3 == 0 && len(text) <= 9 {
		// Decomposed Hangul, L V or L V T, by arithmetic alone.
		if r, ok := hangul(text); ok {
			return utf8.AppendRune(dst, r)
		}
	}
	s.runes = s.runes[:0]
	for i := 0; i < len(text); {
		r, n := decode(text, i)
		if r < 0 { // a boundary, and therefore the only one here
			return append(dst, text...)
		}
		s.runes = f.tables.AppendDecomposed(s.runes, r, f.compat)
		i += n
	}
	s.order(f)
	if f.compose {
		s.runes = compose(s.runes, f)
	}
	for _, r := range s.runes {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// hangul joins the jamo of one syllable.
func hangul(text string) (rune, bool) {
	if len(text) < 6 {
		return 0, false
	}
	l, _ := decode(text, 0)
	v, _ := decode(text, 3)
	l, v = l-0x1100, v-0x1161
	if uint32(l) >= 19 || uint32(v) >= 21 {
		return 0, false
	}
	r := 0xAC00 + (l*21+v)*28
	if len(text) > 6 {
		t, _ := decode(text, 6)
		t -= 0x11A7
		if t <= 0 || t >= 28 {
			return 0, false
		}
		r += t
	}
	return r, true
}

// order puts the marks of s.runes into canonical order.
func (s *scratch) order(f *form) {
	for i := 0; i < len(s.runes); i++ {
		if f.flags.at(s.runes[i])&classMask == 0 {
			continue
		}
		s.marks = s.marks[:0]
		for j := i; j < len(s.runes); j++ {
			c := uint8(f.flags.at(s.runes[j]) & classMask)
			if c == 0 {
				break
			}
			s.marks = append(s.marks, mark{s.runes[j], c})
		}
		slices.SortStableFunc(s.marks, func(a, b mark) int { return int(a.class) - int(b.class) })
		for k, m := range s.marks {
			s.runes[i+k] = m.r
		}
		i += len(s.marks)
	}
}

// compose joins primary composites, in place. Marks must be in order.
func compose(runes []rune, f *form) []rune {
	out := runes[:0]
	starter := -1     // place in out of the last starter
	class := uint8(0) // of the last code point kept behind it
	for _, r := range runes {
		c := uint8(f.flags.at(r) & classMask)
		// r is blocked from the starter by anything kept between them that
		// has a class as high as its own, or none.
		if starter >= 0 && (starter == len(out)-1 || class != 0 && class < c) {
			if x, ok := f.tables.Compose(out[starter], r); ok {
				out[starter] = x
				continue
			}
		}
		if c == 0 {
			starter = len(out)
		}
		class = c
		out = append(out, r)
	}
	return out
}
