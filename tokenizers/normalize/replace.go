package normalize

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// replaceSteps is Replace. Matches are the leftmost ones and do not overlap.
func replaceSteps(n *vocab.Normalizer) ([]step, error) {
	if n.Pattern == "" {
		return nil, errors.New("empty pattern")
	}
	if !utf8.ValidString(n.Pattern) || !utf8.ValidString(n.Content) {
		return nil, errors.New("pattern or content is not valid UTF-8")
	}
	if !n.Regexp {
		if n.Pattern == n.Content {
			return nil, nil
		}
		return []step{literal{n.Pattern, n.Content}}, nil
	}
	t, err := ucd.At("") // the one of Oniguruma in HF tokenizers
	if err != nil {
		return nil, err
	}
	p := patternParser{tables: t, rest: n.Pattern}
	if err := p.alternatives(); err != nil {
		return nil, fmt.Errorf("pattern %q: at byte %d: %w", n.Pattern, len(n.Pattern)-len(p.rest), err)
	}
	if p.rest != "" {
		return nil, fmt.Errorf("pattern %q: at byte %d: unmatched )", n.Pattern, len(n.Pattern)-len(p.rest))
	}
	if p.single != nil && p.single.min > 0 {
		return []step{newRunReplace(p.single, n.Content)}, nil
	}
	re, err := regexp.Compile(p.out.String())
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", n.Pattern, err)
	}
	if re.MatchString("") {
		return nil, fmt.Errorf("pattern %q: it matches the empty string, which is not supported", n.Pattern)
	}
	return []step{&regexpReplace{re, n.Content}}, nil
}

// literal replaces a string.
type literal struct{ from, to string }

func (l literal) unchanged(text string) bool { return !strings.Contains(text, l.from) }

func (l literal) append(dst []byte, text string, _ *scratch) []byte {
	return appendReplaced(dst, text, l.from, l.to)
}

// appendReplaced appends text with to for each from.
func appendReplaced(dst []byte, text, from, to string) []byte {
	if len(from) == 1 && len(to) == 3 {
		return appendMarked(dst, text, from[0], [3]byte([]byte(to)))
	}
	count := strings.Count(text, from)
	if count == 0 {
		return append(dst, text...)
	}
	at := len(dst)
	end := at + len(text) + count*(len(to)-len(from))
	dst = slices.Grow(dst, end-at)[:end]
	for range count {
		i := strings.Index(text, from)
		at += copy(dst[at:], text[:i])
		at += copy(dst[at:], to)
		text = text[i+len(from):]
	}
	copy(dst[at:], text)
	return dst
}

// appendMarked appends text with to for each byte from: what is done to the
// spaces of every text for SentencePiece, so eight bytes at a time.
func appendMarked(dst []byte, text string, from byte, to [3]byte) []byte {
	const (
		ones = 0x0101010101010101
		low7 = 0x7F * ones
	)
	at := len(dst)
	// Eight bytes are written where fewer are wanted.
	dst = slices.Grow(dst, len(text)+2*strings.Count(text, string(from))+8)
	dst = dst[:cap(dst)]
	for len(text) >= 8 {
		x := binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(text), 8))
		binary.LittleEndian.PutUint64(dst[at:], x)
		// The high bit of each byte that is from.
		x ^= uint64(from) * ones
		found := ^((x&low7 + low7) | x | low7)
		if found == 0 {
			at, text = at+8, text[8:]
			continue
		}
		n := bits.TrailingZeros64(found) >> 3
		at += n
		at += copy(dst[at:], to[:])
		text = text[n+1:]
	}
	for i := range len(text) {
		if text[i] == from {
			at += copy(dst[at:], to[:])
		} else {
			dst[at] = text[i]
			at++
		}
	}
	return dst[:at]
}

// runReplace replaces runs of at least min and at most max characters of a
// set: the pattern \s+ or ` {2,}`, which need no regular expression.
type runReplace struct {
	in       *runeTable
	min, max int // max -1: any number
	to       string
}

