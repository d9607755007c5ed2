package normalize

import (
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// A form is one of Unicode's normal forms (UAX #15), by one Unicode version.
//
// Text is read once with a table of flags. Nearly all of it is already
// normal, and is copied as it is; around a place that is not, the stretch
// from the last boundary before to the next one behind is decomposed, put
// into canonical order and composed by the book.
type form struct {
	compat, compose bool
	tables          *ucd.Tables
	flags           *runeTable
	single          *runeTable // what a code point that changes becomes between boundaries: a number in to, plus one
	to              []string
}

// Flags of a code point; the low byte is its canonical combining class. A
// code point without any is a boundary, and normal whatever stands around it.
const (
	flagChanges  = 1 << 8  // is no part of normal text, or only by the way: it decomposes
	flagMaybe    = 1 << 9  // may compose with what stands before it
	flagInterior = 1 << 10 // is no boundary: it may be moved, or composed with what stands before it
	classMask    = 0xFF
)

// A mark is a code point with its combining class, while marks are sorted.
type mark struct {
	r     rune
	class uint8
}

// The forms are made at first use and kept: each is a constant, only too big to
// be written out.
var (
	formsMu sync.Mutex
	forms   = map[formKey]*form{}
)

type formKey struct {
	version         string
	compat, compose bool
}

func normalForm(version string, compat, compose bool) (*form, error) {
	k := formKey{version, compat, compose}
	formsMu.Lock()
	defer formsMu.Unlock()
	f := forms[k]
	if f == nil {
		var err error
		if f, err = newForm(version, compat, compose); err != nil {
			return nil, err
		}
		forms[k] = f
	}
	return f, nil
}

func newForm(version string, compat, compose bool) (*form, error) {
	t, err := ucd.At(version)
	if err != nil {
		return nil, err
	}
	f := &form{compat: compat, compose: compose, tables: t, flags: newRuneTable(), single: newRuneTable()}
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
			interior := f.flags.at(d[0]) & flagInterior
			if compose && recompose(t, d) == r && interior == 0 {
				continue // it comes back
			}
			f.flags.set(r, f.flags.at(r)|flagChanges|interior)
			if interior == 0 && (r < hangulFirst || r > hangulLast) {
				if compose {
					d = composed(d, f)
				}
				f.to = append(f.to, string(d))
				f.single.set(r, uint16(len(f.to)))
			}
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
	boundary = i
	starter := rune(-1) // the last one before i, for flagMaybe
	class := uint8(0)   // of the code point before i
	for {
		if j := f.flags.skip(text, i); j > i {
			if j == len(text) {
				return j, j
			}
			r, n := utf8.DecodeLastRuneInString(text[:j])
			starter, class, boundary = r, 0, j-n
			i = j
		} else if i == len(text) {
			return i, i
		}
		r, n := decode(text, i)
		if r < 0 {
			starter, class, boundary = r, 0, i
			i += n
			continue
		}
		v := f.flags.at(r)
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
		if f.compose {
			// Decomposed Hangul comes in long runs.
			if dst, i = f.jamo(dst, text, start); i > start {
				continue
			}
		} else if dst, i = f.syllables(dst, text, start); i > start {
			continue
		}
		if r, n := decode(text, start); start == end && f.boundary(text, end+n) {
			if k := f.single.at(r); k != 0 {
				dst = append(dst, f.to[k-1]...)
				i = end + n
				continue
			}
		}
		// The stretch to be worked on: from start to the next boundary behind
		// the culprit.
		for {
			_, n := decode(text, end)
			end += n
			if f.boundary(text, end) {
				break
			}
		}
		dst = f.stretch(dst, text[start:end], s)
		i = end
	}
	return dst
}

// boundary reports whether one lies at i.
func (f *form) boundary(text string, i int) bool {
	if i == len(text) {
		return true
	}
	r, _ := decode(text, i)
	return f.flags.at(r)&flagInterior == 0
}

// stretch appends the normal form of text, which has boundaries at both ends.
func (f *form) stretch(dst []byte, text string, s *scratch) []byte {
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
		s.runes = composed(s.runes, f)
	}
	for _, r := range s.runes {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// Hangul by arithmetic (Unicode, section 3.12).
const (
	hangulFirst, hangulLast   = 0xAC00, 0xD7A3
	hangulL, hangulV, hangulT = 0x1100, 0x1161, 0x11A7
	countL, countV, countT    = 19, 21, 28
)

// jamo appends the syllables of as many jamo at i as make whole ones, and
// returns where it ended. It composes nothing that more stands behind.
func (f *form) jamo(dst []byte, text string, i int) ([]byte, int) {
	for i+6 <= len(text) && text[i] == 0xE1 && text[i+1] == 0x84 {
		l, _ := decode(text, i)
		v, _ := decode(text, i+3)
		l, v = l-hangulL, v-hangulV
		if uint32(l) >= countL || uint32(v) >= countV {
			break
		}
		r, end := hangulFirst+(l*countV+v)*countT, i+6
		if end < len(text) {
			t, n := decode(text, end)
			if k := t - hangulT; k > 0 && k < countT {
				r += k
				end += n
			}
		}
		if !f.boundary(text, end) {
			break
		}
		dst = utf8.AppendRune(dst, r)
		i = end
	}
	return dst, i
}

// syllables appends the jamo of the syllables at i, and returns where they
// ended: before the last one, if marks stand behind it.
func (f *form) syllables(dst []byte, text string, i int) ([]byte, int) {
	for i < len(text) {
		r, n := decode(text, i)
		s := r - hangulFirst
		if uint32(s) > hangulLast-hangulFirst || !f.boundary(text, i+n) {
			break
		}
		dst = utf8.AppendRune(dst, hangulL+s/(countV*countT))
		dst = utf8.AppendRune(dst, hangulV+s%(countV*countT)/countT)
		if s%countT != 0 {
			dst = utf8.AppendRune(dst, hangulT+s%countT)
		}
		i += n
	}
	return dst, i
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

// composed joins primary composites, in place. Marks must be in order.
func composed(runes []rune, f *form) []rune {
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
