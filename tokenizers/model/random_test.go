package model_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Vocabularies made at random, to be hard and not sensible: few characters, so
// that everything meets everything; many ties; characters that no token has;
// tokens that merging never reaches; tokens that split in several ways; tokens
// that begin or end inside a character.

// choices is where decisions come from: a random number generator, or the
// bytes of a fuzzer.
type choices interface {
	IntN(n int) int
}

// seeded returns choices that are the same in every run.
func seeded(seed uint64) choices { return rand.New(rand.NewPCG(seed, 0x6261_6265_6c)) }

type maker struct {
	choices
	letters []string // characters of the vocabulary
	others  []string // that no token has
}

// alphabets. In the third the characters share their bytes, so that the end of
// one is the beginning of another's and tokens can lie across two of them.
var alphabets = [][]string{
	{"a", "b"},
	{"a", "b", "c", " "},
	{"京", "仗", "仺", "企", "뻺", "亻"},
	{"a", "é", "中", "😀"},
	{"a", "京", "仗", "é", "©", "ꩠ"},
	{"▁", "a", "b", "▁"},
	{"\x00", "a", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000", "\U0010ffff"},
	{"か", "が", "\u3099", "ー", "漢", "字", "、"},
}

func newMaker(c choices) *maker {
	m := &maker{choices: c}
	m.letters = alphabets[c.IntN(len(alphabets))]
	m.others = []string{"x", "ß", "木", "🌍"}
	return m
}

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func pick[T any](c choices, s []T) T { return s[c.IntN(len(s))] }

// shuffled is Fisher and Yates'.
func shuffled[T any](c choices, s []T) []T {
	s = slices.Clone(s)
	for i := len(s) - 1; i > 0; i-- {
		j := c.IntN(i + 1)
		s[i], s[j] = s[j], s[i]
	}
	return s
}

// word is a random string of letters.
func (m *maker) word(longest int) string {
	var b strings.Builder
	for range 1 + m.IntN(longest) {
		b.WriteString(pick(m, m.letters))
	}
	return b.String()
}

// tokenSet keeps the order in which tokens came.
type tokenSet struct {
	list []string
	has  map[string]bool
}

func (s *tokenSet) add(t string) bool {
	if s.has == nil {
		s.has = make(map[string]bool)
	}
	if t == "" || len(t) > 40 || s.has[t] {
		return false
	}
	s.has[t] = true
	s.list = append(s.list, t)
	return true
}

// grow joins tokens with tokens.
func (m *maker) grow(s *tokenSet, n int, join func(l, r string) string) {
	for range n {
		s.add(join(pick(m, s.list), pick(m, s.list)))
	}
}

func concat(l, r string) string { return l + r }

// definition puts tokens to ids, in the order given.
func definition(name string, kind vocab.Kind, tokens []string) *vocab.Definition {
	def := &vocab.Definition{Name: name, Model: vocab.Model{Kind: kind, Unknown: vocab.NoID}}
	for _, t := range tokens {
		def.Model.Tokens.Append(t)
	}
	return def
}

// singleBytes are the strings of one byte.
func singleBytes() (s []string) {
	for b := range 256 {
		s = append(s, string([]byte{byte(b)}))
	}
	return s
}

// ranks is a rank file.
func (m *maker) ranks() *vocab.Definition {
	used := new(tokenSet)
	for _, l := range m.letters {
		for i := range len(l) {
			used.add(l[i : i+1])
		}
	}
	s := &tokenSet{}
	for _, b := range used.list {
		s.add(b)
	}
	m.grow(s, m.IntN(50), concat)
	for range m.IntN(8) {
		s.add(m.word(4))                                           // mostly unreachable
		s.add(pick(m, used.list) + pick(m, used.list) + m.word(2)) // the end of a character first
	}
	longer := s.list[len(used.list):]
	if m.chance(70) {
		longer = shuffled(m, longer)
	}
	tokens := append(singleBytes(), longer...)
	if m.chance(20) {
		tokens = append(slices.Clone(longer), singleBytes()...)
	}
	def := definition("ranks", vocab.BPE, tokens)
	def.Model.MergeBy, def.Model.IgnoreMerges = vocab.ByRank, true
	return def
}

// list is a merge list over bytes or characters.
func (m *maker) list() *vocab.Definition {
	chars := m.chance(60)
	prefix, suffix := "", ""
	if chars && m.chance(30) {
		prefix = pick(m, []string{"##", m.letters[0]})
	}
	if chars && m.chance(30) {
		suffix = pick(m, []string{"</w>", m.letters[0]})
	}
	s := new(tokenSet)
	for _, l := range m.letters {
		if m.chance(15) {
			continue
		}
		switch {
		case !chars:
			for i := range len(l) {
				if !m.chance(5) {
					s.add(l[i : i+1])
				}
			}
		default:
			for _, t := range []string{l, prefix + l, l + suffix, prefix + l + suffix} {
				if !m.chance(10) {
					s.add(t)
				}
			}
		}
	}
	if len(s.list) == 0 {
		s.add(m.letters[0])
	}
	unknown := ""
	switch m.IntN(4) {
	case 0:
		unknown = "<unk>"
		s.add(unknown) // takes part in merges
	case 1:
		unknown = pick(m, s.list)
	}
	type merge struct{ left, right, into string }
	join := func(l, r string) string {
		if prefix != "" {
			if r = strings.TrimPrefix(r, prefix); r == "" {
				return ""
			}
		}
		return l + r
	}
	var merges []merge
	known := make(map[[2]string]bool)
	add := func(l, r string) {
		if into := join(l, r); into != "" && len(into) <= 40 && !known[[2]string{l, r}] {
			if prefix != "" && !strings.HasPrefix(r, prefix) {
				return
			}
			known[[2]string{l, r}] = true
			s.add(into)
			merges = append(merges, merge{l, r, into})
		}
	}
	for range m.IntN(40) {
		add(pick(m, s.list), pick(m, s.list))
	}
	// Other ways to make what is there already.
	for range 30 {
		l, r := pick(m, s.list), pick(m, s.list)
		if s.has[join(l, r)] {
			add(l, r)
		}
	}
	if m.chance(70) {
		merges = shuffled(m, merges)
	}
	for range m.IntN(4) {
		s.add(m.word(4)) // unreachable
	}
	fallback := chars && m.chance(40)
	if fallback {
		for b := range 256 {
			if !m.chance(1) {
				s.add(fmt.Sprintf("<0x%02X>", b))
			}
		}
	}
	if m.chance(50) && unknown == "" {
		unknown = "<unk>"
		s.add(unknown)
	}
	tokens := s.list
	if m.chance(50) {
		tokens = shuffled(m, tokens)
	}
	def := definition("list", vocab.BPE, tokens)
	mod := &def.Model
	ids := mod.Tokens.Index()
	for _, mg := range merges {
		mod.Merges = append(mod.Merges, vocab.Merge{Left: ids[mg.left], Right: ids[mg.right], Into: ids[mg.into]})
	}
	mod.MergeBy, mod.Chars, mod.ContinuingPrefix, mod.EndSuffix = vocab.ByList, chars, prefix, suffix
	mod.IgnoreMerges, mod.FuseUnknown, mod.ByteFallback = m.chance(30), m.chance(50), fallback
	if unknown != "" {
		mod.Unknown = ids[unknown]
	}
	if fallback {
		mod.ByteTokens = byteTokens(ids)
	}
	return def
}

func byteTokens(ids map[string]vocab.ID) (tokens []vocab.ID) {
	for b := range 256 {
		id, ok := ids[fmt.Sprintf("<0x%02X>", b)]
		if !ok {
			id = vocab.NoID
		}
		tokens = append(tokens, id)
	}
	return tokens
}

// score draws scores: with many ties, in steps that float32 rounds, or any.
func (m *maker) score() func() float32 {
	switch m.IntN(5) {
	case 0:
		return func() float32 { return -float32(1 + m.IntN(3)) }
	case 1:
		return func() float32 { return -0.1 * float32(1+m.IntN(6)) }
	case 2:
		return func() float32 { return float32(m.IntN(200)-150) / 7 }
	case 3:
		return func() float32 { return -float32(1+m.IntN(40)) / 3 }
	}
	return func() float32 { return -float32(m.IntN(1<<16)) / 999 }
}

// pieces is a SentencePiece model, BPE or Unigram.
func (m *maker) pieces(kind vocab.Kind) *vocab.Definition {
	s := new(tokenSet)
	for _, l := range m.letters {
		if !m.chance(15) {
			s.add(l)
		}
	}
	if len(s.list) == 0 {
		s.add(m.letters[0])
	}
	m.grow(s, m.IntN(50), concat)
	for range m.IntN(6) {
		s.add(m.word(4))
	}
	strs := s.list
	if m.chance(50) { // an inner step is missing
		strs = slices.DeleteFunc(slices.Clone(strs), func(string) bool { return m.chance(10) })
	}
	kinds := pick(m, [][]vocab.Type{
		{vocab.Normal}, {vocab.Normal},
		{vocab.Normal, vocab.Normal, vocab.Normal, vocab.Unused},
		{vocab.Normal, vocab.Normal, vocab.Normal, vocab.UserDefined},
		{vocab.Normal, vocab.Normal, vocab.Normal, vocab.UserDefined, vocab.Unused},
	})
	type piece struct {
		s     string
		typ   vocab.Type
		score float32
	}
	draw := m.score()
	all := []piece{{"<unk>", vocab.Unknown, 0}, {"<s>", vocab.Control, 0}}
	for i, t := range strs {
		typ := pick(m, kinds)
		if i == 0 {
			typ = vocab.Normal
		}
		all = append(all, piece{t, typ, draw()})
	}
	fallback := m.chance(40)
	if fallback {
		for b := range 256 {
			all = append(all, piece{fmt.Sprintf("<0x%02X>", b), vocab.Byte, 0})
		}
	}
	if m.chance(50) {
		all = shuffled(m, all)
	}
	def := definition("pieces", kind, nil)
	mod := &def.Model
	for _, p := range all {
		mod.Tokens.Append(p.s)
		mod.Types = append(mod.Types, p.typ)
		mod.Scores = append(mod.Scores, p.score)
	}
	ids := mod.Tokens.Index()
	mod.Unknown, mod.FuseUnknown, mod.ByteFallback = ids["<unk>"], true, fallback
	if kind == vocab.BPE {
		mod.MergeBy, mod.Chars = vocab.ByScore, true
	}
	if fallback {
		mod.ByteTokens = byteTokens(ids)
	}
	return def
}

// unigramHF is a Unigram model of HF tokenizers.
func (m *maker) unigramHF() *vocab.Definition {
	s := new(tokenSet)
	for range 4 + m.IntN(30) {
		s.add(m.word(4))
	}
	if m.chance(20) {
		s.add(m.others[0] + m.others[1]) // what unknown characters make when fused
	}
	s.add("<unk>")
	fallback := m.chance(40)
	if fallback {
		for b := range 256 {
			if !m.chance(1) {
				s.add(fmt.Sprintf("<0x%02X>", b))
			}
		}
	}
	def := definition("unigram", vocab.Unigram, shuffled(m, s.list))
	mod := &def.Model
	draw := m.score()
	lift := 0.0
	if m.chance(20) {
		lift = 100 // all scores above zero: more pieces are better
	}
	for range mod.Tokens.Len() {
		mod.Scores64 = append(mod.Scores64, float64(draw())+lift)
	}
	ids := mod.Tokens.Index()
	mod.Unknown, mod.FuseUnknown, mod.ByteFallback = ids["<unk>"], true, fallback
	if fallback {
		mod.ByteTokens = byteTokens(ids)
	}
	return def
}

// wordPiece is a WordPiece model.
func (m *maker) wordPiece() *vocab.Definition {
	prefix := pick(m, []string{"##", "##", "", m.letters[0]})
	s := new(tokenSet)
	for range 2 + m.IntN(20) {
		s.add(m.word(4))
		s.add(prefix + m.word(4))
	}
	s.add("[UNK]")
	if m.chance(20) {
		s.add(prefix)
	}
	def := definition("wordpiece", vocab.WordPiece, shuffled(m, s.list))
	mod := &def.Model
	mod.Unknown, mod.ContinuingPrefix = mod.Tokens.Index()["[UNK]"], prefix
	mod.MaxWordChars = pick(m, []int{0, 8, 100})
	return def
}

// text makes a text for a definition: letters, some that no token has, runs,
// and tokens joined, which is where merging goes astray.
func (m *maker) text(def *vocab.Definition) string {
	n := pick(m, []int{1, 2, 3, 5, 8, 13, 21, 34})
	if m.chance(4) {
		n = 70 + m.IntN(200) // beyond what is looked at pair by pair
	}
	letters := m.letters
	switch m.IntN(4) {
	case 0:
		letters = letters[:min(2, len(letters))]
	case 1:
		letters = append(slices.Clone(letters), m.others...)
	}
	var b strings.Builder
	switch m.IntN(4) {
	case 0: // a run
		part := ""
		for range 1 + m.IntN(3) {
			part += pick(m, letters)
		}
		for range n {
			b.WriteString(part)
		}
	case 1, 2: // tokens
		size := def.Model.Tokens.Len()
		for range n {
			t := def.Model.Tokens.At(vocab.ID(m.IntN(size)))
			if len(t) == 1 || len(t) == 6 && t[0] == '<' || m.chance(20) {
				b.WriteString(pick(m, letters)) // most are bytes
				continue
			}
			b.Write(t)
		}
	default:
		for range n {
			b.WriteString(pick(m, letters))
		}
	}
	return strings.ToValidUTF8(b.String(), "")
}

// kinds of vocabularies, by name.
var kinds = []struct {
	name string
	make func(m *maker) *vocab.Definition
}{
	{"ranks", (*maker).ranks},
	{"list", (*maker).list},
	{"score", func(m *maker) *vocab.Definition { return m.pieces(vocab.BPE) }},
	{"unigram_sentencepiece", func(m *maker) *vocab.Definition { return m.pieces(vocab.Unigram) }},
	{"unigram_hf", (*maker).unigramHF},
	{"wordpiece", (*maker).wordPiece},
}

// describe writes a definition down, so that a failure can be made again.
func describe(def *vocab.Definition) string {
	var b strings.Builder
	m := &def.Model
	fmt.Fprintf(&b, "%v by %d, characters %v, ignore merges %v, prefix %q, suffix %q, byte fallback %v, unknown %d, fuse %v, at most %d\n",
		m.Kind, m.MergeBy, m.Chars, m.IgnoreMerges, m.ContinuingPrefix, m.EndSuffix, m.ByteFallback, int32(m.Unknown), m.FuseUnknown, m.MaxWordChars)
	for i := range m.Tokens.Len() {
		id := vocab.ID(i)
		t := m.Tokens.At(id)
		if len(t) == 1 && m.MergeBy == vocab.ByRank || len(t) == 6 && t[0] == '<' && utf8.Valid(t) {
			continue
		}
		fmt.Fprintf(&b, " %d:%q", id, t)
		if m.Types != nil {
			fmt.Fprintf(&b, "/%d", m.Types[id])
		}
		if m.Scores != nil {
			fmt.Fprintf(&b, "/%v", m.Scores[id])
		}
		if m.Scores64 != nil {
			fmt.Fprintf(&b, "/%v", m.Scores64[id])
		}
	}
	for i, mg := range m.Merges {
		fmt.Fprintf(&b, "\n %d: %q+%q=%d", i, m.Tokens.At(mg.Left), m.Tokens.At(mg.Right), mg.Into)
	}
	return b.String()
}