func newRunReplace(a *repeat, to string) *runReplace {
	r := &runReplace{in: newRuneTable(), min: a.min, max: a.max, to: to}
	if a.lazy {
		r.max = a.min // nothing behind it asks for more
	}
	r.in.setAll(a.set, 1)
	return r
}

// find returns the first match from i on, or -1.
func (r *runReplace) find(text string, i int) (start, end int) {
	for i < len(text) {
		c, n := decode(text, i)
		if r.in.at(c) == 0 {
			i += n
			continue
		}
		start := i
		count := 0
		for i < len(text) && count != r.max {
			c, n := decode(text, i)
			if r.in.at(c) == 0 {
				break
			}
			i += n
			count++
		}
		if count >= r.min {
			return start, i
		}
	}
	return -1, -1
}

func (r *runReplace) unchanged(text string) bool {
	start, _ := r.find(text, 0)
	return start < 0
}

func (r *runReplace) append(dst []byte, text string, _ *scratch) []byte {
	for i := 0; ; {
		start, end := r.find(text, i)
		if start < 0 {
			return append(dst, text[i:]...)
		}
		dst = append(dst, text[i:start]...)
		dst = append(dst, r.to...)
		i = end
	}
}

// regexpReplace replaces what a regular expression of package regexp matches.
// For the patterns that patternParser lets through, its leftmost match that a
// backtracking matcher would find first is Oniguruma's.
type regexpReplace struct {
	re *regexp.Regexp
	to string
}

func (r *regexpReplace) unchanged(text string) bool { return !r.re.MatchString(text) }

func (r *regexpReplace) append(dst []byte, text string, _ *scratch) []byte {
	i := 0
	for i < len(text) {
		m := r.re.FindStringIndex(text[i:])
		if m == nil {
			break
		}
		dst = append(dst, text[i:i+m[0]]...)
		dst = append(dst, r.to...)
		i += m[1]
	}
	return append(dst, text[i:]...)
}

// A patternParser reads an Oniguruma pattern (Ruby syntax) and writes it anew
// for package regexp, with every class spelled out by our own tables. What the
// two might see differently is refused: anchors, look-around, back references,
// options, possessive repeats, class intersection.
type patternParser struct {
	tables *ucd.Tables
	rest   string
	out    strings.Builder
	depth  int
	single *repeat // the whole pattern, if it is one set and its repeat
	atoms  int
}

// A repeat is a set of characters, and how often one of it stands.
type repeat struct {
	set      ucd.Set
	min, max int
	lazy     bool
}

const maxDepth = 100 // of groups

func (p *patternParser) alternatives() error {
	for {
		for p.rest != "" && p.rest[0] != '|' && p.rest[0] != ')' {
			if err := p.piece(); err != nil {
				return err
			}
		}
		if !strings.HasPrefix(p.rest, "|") {
			return nil
		}
		p.rest = p.rest[1:]
		p.out.WriteByte('|')
		p.atoms, p.single = 2, nil
	}
}

// piece reads an atom and its repeat.
func (p *patternParser) piece() error {
	start := p.out.Len()
	var set *ucd.Set
	if p.rest[0] == '(' {
		if err := p.group(); err != nil {
			return err
		}
	} else {
		s, err := p.atom()
		if err != nil {
			return err
		}
		if len(s.Ranges()) == 0 {
			return errors.New("a class without characters")
		}
		set = &s
		p.out.WriteString(class(s))
	}
	r, found, err := p.repeat()
	if err != nil {
		return err
	}
	if found && set == nil {
		inner, err := regexp.Compile(p.out.String()[start:])
		if err != nil {
			return err
		}
		if inner.MatchString("") {
			return errors.New("a repeated group that matches the empty string is not supported")
		}
	}
	p.atoms++
	p.single = nil
	if p.atoms == 1 && set != nil && p.depth == 0 {
		r.set = *set
		p.single = &r
	}
	return nil
}

