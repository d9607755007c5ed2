// Package split cuts a text into the pieces that a model encodes one by one:
// pre-tokenisation.
//
// Think of a [Chain] as a row of knives. Each cuts every piece that the one
// before it left, and none sees beyond its piece: a look-ahead at the end of a
// piece is at the end of the text. Most vocabularies have one knife, a
// published regular expression, which [CompileRegexp] turns into an automaton
// that reads each character about once; its doc comment tells how.
//
// Whether a character is a letter is asked of the Unicode version that the
// vocabulary's reference uses, never of package unicode.
package split

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// A Chain cuts texts as a vocabulary's splitters say. It is immutable and safe
// for concurrent use.
type Chain struct {
	steps []step
	// alphabet: some step spells bytes in GPT-2's alphabet; pieces are turned
	// back.
	alphabet bool
	// single is one pattern for the whole chain, if there is one.
	single   *Regexp
	dropRest bool // what it does not match is no piece
	patterns []*Regexp
}

type step struct {
	vocab.Splitter
	re   *Regexp           // SplitRegexp
	isIn func(rune) bool   // the steps that look at single code points
	kind func(rune) string // SplitScripts
}

// The Unicode versions of the steps of HF tokenizers that are not patterns, as
// package ucd lists them: each is that of the library that the step calls, so
// they stand apart from the version of a vocabulary's patterns.
const (
	digitVersion       = "17.0.0"
	punctuationVersion = "8.0.0"
	scriptVersion      = "9.0.0"
)

// New compiles the splitters of a definition.
func New(def *vocab.Definition) (*Chain, error) {
	tables, err := ucd.At(def.Unicode)
	if err != nil {
		return nil, fmt.Errorf("split: %s: %w", def.Name, err)
	}
	digits, err := ucd.At(digitVersion)
	if err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	marks, err := ucd.At(punctuationVersion)
	if err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	old, err := ucd.At(scriptVersion)
	if err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	c := new(Chain)
	for i, s := range def.Splitters {
		st := step{Splitter: s}
		switch s.Op {
		case vocab.SplitRegexp:
			if st.re, err = CompileRegexp(s.Pattern, tables, s.LineEnd); err != nil {
				return nil, fmt.Errorf("%s: splitter %d: %w", def.Name, i+1, err)
			}
		case vocab.SplitLiteral:
			if s.Pattern == "" {
				return nil, fmt.Errorf("split: %s: splitter %d: empty literal", def.Name, i+1)
			}
		case vocab.SplitWhitespace:
			st.isIn, st.Behavior = contains(tables.Space()), vocab.Removed
		case vocab.SplitDigits:
			st.isIn, st.Behavior = contains(numeric(digits)), vocab.Contiguous
			if s.Individual {
				st.Behavior = vocab.Isolated
			}
		case vocab.SplitPunctuation:
			st.isIn = contains(punctuation(marks))
		case vocab.SplitBert:
			space := step{Splitter: vocab.Splitter{Op: vocab.SplitWhitespace, Behavior: vocab.Removed}, isIn: contains(tables.Space())}
			c.steps = append(c.steps, space)
			st.isIn, st.Behavior = contains(punctuation(marks)), vocab.Isolated
		case vocab.SplitScripts:
			st.kind = scripts(old)
		case vocab.SplitMetaspace:
			if s.Replacement == "" {
				return nil, fmt.Errorf("split: %s: splitter %d: empty replacement", def.Name, i+1)
			}
		case vocab.SplitFixed:
			if s.Length < 1 {
				return nil, fmt.Errorf("split: %s: splitter %d: length %d", def.Name, i+1, s.Length)
			}
		case vocab.SplitPrefixSpace:
		case vocab.SplitByteAlphabet:
			if c.alphabet {
				return nil, fmt.Errorf("split: %s: splitter %d: a second byte alphabet", def.Name, i+1)
			}
			c.alphabet = true
		default:
			return nil, fmt.Errorf("split: %s: splitter %d: unknown op %d", def.Name, i+1, s.Op)
		}
		switch s.Op {
		case vocab.SplitRegexp, vocab.SplitLiteral, vocab.SplitPunctuation:
			if s.Behavior < vocab.Isolated || s.Behavior > vocab.Contiguous {
				return nil, fmt.Errorf("split: %s: splitter %d: unknown behaviour %d", def.Name, i+1, s.Behavior)
			}
		}
		c.steps = append(c.steps, st)
	}
	c.single, c.dropRest = c.asOne(tables, digits, marks)
	if c.single == nil {
		for _, s := range c.steps {
			if s.Op != vocab.SplitRegexp || s.Behavior != vocab.Isolated {
				c.patterns = nil
				break
			}
			c.patterns = append(c.patterns, s.re)
		}
	}
	return c, nil
}

