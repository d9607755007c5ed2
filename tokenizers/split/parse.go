package split

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// The syntax tree of a pattern. Exactly what the published patterns need, and
// what cannot be said in it is refused by name.
type node interface{}

type (
	// class is one code point of a set.
	class struct{ set ucd.Set }
	// concat is one part after the other, alternate the first that matches.
	concat    []node
	alternate []node
	// repeat is min to max times (max < 0: no bound).
	repeat struct {
		sub        node
		min, max   int
		lazy       bool
		possessive bool
	}
	// assert is fulfilled without consuming if the next code point is in set,
	// or at the end of the text if end.
	assert struct {
		set ucd.Set
		end bool
	}
)

// A parser reads a pattern in the syntax that Rust's regex, fancy-regex and
// Oniguruma share. What they read differently is refused, but for what
// lineEnd says.
type parser struct {
	src     string
	pos     int
	tables  *ucd.Tables
	lineEnd bool // $ also before a line feed
	fold    bool // (?i)
	depth   int
}

const maxDepth = 100 // of groups and classes within one another

func parse(pattern string, tables *ucd.Tables, lineEnd bool) (node, error) {
	p := &parser{src: pattern, tables: tables, lineEnd: lineEnd}
	if !utf8.ValidString(pattern) {
		return nil, fmt.Errorf("split: pattern is not UTF-8")
	}
	n, err := p.alternate()
	if err == nil && p.pos < len(p.src) {
		err = p.fail("unexpected )")
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (p *parser) fail(format string, args ...any) error {
	return fmt.Errorf("split: pattern %s at byte %d: %s", clip(p.src), p.pos, fmt.Sprintf(format, args...))
}

func clip(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	return strconv.Quote(s)
}

func (p *parser) more() bool { return p.pos < len(p.src) }

func (p *parser) peek(s string) bool { return strings.HasPrefix(p.src[p.pos:], s) }

func (p *parser) take(s string) bool {
	if !p.peek(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) next() rune {
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += n
	return r
}

func (p *parser) alternate() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("groups too deep")
	}
	defer func() { p.depth-- }()
	fold := p.fold
	defer func() { p.fold = fold }() // an inline flag ends with its group
	var alts alternate
	for {
		n, err := p.concat()
		if err != nil {
			return nil, err
		}
		alts = append(alts, n)
		if !p.take("|") {
			break
		}
	}
	if len(alts) == 1 {
		return alts[0], nil
	}
	return alts, nil
}

func (p *parser) concat() (node, error) {
	var parts concat
	for p.more() && !p.peek("|") && !p.peek(")") {
		n, err := p.atom()
		if err != nil {
			return nil, err
		}
		if n == nil {
			continue // an inline flag
		}
		if n, err = p.quantifiers(n); err != nil {
			return nil, err
		}
		parts = append(parts, n)
	}
	return parts, nil
}

func (p *parser) atom() (node, error) {
	switch {
	case p.take("(?:"):
		return p.group()
	case p.take("(?i:"), p.take("(?i)"):
		inline := p.src[p.pos-1] == ')'
		old := p.fold
		p.fold = true
		if inline {
			return nil, nil // until the end of the group: see alternate
		}
		n, err := p.group()
		p.fold = old
		return n, err
	case p.take("(?!"):
		return p.look(true)
	case p.take("(?="):
		return p.look(false)
	case p.peek("(?<"), p.peek("(?P<"), p.peek("(?'"):
		return nil, p.fail("look-behind and named groups are not supported")
	case p.peek("(?"):
		return nil, p.fail("group %q is not supported (supported: (?:…), (?i:…), (?i), (?!…), (?=…))", p.src[p.pos:min(p.pos+4, len(p.src))])
	case p.take("("):
		return p.group()
	case p.take("["):
		s, err := p.class()
		if err != nil {
			return nil, err
		}
		return class{s}, nil
	case p.take("$"):
		return assert{set: p.lineFeed(), end: true}, nil
	case p.take("^"):
		return nil, p.fail("^ is not supported")
	case p.take("."):
		return class{ucd.NewSet(ucd.Range{Lo: '\n', Hi: '\n'}).Negate()}, nil
	case p.take(`\`):
		return p.escape()
	}
	for _, q := range []string{"*", "+", "?", "{"} {
		if p.peek(q) && !(q == "{" && !p.bounds()) {
			return nil, p.fail("nothing to repeat before %s", q)
		}
	}
	return p.literal(p.next()), nil
}

// bounds reports whether {n}, {n,} or {n,m} stands here; another brace is a
// literal one.
func (p *parser) bounds() bool {
	i := strings.IndexByte(p.src[p.pos:], '}')
	if !p.peek("{") || i < 2 {
		return false
	}
	for _, c := range p.src[p.pos+1 : p.pos+i] {
		if c != ',' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (p *parser) lineFeed() ucd.Set {
	if p.lineEnd {
		return ucd.NewSet(ucd.Range{Lo: '\n', Hi: '\n'})
	}
	return ucd.Set{}
}

func (p *parser) group() (node, error) {
	n, err := p.alternate()
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, p.fail("missing )")
	}
	return n, nil
}

// look reads a look-ahead, which must be one set: (?!\S), (?=[ab]).
func (p *parser) look(negative bool) (node, error) {
	n, err := p.group()
	if err != nil {
		return nil, err
	}
	if c, ok := n.(concat); ok && len(c) == 1 {
		n = c[0]
	}
	c, ok := n.(class)
	if !ok {
		return nil, p.fail("a look-ahead of more than one character is not supported")
	}
	if negative {
		return assert{set: c.set.Negate(), end: true}, nil
	}
	return assert{set: c.set}, nil
}

func (p *parser) literal(r rune) node { return class{p.folded(ucd.NewSet(ucd.Range{Lo: r, Hi: r}))} }

// folded closes a set under simple case folding, if (?i) holds.
func (p *parser) folded(s ucd.Set) ucd.Set {
	if !p.fold {
		return s
	}
	return p.tables.FoldSet(s)
}

func (p *parser) escape() (node, error) {
	if !p.more() {
		return nil, p.fail(`\ at the end`)
	}
	switch {
	case p.take("z"):
		return assert{end: true}, nil
	case p.take("Z"):
		return nil, p.fail(`\Z is not supported`)
	}
	if p.lineEnd && (p.peek("w") || p.peek("W")) { // Oniguruma: not as in brackets
		s := p.tables.WordOnigurumaAlone()
		if p.next() == 'W' {
			s = s.Negate()
		}
		return class{s}, nil
	}
	s, _, err := p.escaped()
	if err != nil {
		return nil, err
	}
	return class{s}, nil
}

// escaped reads what follows a backslash, inside or outside of a class. single
// is the code point if it is one, -1 otherwise.
func (p *parser) escaped() (set ucd.Set, single rune, err error) {
	one := func(r rune) (ucd.Set, rune, error) {
		return p.folded(ucd.NewSet(ucd.Range{Lo: r, Hi: r})), r, nil
	}
	if !p.more() {
		return set, -1, p.fail(`\ at the end`)
	}
	c := p.next()
	switch c {
	case 's':
		return p.tables.Space(), -1, nil
	case 'S':
		return p.tables.Space().Negate(), -1, nil
	case 'd':
		return p.tables.Digit(), -1, nil
	case 'D':
		return p.tables.Digit().Negate(), -1, nil
	case 'w', 'W':
		if p.lineEnd {
			set = p.tables.WordOniguruma()
		} else {
			set = p.tables.Word()
		}
		if c == 'W' {
			set = set.Negate()
		}
		return set, -1, nil
	case 'p', 'P':
		return p.property(c == 'P')
	case 'n':
		return one('\n')
	case 'r':
		return one('\r')
	case 't':
		return one('\t')
	case 'f':
		return one('\f')
	case 'v':
		return one('\v')
	case 'x', 'u':
		return p.hex(c, one)
	}
	if c < 0x80 && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
		return set, -1, p.fail(`\%c is not supported`, c)
	}
	return one(c)
}

func (p *parser) hex(kind rune, one func(rune) (ucd.Set, rune, error)) (ucd.Set, rune, error) {
	digits := ""
	switch {
	case p.take("{"):
		i := strings.IndexByte(p.src[p.pos:], '}')
		if i < 0 {
			return ucd.Set{}, -1, p.fail("missing }")
		}
		digits = p.src[p.pos : p.pos+i]
		p.pos += i + 1
	default:
		n := 4
		if kind == 'x' {
			n = 2
		}
		if p.pos+n > len(p.src) {
			return ucd.Set{}, -1, p.fail(`\%c: expected %d hexadecimal digits`, kind, n)
		}
		digits = p.src[p.pos : p.pos+n]
		p.pos += n
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || v > utf8.MaxRune {
		return ucd.Set{}, -1, p.fail("%q is no code point", digits)
	}
	return one(rune(v))
}

func (p *parser) property(negate bool) (ucd.Set, rune, error) {
	name := ""
	if p.take("{") {
		i := strings.IndexByte(p.src[p.pos:], '}')
		if i < 0 {
			return ucd.Set{}, -1, p.fail("missing }")
		}
		name = p.src[p.pos : p.pos+i]
		p.pos += i + 1
	} else if p.more() {
		name = string(p.next())
	}
	s, err := p.tables.Class(name)
	if err != nil {
		return s, -1, p.fail("%v", err)
	}
	if negate {
		s = s.Negate()
	}
	return p.folded(s), -1, nil
}

// class reads a bracketed class after its [.
func (p *parser) class() (ucd.Set, error) {
	if p.depth++; p.depth > maxDepth {
		return ucd.Set{}, p.fail("classes too deep")
	}
	defer func() { p.depth-- }()
	negate := p.take("^")
	var all ucd.Set // of the intersections so far
	var cur ucd.Set
	intersect := false
	finish := func() {
		if intersect {
			all = all.Intersect(cur)
		} else {
			all = cur
		}
	}
	for first := true; ; first = false {
		switch {
		case !p.more():
			return all, p.fail("missing ]")
		case p.peek("]") && !first:
			p.pos++
			finish()
			if negate {
				all = all.Negate()
			}
			return all, nil
		case p.take("&&"):
			finish()
			intersect, cur = true, ucd.Set{}
			continue
		case p.peek("[:"):
			return all, p.fail("POSIX classes are not supported")
		case p.take("["):
			s, err := p.class()
			if err != nil {
				return all, err
			}
			cur = cur.Union(s)
			continue
		}
		s, lo, err := p.member()
		if err != nil {
			return all, err
		}
		// A range, unless the hyphen is the last of the class.
		if lo >= 0 && p.peek("-") && !p.peek("-]") && !p.peek("-[") {
			p.pos++
			_, hi, err := p.member()
			if err != nil {
				return all, err
			}
			if hi < lo {
				return all, p.fail("range %q-%q is empty or has a class at its end", lo, hi)
			}
			s = p.folded(ucd.NewSet(ucd.Range{Lo: lo, Hi: hi}))
		}
		cur = cur.Union(s)
	}
}

// member reads one code point or one escaped set of a class.
func (p *parser) member() (ucd.Set, rune, error) {
	if p.take(`\`) {
		return p.escaped()
	}
	if !p.more() {
		return ucd.Set{}, -1, p.fail("missing ]")
	}
	r := p.next()
	return p.folded(ucd.NewSet(ucd.Range{Lo: r, Hi: r})), r, nil
}

const maxRepeat = 1000

func (p *parser) quantifiers(n node) (node, error) {
	for i := 0; ; i++ {
		r := repeat{sub: n, max: -1}
		switch {
		case p.take("*"):
		case p.take("+"):
			r.min = 1
		case p.take("?"):
			r.max = 1
		case p.bounds():
			j := strings.IndexByte(p.src[p.pos:], '}')
			lo, hi, ranged := strings.Cut(p.src[p.pos+1:p.pos+j], ",")
			var err error
			if r.min, err = strconv.Atoi(lo); err != nil || r.min > maxRepeat {
				return nil, p.fail("bad repeat {%s}", p.src[p.pos+1:p.pos+j])
			}
			switch {
			case !ranged:
				r.max = r.min
			case hi != "":
				if r.max, err = strconv.Atoi(hi); err != nil || r.max < r.min || r.max > maxRepeat {
					return nil, p.fail("bad repeat {%s}", p.src[p.pos+1:p.pos+j])
				}
			}
			p.pos += j + 1
		default:
			return n, nil
		}
		if i > 0 {
			return nil, p.fail("a repeat of a repeat is not supported")
		}
		if _, ok := n.(assert); ok {
			return nil, p.fail("a repeat of an assertion is not supported")
		}
		// Oniguruma reads {n,m}+ as a repeat of a repeat, the others as
		// possessive: only p{N}{1,3}+ occurs, in patterns of tiktoken.
		switch {
		case p.take("+"):
			r.possessive = true
		case p.take("?"):
			r.lazy = true
		}
		n = r
	}
}