func (p *patternParser) group() error {
	if p.depth++; p.depth > maxDepth {
		return errors.New("groups nested too deep")
	}
	defer func() { p.depth-- }()
	p.rest = p.rest[1:]
	if s, ok := strings.CutPrefix(p.rest, "?:"); ok {
		p.rest = s
	} else if strings.HasPrefix(p.rest, "?") {
		return errors.New("this kind of group is not supported")
	}
	p.out.WriteString("(?:")
	if err := p.alternatives(); err != nil {
		return err
	}
	if p.rest == "" {
		return errors.New("missing )")
	}
	p.rest = p.rest[1:]
	p.out.WriteByte(')')
	p.atoms, p.single = 2, nil
	return nil
}

func class(s ucd.Set) string {
	var b strings.Builder
	b.WriteByte('[')
	for _, x := range s.Ranges() {
		fmt.Fprintf(&b, `\x{%X}-\x{%X}`, x.Lo, x.Hi)
	}
	b.WriteByte(']')
	return b.String()
}

// repeat reads what may stand behind an atom: * + ? {n,m}, each also lazy.
func (p *patternParser) repeat() (r repeat, found bool, err error) {
	r = repeat{min: 1, max: 1}
	if p.rest == "" {
		return r, false, nil
	}
	interval := false
	switch p.rest[0] {
	case '*':
		r.min, r.max = 0, -1
	case '+':
		r.max = -1
	case '?':
		r.min = 0
	case '{':
		body, _, ok := strings.Cut(p.rest[1:], "}")
		if !ok {
			return r, false, errors.New("{ without }")
		}
		low, high, comma := strings.Cut(body, ",")
		if low == "" && comma && high != "" {
			low = "0"
		}
		if r.min, err = strconv.Atoi(low); err == nil {
			switch {
			case !comma:
				r.max = r.min
			case high == "":
				r.max = -1
			default:
				r.max, err = strconv.Atoi(high)
			}
		}
		if err != nil || r.min < 0 || r.max > 1000 || r.min > 1000 || r.max >= 0 && r.max < r.min {
			return r, false, fmt.Errorf("{%s} is no repeat from 0 to 1000", body)
		}
		p.rest = p.rest[len(body)+1:]
		interval = true
	default:
		return r, false, nil
	}
	p.rest = p.rest[1:]
	switch {
	case interval && r.max >= 0:
		fmt.Fprintf(&p.out, "{%d,%d}", r.min, r.max)
	case interval:
		fmt.Fprintf(&p.out, "{%d,}", r.min)
	case r.min == 1:
		p.out.WriteByte('+')
	case r.max == 1:
		p.out.WriteByte('?')
	default:
		p.out.WriteByte('*')
	}
	if p.rest != "" && strings.IndexByte("*+?{", p.rest[0]) >= 0 {
		if p.rest[0] != '?' || interval { // {n}? is no lazy repeat in Ruby
			return r, false, errors.New("a repeat of a repeat, or a possessive one, is not supported")
		}
		r.lazy = true
		p.rest = p.rest[1:]
		p.out.WriteByte('?')
		if p.rest != "" && strings.IndexByte("*+?{", p.rest[0]) >= 0 {
			return r, false, errors.New("a repeat of a repeat is not supported")
		}
	}
	return r, true, nil
}

// atom reads one character, class or escape outside brackets.
func (p *patternParser) atom() (ucd.Set, error) {
	switch p.rest[0] {
	case '.':
		p.rest = p.rest[1:]
		return one('\n').Negate(), nil
	case '[':
		return p.brackets()
	case '\\':
		s, _, err := p.escape(false)
		return s, err
	case '^', '$':
		return ucd.Set{}, errors.New("anchors are not supported")
	case '*', '+', '?', '{':
		return ucd.Set{}, errors.New("nothing to repeat")
	}
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	return one(r), nil
}

func one(r rune) ucd.Set { return ucd.NewSet(ucd.Range{Lo: r, Hi: r}) }

