package normalize

import (
	"slices"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// A runeMap replaces code points one by one, whatever stands around them.
type runeMap struct {
	table *runeTable // 0: stays; spaced; else the number of its replacement, plus one
	to    []string
	index map[string]uint16
}

// spaced means: the same, between two spaces.
const spaced = 1<<16 - 1

func newRuneMap() *runeMap {
	return &runeMap{table: newRuneTable(), index: map[string]uint16{}}
}

func (m *runeMap) set(r rune, to string) {
	if to == string(r) {
		m.table.set(r, 0)
		return
	}
	i, ok := m.index[to]
	if !ok {
		m.to = append(m.to, to)
		i = uint16(len(m.to))
		m.index[to] = i
	}
	m.table.set(r, i)
}

func (m *runeMap) setAll(s ucd.Set, to string) {
	for _, x := range s.Ranges() {
		for r := x.Lo; r <= x.Hi; r++ {
			m.set(r, to)
		}
	}
}

// next returns the first place from i on where a code point with an entry
// stands, or the length of text.
func (m *runeMap) next(text string, i int) int {
	for {
		i = m.table.skip(text, i)
		if i == len(text) {
			return i
		}
		if r, _ := decode(text, i); r >= 0 {
			return i
		}
		i++
	}
}

func (m *runeMap) unchanged(text string) bool { return m.next(text, 0) == len(text) }

func (m *runeMap) append(dst []byte, text string, _ *scratch) []byte {
	for i := 0; i < len(text); {
		if j := m.next(text, i); j > i {
			dst = append(dst, text[i:j]...)
			i = j
			continue
		}
		r, n := decode(text, i)
		if v := m.table.at(r); v == spaced {
			dst = append(append(append(dst, ' '), text[i:i+n]...), ' ')
		} else {
			dst = append(dst, m.to[v-1]...)
		}
		i += n
	}
	return dst
}

// lowerStep is Lowercase: Rust's char::to_lowercase for each char, which is
// the full mapping and knows no final sigma.
func lowerStep() ([]step, error) {
	m := newRuneMap()
	if err := m.lower(); err != nil {
		return nil, err
	}
	return []step{m}, nil
}

func (m *runeMap) lower() error {
	t, err := ucd.At(lowerVersion)
	if err != nil {
		return err
	}
	for r, s := range t.Lowers() {
		m.set(r, s)
	}
	return nil
}

// stripAccentsStep is StripAccents: all marks, spacing and enclosing ones too.
func stripAccentsStep() ([]step, error) {
	t, err := ucd.At(formVersion)
	if err != nil {
		return nil, err
	}
	m := newRuneMap()
	m.setAll(t.Categories(ucd.Mn, ucd.Mc, ucd.Me), "")
	return []step{m}, nil
}

// nmtStep is Nmt: the rules of SentencePiece's nmt_nfkc before NFKC, as HF
// tokenizers has them.
func nmtStep() step {
	m := newRuneMap()
	m.setAll(ucd.NewSet(
		ucd.Range{Lo: 0x01, Hi: 0x08}, ucd.Range{Lo: 0x0B, Hi: 0x0B}, ucd.Range{Lo: 0x0E, Hi: 0x1F},
		ucd.Range{Lo: 0x7F, Hi: 0x7F}, ucd.Range{Lo: 0x8F, Hi: 0x8F}, ucd.Range{Lo: 0x9F, Hi: 0x9F},
	), "")
	m.setAll(ucd.NewSet(
		ucd.Range{Lo: 0x09, Hi: 0x0A}, ucd.Range{Lo: 0x0C, Hi: 0x0D}, ucd.Range{Lo: 0x1680, Hi: 0x1680},
		ucd.Range{Lo: 0x200B, Hi: 0x200F}, ucd.Range{Lo: 0x2028, Hi: 0x2029}, ucd.Range{Lo: 0x2581, Hi: 0x2581},
		ucd.Range{Lo: 0xFEFF, Hi: 0xFEFF}, ucd.Range{Lo: 0xFFFD, Hi: 0xFFFD},
	), " ")
	return m
}

// chinese are the ranges that BertNormalizer puts spaces around. The gap
// U+2B820 to U+2B91F, extension E's beginning, is the reference's.
var chinese = []ucd.Range{
	{Lo: 0x3400, Hi: 0x4DBF}, {Lo: 0x4E00, Hi: 0x9FFF}, {Lo: 0xF900, Hi: 0xFAFF}, {Lo: 0x20000, Hi: 0x2A6DF},
	{Lo: 0x2A700, Hi: 0x2B81F}, {Lo: 0x2B920, Hi: 0x2CEAF}, {Lo: 0x2F800, Hi: 0x2FA1F},
}

// bertSteps is BertNormalizer: text is cleaned and Chinese set apart, then
// accents go by way of NFD, then case.
func bertSteps(n *vocab.Normalizer) ([]step, error) {
	t, err := ucd.At(bertVersion)
	if err != nil {
		return nil, err
	}
	var steps []step
	first := newRuneMap()
	if n.ChineseChars {
		first.table.setAll(ucd.NewSet(chinese...), spaced)
	}
	if n.CleanText {
		first.setAll(t.Space(), " ") // then some of these are controls as well, and go
		first.setAll(t.Categories(ucd.Cc, ucd.Cf, ucd.Cs, ucd.Co).Union(ucd.NewSet(ucd.Range{Lo: 0xFFFD, Hi: 0xFFFD})), "")
		first.setAll(ucd.NewSet(ucd.Range{Lo: '\t', Hi: '\n'}, ucd.Range{Lo: '\r', Hi: '\r'}), " ")
	}
	if n.ChineseChars || n.CleanText {
		steps = append(steps, first)
	}
	last := newRuneMap()
	if n.Lowercase {
		if err := last.lower(); err != nil {
			return nil, err
		}
	}
	if n.StripAccents {
		f, err := normalForm(formVersion, false, false)
		if err != nil {
			return nil, err
		}
		steps = append(steps, f)
		last.setAll(t.Categories(ucd.Mn), "")
	}
	if n.Lowercase || n.StripAccents {
		steps = append(steps, last)
	}
	return slices.Clip(steps), nil
}
