package normalize

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/valid"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// sentencePiece is the normaliser of a SentencePiece model. At each place the
// longest user-defined piece stays as it is; else the longest rule of the
// charsmap is applied; else one code point is copied. Spaces are treated on
// the way, in what comes out.
type sentencePiece struct {
	rules *charsmap // nil: none
	kept  *pieces   // user-defined, nil: none
	flags *runeTable
	space string // what U+0020 becomes

	removeExtra, prefix, suffix bool
}

const spaceMark = "\u2581"

// The numbers in sentencePiece.flags.
const (
	mayMatch  = 1 + iota // a piece or a rule may begin with it
	mayMatch2            // so, but only if the byte behind it is not ASCII: nearly all letters, by their accents
	isSpace              // U+0020, and it begins neither
)

func sentencePieceSteps(n *vocab.Normalizer, userDefined []string) ([]step, error) {
	s := &sentencePiece{
		flags:       newRuneTable(),
		space:       " ",
		removeExtra: n.RemoveExtraSpaces,
		prefix:      n.DummyPrefix && !n.SpaceAsSuffix,
		suffix:      n.DummyPrefix && n.SpaceAsSuffix,
	}
	if n.EscapeSpaces {
		s.space = spaceMark
	}
	s.flags.set(' ', isSpace)
	if len(n.Charsmap) > 0 {
		rules, err := newCharsmap(n.Charsmap)
		if err != nil {
			return nil, err
		}
		s.rules = rules
		rules.mayStart(func(r rune) {
			v := uint16(mayMatch)
			if _, found := rules.shortest(string(r)); r != 0 && !found && !rules.asciiFollows(string(r)) {
				v = mayMatch2
			}
			s.flags.set(r, v)
		})
	}
	// Without rules a kept piece comes out as its characters would, but for
	// its inner spaces.
	if s.rules != nil || s.removeExtra {
		s.kept = newPieces(userDefined)
		for _, u := range userDefined {
			r, _ := utf8.DecodeRuneInString(u)
			s.flags.set(r, mayMatch)
		}
	}
	return []step{s}, nil
}

// userDefined lists the pieces of m that are never changed.
func userDefined(m *vocab.Model) []string {
	var list []string
	for id, t := range m.Types {
		if t == vocab.UserDefined {
			if b := m.Tokens.At(vocab.ID(id)); len(b) > 0 {
				list = append(list, string(b))
			}
		}
	}
	return list
}

// next returns how far text can be copied from i on: to the first place where
// a piece or a rule may begin, a space stands, or a byte that begins no
// character.
func (s *sentencePiece) next(text string, i int) int {
	low := s.flags.value[int(s.flags.page[0])<<8:][:256]
	for i < len(text) {
		n := 1
		var v uint16
		if c := text[i]; c < utf8.RuneSelf {
			v = low[c]
		} else {
			if i = s.flags.skip(text, i); i == len(text) {
				break
			}
			var r rune
			if r, n = decode(text, i); r < 0 {
				return i
			}
			v = s.flags.at(r)
		}
		if v != 0 && (v != mayMatch2 || i+n < len(text) && text[i+n] >= utf8.RuneSelf) {
			return i
		}
		i += n
	}
	return i
}

func (s *sentencePiece) unchanged(text string) bool {
	if text == "" {
		return true
	}
	if s.prefix || s.suffix || s.removeExtra && strings.HasSuffix(text, s.space) {
		return false
	}
	if s.space == " " && s.rules == nil && !s.removeExtra {
		return valid.UTF8(text)
	}
	return s.next(text, 0) == len(text)
}

// one returns what the beginning of text becomes, and its length.
func (s *sentencePiece) one(text string) (string, int) {
	if s.kept != nil {
		if n := s.kept.match(text); n > 0 {
			return text[:n], n
		}
	}
	if s.rules != nil {
		if to, n := s.rules.longest(text); n > 0 {
			return to, n
		}
	}
	r, n := decode(text, 0)
	if r < 0 {
		return "\uFFFD", 1
	}
	return text[:n], n
}