// asOne returns the pattern that cuts as the whole chain does, and whether what
// it does not match is dropped; nil if there is none.
func (c *Chain) asOne(tables, digits, marks *ucd.Tables) (re *Regexp, dropRest bool) {
	if len(c.steps) == 1 && c.steps[0].Op == vocab.SplitRegexp {
		switch s := &c.steps[0]; {
		case s.Behavior == vocab.Isolated:
			return s.re, false
		case s.Behavior == vocab.Removed && s.Invert:
			return s.re, true
		}
		return nil, false
	}
	if len(c.steps) == 2 && c.steps[1].Op == vocab.SplitBert {
		// White space is dropped, each punctuation mark is a piece. White space is
		// matched nevertheless: the automaton is fast where all text is.
		space, mark := tables.Space(), punctuation(marks)
		runs := func(s ucd.Set) node { return repeat{sub: class{s}, min: 1, max: -1} }
		re, err := compileTree("BertPreTokenizer", alternate{runs(space), class{mark.Subtract(space)}, runs(space.Union(mark).Negate())})
		if err == nil {
			re.setDropped(space)
			return re, true
		}
	}
	trees := make([]node, len(c.steps))
	for i := range c.steps {
		if trees[i] = c.steps[i].tree(tables, digits, marks); trees[i] == nil {
			return nil, false
		}
	}
	return c.fuse(trees), false
}

// numeric is what char::is_numeric of Rust says: categories Nd, Nl and No.
func numeric(t *ucd.Tables) ucd.Set { return t.Categories(ucd.Nd, ucd.Nl, ucd.No) }

// punctuation is what HF tokenizers takes for it: ASCII punctuation, symbols
// among it, and the categories P.
func punctuation(t *ucd.Tables) ucd.Set {
	return t.Categories(ucd.Pc, ucd.Pd, ucd.Ps, ucd.Pe, ucd.Pi, ucd.Pf, ucd.Po).Union(
		ucd.NewSet(ucd.Range{Lo: '!', Hi: '/'}, ucd.Range{Lo: ':', Hi: '@'}, ucd.Range{Lo: '[', Hi: '`'}, ucd.Range{Lo: '{', Hi: '~'}))
}

func contains(s ucd.Set) func(rune) bool { return s.Contains }

// Whole reports whether the chain leaves every text in one piece, as it is.
func (c *Chain) Whole() bool { return len(c.steps) == 0 }

// Single returns one pattern whose matches are the pieces, and whether what
// lies between matches is dropped (otherwise it is a piece, too); nil if the
// chain is not like that. It serves a caller that wants to drive the automaton
// itself.
func (c *Chain) Single() (re *Regexp, dropRest bool) { return c.single, c.dropRest }

// Patterns returns the patterns of a chain that has nothing else, all with
// matches and what lies between as pieces; nil for any other chain.
func (c *Chain) Patterns() []*Regexp { return c.patterns }

