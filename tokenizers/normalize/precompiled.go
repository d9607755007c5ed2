package normalize

import (
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// precompiled is Precompiled: a charsmap as HF tokenizers applies it, which is
// not as SentencePiece does. It goes by grapheme clusters. One of fewer than
// six bytes is replaced, whole, by the result of the shortest rule that begins
// it; if there is none, or it is longer, its code points are treated so one by
// one.
type precompiled struct {
	rules *charsmap
	flags *runeTable
}

const (
	mayJoin = 1 << iota // may be in one cluster with what stands before or behind it
	changes             // a rule begins it when it is a cluster of its own
)

func precompiledSteps(blob []byte) ([]step, error) {
	rules, err := newCharsmap(blob)
	if err != nil {
		return nil, err
	}
	t, err := ucd.At(clusterVersion)
	if err != nil {
		return nil, err
	}
	p := &precompiled{rules: rules, flags: newRuneTable()}
	p.flags.setAll(alone(t).Negate(), mayJoin)
	rules.mayStart(func(r rune) {
		if to, ok := rules.shortest(string(r)); ok && to != string(r) {
			p.flags.set(r, p.flags.at(r)|changes)
		}
	})
	return []step{p}, nil
}

// alone returns code points that make a cluster of their own between two of
// their kind: not all of them, but letters, digits, punctuation, ideographs
// and syllables of the common scripts.
func alone(t *ucd.Tables) ucd.Set {
	s := t.Categories(ucd.Lu, ucd.Ll, ucd.Lt, ucd.Lm, ucd.Lo, ucd.Nd, ucd.Nl, ucd.No, ucd.Pc, ucd.Pd, ucd.Ps,
		ucd.Pe, ucd.Pi, ucd.Pf, ucd.Po, ucd.Sm, ucd.Sc, ucd.So, ucd.Zs).
		Union(ucd.NewSet(ucd.Range{Lo: 0, Hi: 0x7F}))
	// The other planes, but for ideographs, have letters that join, regional
	// indicators and the like.
	s = s.Intersect(ucd.NewSet(ucd.Range{Lo: 0, Hi: 0xFFFF}, ucd.Range{Lo: 0x20000, Hi: 0x3FFFF}))
	return s.Subtract(ucd.NewSet(
		one('\r').Ranges()[0],
		ucd.Range{Lo: 0x0D4E, Hi: 0x0D4E},                                    // Malayalam dot reph
		ucd.Range{Lo: 0x0E33, Hi: 0x0E33}, ucd.Range{Lo: 0x0EB3, Hi: 0x0EB3}, // Thai and Lao sara am
		ucd.Range{Lo: 0x1100, Hi: 0x11FF}, ucd.Range{Lo: 0xA960, Hi: 0xA97F}, ucd.Range{Lo: 0xD7B0, Hi: 0xD7FF}, // jamo
		ucd.Range{Lo: 0xFF9E, Hi: 0xFF9F}, // half-width voicing marks
	))
}

func (p *precompiled) unchanged(text string) bool {
	for i := 0; ; i++ {
		i = p.flags.skip(text, i)
		if i == len(text) {
			return true
		}
		if text[i] < utf8.RuneSelf {
			return false
		}
		if r, _ := decode(text, i); r >= 0 {
			return false
		}
	}
}

func (p *precompiled) append(dst []byte, text string, _ *scratch) []byte {
	done := 0 // text before it is in dst
	for i := 0; i < len(text); {
		i = p.flags.skip(text, i)
		if i == len(text) {
			break
		}
		r, n := decode(text, i)
		if r < 0 {
			i += n
			continue
		}
		if p.flags.at(r)&mayJoin == 0 {
			// A cluster of its own, unless what follows joins it.
			end := i + n
			if end < len(text) {
				if r, _ := decode(text, end); p.flags.at(r)&mayJoin != 0 {
					i = end
					continue
				}
			}
			to, _ := p.rules.shortest(text[i:end])
			dst = append(dst, text[done:i]...)
			dst = append(dst, to...)
			i, done = end, end
			continue
		}
		// Clusters that may be longer: from the code point before, up to where
		// two that stand alone meet.
		start := i
		if i > done {
			_, n := utf8.DecodeLastRuneInString(text[done:i])
			start -= n
		}
		end := i + n
		for alone := 0; end < len(text); {
			r, n := decode(text, end)
			if p.flags.at(r)&mayJoin == 0 {
				if alone++; alone == 2 {
					break
				}
			} else {
				alone = 0
			}
			end += n
		}
		dst = append(dst, text[done:start]...)
		for it := graphemes.FromString(text[start:end]); it.Next(); {
			dst = p.cluster(dst, it.Value())
		}
		i, done = end, end
	}
	return append(dst, text[done:]...)
}

func (p *precompiled) cluster(dst []byte, text string) []byte {
	if len(text) < 6 {
		if s, ok := p.rules.shortest(text); ok {
			return append(dst, s...)
		}
	}
	for i := 0; i < len(text); {
		r, n := decode(text, i)
		if s, ok := p.rules.shortest(text[i : i+n]); ok && r >= 0 {
			dst = append(dst, s...)
		} else {
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}