// escape reads a \ and what belongs to it. The rune is -1 if it is a class.
func (p *patternParser) escape(inBrackets bool) (ucd.Set, rune, error) {
	r, n := utf8.DecodeRuneInString(p.rest[1:])
	if n == 0 {
		return ucd.Set{}, 0, errors.New(`\ at the end`)
	}
	t := p.tables
	word := t.WordOnigurumaAlone
	if inBrackets {
		word = t.WordOniguruma
	}
	var s ucd.Set
	switch r {
	case 's', 'S':
		s = t.Space()
	case 'd', 'D':
		s = t.Digit()
	case 'w', 'W':
		s = word()
	case 'p', 'P':
		name, _, ok := strings.Cut(p.rest[2:], "}")
		if !ok || !strings.HasPrefix(name, "{") {
			return s, 0, errors.New(`\p without {name}`)
		}
		s, err := t.Class(name[1:])
		if err != nil {
			return s, 0, err
		}
		if r == 'P' {
			s = s.Negate()
		}
		p.rest = p.rest[2+len(name)+1:]
		return s, -1, nil
	case 't', 'n', 'r', 'f', 'v', 'a', 'e':
		c := map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'v': '\v', 'a': '\a', 'e': 0x1B}[r]
		p.rest = p.rest[2:]
		return one(c), c, nil
	case 'u', 'x':
		digits, skip := "", 2
		if r == 'u' && len(p.rest) >= 6 {
			digits, skip = p.rest[2:6], 6
		} else if body, _, ok := strings.Cut(p.rest[2:], "}"); r == 'x' && ok && strings.HasPrefix(body, "{") {
			digits, skip = body[1:], 2+len(body)+1
		}
		c, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || c > utf8.MaxRune || 0xD800 <= c && c < 0xE000 {
			return s, 0, fmt.Errorf(`\%c without a code point`, r)
		}
		p.rest = p.rest[skip:]
		return one(rune(c)), rune(c), nil
	default:
		if r < utf8.RuneSelf && (r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z') {
			return s, 0, fmt.Errorf(`\%c is not supported`, r)
		}
		p.rest = p.rest[1+n:]
		return one(r), r, nil
	}
	if r == 'S' || r == 'D' || r == 'W' {
		s = s.Negate()
	}
	p.rest = p.rest[2:]
	return s, -1, nil
}

// brackets reads a class in [ ].
func (p *patternParser) brackets() (ucd.Set, error) {
	p.rest = p.rest[1:]
	negate := false
	if s, ok := strings.CutPrefix(p.rest, "^"); ok {
		p.rest, negate = s, true
	}
	var set ucd.Set
	for first := true; ; first = false {
		if p.rest == "" {
			return set, errors.New("missing ]")
		}
		if p.rest[0] == ']' && !first {
			break
		}
		s, lo, err := p.member()
		if err != nil {
			return set, err
		}
		if len(p.rest) > 1 && p.rest[0] == '-' && p.rest[1] != ']' {
			if lo < 0 {
				return set, errors.New("a range that begins with a class")
			}
			p.rest = p.rest[1:]
			_, hi, err := p.member()
			if err != nil {
				return set, err
			}
			if hi < lo {
				return set, errors.New("a range that runs backwards")
			}
			s = ucd.NewSet(ucd.Range{Lo: lo, Hi: hi})
		}
		set = set.Union(s)
	}
	p.rest = p.rest[1:]
	if negate {
		set = set.Negate()
	}
	return set, nil
}

func (p *patternParser) member() (ucd.Set, rune, error) {
	switch {
	case p.rest == "":
		return ucd.Set{}, 0, errors.New("missing ]")
	case p.rest[0] == '\\':
		return p.escape(true)
	case p.rest[0] == '[' || p.rest[0] == ']' || strings.HasPrefix(p.rest, "&&"):
		return ucd.Set{}, 0, fmt.Errorf("%.2q in a class is not supported", p.rest)
	case p.rest[0] == '-':
		// Where it stands decides what it means; \- is clear.
		return ucd.Set{}, 0, errors.New("a bare - in a class is not supported")
	}
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	return one(r), r, nil
}