// Each calls f with the pieces of text in order, until f returns false. first
// says that the text is the beginning of the whole text (and not what stands
// behind an added token). A piece is part of text, but where a splitter
// replaces or prepends characters: that lies in s until f returns, or in new
// memory if s is nil. No piece is empty.
func (c *Chain) Each(s *Scratch, text string, first bool, f func(piece string) bool) {
	if text == "" {
		return
	}
	if c.alphabet {
		inner := f
		f = func(piece string) bool {
			b, _ := bytealphabet.AppendBytes(s.take(len(c.steps)), piece)
			return inner(s.give(len(c.steps), b))
		}
	}
	c.each(s, 0, text, first, f)
}

// Scratch is memory for the pieces that Each does not find in the text. The zero
// value is ready.
type Scratch struct {
	steps [][]byte // by step of the chain: each is done with a text before its next
}

// take returns the memory of a step, empty.
func (s *Scratch) take(step int) []byte {
	if s == nil || step >= len(s.steps) {
		return nil
	}
	return s.steps[step][:0]
}

// give keeps what was appended to the memory of a step and returns it as a
// string, which nothing changes before the step takes it again.
func (s *Scratch) give(step int, b []byte) string {
	if s != nil {
		for step >= len(s.steps) {
			s.steps = append(s.steps, nil)
		}
		s.steps[step] = b
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (c *Chain) each(scratch *Scratch, i int, text string, first bool, f func(string) bool) bool {
	if i == len(c.steps) {
		return f(text)
	}
	s := &c.steps[i]
	next := func(piece string, start int) bool {
		return piece == "" || c.each(scratch, i+1, piece, first && start == 0, f)
	}
	switch s.Op {
	case vocab.SplitPrefixSpace:
		if !strings.HasPrefix(text, " ") {
			text = scratch.give(i, append(append(scratch.take(i), ' '), text...))
		}
		return next(text, 0)
	case vocab.SplitByteAlphabet:
		b := scratch.take(i)
		for i := range len(text) {
			b = utf8.AppendRune(b, bytealphabet.Rune(text[i]))
		}
		return next(scratch.give(i, b), 0)
	case vocab.SplitMetaspace:
		prepend := (s.Prepend == vocab.PrependAlways || s.Prepend == vocab.PrependFirst && first) &&
			!strings.HasPrefix(text, " ") && !strings.HasPrefix(text, s.Replacement)
		if prepend || strings.Contains(text, " ") {
			b := scratch.take(i)
			if prepend {
				b = append(b, s.Replacement...)
			}
			for rest := text; rest != ""; {
				word, after, spaced := strings.Cut(rest, " ")
				b = append(b, word...)
				if spaced {
					b = append(b, s.Replacement...)
				}
				rest = after
			}
			text = scratch.give(i, b)
		}
		if !s.Split {
			return next(text, 0)
		}
		return s.cut(text, vocab.MergedWithNext, s.literal(s.Replacement), next)
	case vocab.SplitFixed:
		for start := 0; start < len(text); {
			end := start
			for range s.Length {
				if end == len(text) {
					break
				}
				_, n := utf8.DecodeRuneInString(text[end:])
				end += n
			}
			if !next(text[start:end], start) {
				return false
			}
			start = end
		}
		return true
	case vocab.SplitScripts:
		return s.byScript(text, next)
	case vocab.SplitRegexp:
		if re, drop := s.re, s.Behavior == vocab.Removed && s.Invert; drop || s.Behavior == vocab.Isolated {
			return pieces(re, drop, text, next)
		}
		return s.cut(text, s.Behavior, s.regexp(), next)
	case vocab.SplitLiteral:
		return s.cut(text, s.Behavior, s.literal(s.Pattern), next)
	}
	return s.cut(text, s.Behavior, s.single(), next)
}

// pieces is the common case: the matches are pieces, and so is what lies
// between them, unless it is dropped.
func pieces(re *Regexp, drop bool, text string, next func(string, int) bool) bool {
	rest := 0 // start of what has not matched
	for pos := 0; pos < len(text); {
		end := re.Next(text, pos)
		if end < 0 {
			pos += width(text[pos:])
			continue
		}
		if rest < pos && !drop && !next(text[rest:pos], rest) {
			return false
		}
		if !next(text[pos:end], pos) {
			return false
		}
		pos, rest = end, end
	}
	return drop || rest == len(text) || next(text[rest:], rest)
}

func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// A finder returns the next match at or after pos; start < 0 if there is none.
type finder func(text string, pos int) (start, end int)

func (s *step) regexp() finder {
	return func(text string, pos int) (int, int) {
		for pos < len(text) {
			if end := s.re.Next(text, pos); end >= 0 {
				return pos, end
			}
			pos += width(text[pos:])
		}
		return -1, -1
	}
}

func (s *step) literal(lit string) finder {
	return func(text string, pos int) (int, int) {
		i := strings.Index(text[pos:], lit)
		if i < 0 {
			return -1, -1
		}
		return pos + i, pos + i + len(lit)
	}
}

func (s *step) single() finder {
	return func(text string, pos int) (int, int) {
		for i, r := range text[pos:] {
			if s.isIn(r) {
				return pos + i, pos + i + width(text[pos+i:])
			}
		}
		return -1, -1
	}
}

// cut walks over matches and what lies between them and makes pieces of them
// as a behaviour of HF tokenizers (SplitDelimiterBehavior) says. With Invert
// the two kinds change places.
func (s *step) cut(text string, b vocab.Behavior, find finder, next func(string, int) bool) bool {
	// pending is a piece that a later part may still join.
	pending, from, to := false, 0, 0
	lastMatch := false // kind of the part before; false at the start, as there
	flush := func() bool {
		if !pending {
			return true
		}
		pending = false
		return next(text[from:to], from)
	}
	part := func(start, end int, match bool) bool {
		if start == end {
			return true
		}
		match = match != s.Invert
		defer func() { lastMatch = match }()
		switch b {
		case vocab.Removed:
			return match || next(text[start:end], start)
		case vocab.Isolated:
			return next(text[start:end], start)
		case vocab.Contiguous:
			if pending && match == lastMatch {
				to = end
				return true
			}
		case vocab.MergedWithPrevious:
			if pending && match && !lastMatch {
				to = end
				return true
			}
		case vocab.MergedWithNext:
			// Seen from the end: a match joins what follows it unless that is
			// a match, too.
			if pending && lastMatch && !match {
				to = end
				return true
			}
		}
		if !flush() {
			return false
		}
		pending, from, to = true, start, end
		return true
	}
	rest := 0
	for rest < len(text) {
		start, end := find(text, rest)
		if start < 0 {
			break
		}
		if !part(rest, start, false) || !part(start, end, true) {
			return false
		}
		rest = end
	}
	return part(rest, len(text), false) && flush()
}

// scripts returns the classes of HF tokenizers' UnicodeScripts: a character's
// script, but kana and the long-vowel mark count as Han; a space, and what has
// no script, are of any, which is the empty string.
func scripts(t *ucd.Tables) func(rune) string {
	return func(r rune) string {
		switch name := t.Script(r); {
		case r == ' ', name == "Unknown":
			return ""
		case r == 0x30FC, name == "Hiragana", name == "Katakana":
			return "Han"
		default:
			return name
		}
	}
}

// byScript cuts where the script changes. As there, what stands before the
// first character that has a script is dropped.
func (s *step) byScript(text string, next func(string, int) bool) bool {
	start, last := -1, ""
	for i, r := range text {
		k := s.kind(r)
		if k == "" {
			continue
		}
		if k != last {
			if start >= 0 && !next(text[start:i], start) {
				return false
			}
			start = i
		}
		last = k
	}
	return start < 0 || next(text[start:], start)
}