func (s *sentencePiece) append(dst []byte, text string, _ *scratch) []byte {
	if text == "" {
		return dst
	}
	if s.rules == nil && !s.removeExtra && valid.UTF8(text) {
		if s.prefix {
			dst = append(dst, s.space...)
		}
		if s.space == " " {
			dst = append(dst, text...)
		} else {
			dst = appendReplaced(dst, text, " ", s.space)
		}
		if s.suffix {
			dst = append(dst, s.space...)
		}
		return dst
	}
	i := 0
	if s.removeExtra {
		for i < len(text) {
			to, n := s.one(text[i:])
			if to != " " {
				break
			}
			i += n
		}
	}
	if i == len(text) {
		return dst
	}
	start := len(dst)
	if s.prefix {
		dst = append(dst, s.space...)
	}
	afterSpace := s.removeExtra
	for i < len(text) {
		if j := s.next(text, i); j > i {
			dst = append(dst, text[i:j]...)
			i = j
			afterSpace = false
			continue
		}
		if text[i] == ' ' && s.flags.at(' ') == isSpace {
			if !afterSpace {
				dst = append(dst, s.space...)
			}
			afterSpace = s.removeExtra
			i++
			continue
		}
		to, n := s.one(text[i:])
		i += n
		if afterSpace {
			to = strings.TrimLeft(to, " ")
		}
		if to == "" {
			continue
		}
		afterSpace = s.removeExtra && to[len(to)-1] == ' '
		for {
			k := strings.IndexByte(to, ' ')
			if k < 0 {
				break
			}
			dst = append(dst, to[:k]...)
			dst = append(dst, s.space...)
			to = to[k+1:]
		}
		dst = append(dst, to...)
	}
	if s.removeExtra {
		for len(dst)-start >= len(s.space) && string(dst[len(dst)-len(s.space):]) == s.space {
			dst = dst[:len(dst)-len(s.space)]
		}
	}
	if s.suffix {
		dst = append(dst, s.space...)
	}
	return dst
}

// pieces finds the longest of a set of strings at the beginning of a text: a
// trie whose nodes are ranges of the sorted set.
type pieces struct {
	nodes []pieceNode
	edges []pieceEdge
}

type pieceNode struct {
	first, end uint32 // its edges
	whole      bool   // a string ends here
}

type pieceEdge struct {
	c  byte
	to uint32
}

// newPieces returns nil for an empty set.
func newPieces(list []string) *pieces {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	list = slices.Compact(list)
	p := new(pieces)
	type job struct{ lo, hi, depth int }
	jobs := []job{{0, len(list), 0}}
	p.nodes = append(p.nodes, pieceNode{})
	for n := 0; n < len(jobs); n++ { // breadth first: job n makes node n
		j := jobs[n]
		node := &p.nodes[n]
		node.first = uint32(len(p.edges))
		if len(list[j.lo]) == j.depth {
			node.whole = true
			j.lo++
		}
		for j.lo < j.hi {
			c := list[j.lo][j.depth]
			hi := j.lo + 1
			for hi < j.hi && list[hi][j.depth] == c {
				hi++
			}
			p.edges = append(p.edges, pieceEdge{c, uint32(len(jobs))})
			jobs = append(jobs, job{j.lo, hi, j.depth + 1})
			j.lo = hi
		}
		node.end = uint32(len(p.edges))
		p.nodes = append(p.nodes, make([]pieceNode, len(jobs)-len(p.nodes))...)
	}
	return p
}

// match returns the length of the longest string that begins text, or 0.
func (p *pieces) match(text string) int {
	node, best := &p.nodes[0], 0
	for i := range len(text) {
		edges := p.edges[node.first:node.end]
		k, ok := slices.BinarySearchFunc(edges, text[i], func(e pieceEdge, c byte) int { return cmp.Compare(e.c, c) })
		if !ok {
			break
		}
		node = &p.nodes[edges[k].to]
		if node.whole {
			best = i + 1
		}
	}
	return best
}
