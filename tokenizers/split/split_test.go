package split

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// The published patterns, as in the vocabularies' own files.
var patterns = map[string]string{
	"gpt2":     `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
	"r50k":     `'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s`,
	"cl100k":   `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`,
	"llama3":   `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
	"qwen":     `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
	"qwen3.5":  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
	"o200k":    `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
	"tekken":   `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
	"deepseek": "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
	"kexaone":  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`,
	"bloom":    ` ?[^(\s|.,!?…。，、।۔،)]+`,
	"dslatin":  `\s?[A-Za-zµÀ-Ö]+`,
	"odd":      `a(?=b)|ab{2,4}?c*|x|(?:ab|a)(?:c|bcd)|[b-d&&[^c]]+|\d+\z`,
}

func compile(t testing.TB, pattern, unicode string, lineEnd bool) *Regexp {
	t.Helper()
	tables, err := ucd.At(unicode)
	if err != nil {
		t.Fatal(err)
	}
	re, err := CompileRegexp(pattern, tables, lineEnd)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

// alphabet has one or two characters of each kind that the patterns tell
// apart, all old enough that Unicode versions agree on them.
var alphabet = []string{"a", "b", "c", "S", "T", "d", "ſ", "Ⅷ", "½", "1", "2", "中", "の", "한", "ー", "ǅ", "\u0301", "ि", " ", " ", "\u00a0", "\u3000", "\n", "\r", "\t", "'", "'s", "’", "'LL", "!", "/", ".", "…", "$", "😀", "\u200d", "\x00", "(", "~", "x"}

func randomText(rng *rand.Rand) string {
	var b strings.Builder
	for range rng.IntN(14) {
		s := alphabet[rng.IntN(len(alphabet))]
		for range 1 + rng.IntN(2)*rng.IntN(4) {
			b.WriteString(s)
		}
	}
	return b.String()
}

// backtracking is a reference that shares no code: a backtracking engine. It
// has no possessive repeats and no intersections, so that the pattern is put
// another way for it.
func backtracking(t testing.TB, pattern string) *regexp2.Regexp {
	for _, r := range [][2]string{
		{"++", "+"}, {"?+", "?"}, {"*+", "*"}, {"{1,3}+", "{1,3}"},
		{`(?i:[sdmt]|ll|ve|re)`, `(?:[sdmtSDMTſ]|[lL][lL]|[vV][eE]|[rR][eE])`},
		{`(?i:'s|'t|'re|'ve|'m|'ll|'d)`, `(?:'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])`},
		{`[b-d&&[^c]]`, `[bd]`}, {`\s+$`, `\s+\z`},
	} {
		pattern = strings.ReplaceAll(pattern, r[0], r[1])
	}
	re, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

func refAll(t testing.TB, ref *regexp2.Regexp, text string) []string {
	var want []string
	m, err := ref.FindStringMatch(text)
	for ; m != nil && err == nil; m, err = ref.FindNextMatch(m) {
		want = append(want, m.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func (re *Regexp) all(text string) []string {
	var got []string
	pieces(re, true, text, func(p string, _ int) bool { got = append(got, p); return true })
	return got
}

func TestAgainstBacktracking(t *testing.T) {
	for name, pattern := range patterns {
		t.Run(name, func(t *testing.T) {
			re := compile(t, pattern, "15.0.0", false)
			ref := backtracking(t, pattern)
			rng := rand.New(rand.NewPCG(1, 2))
			n := 6000
			if testing.Short() {
				n = 500
			}
			for range n {
				text := randomText(rng)
				if got, want := re.all(text), refAll(t, ref, text); !slices.Equal(got, want) {
					t.Fatalf("%q:\n got %q\nwant %q", text, got, want)
				}
			}
		})
	}
}

// All strings up to four characters over one character a class: exhaustive
// where the random test is not.
func TestExhaustiveShort(t *testing.T) {
	small := []string{"a", "S", "1", "中", "\u0301", " ", "\n", "\r", "'", "!", "/"}
	for _, name := range []string{"cl100k", "o200k", "gpt2", "llama3", "deepseek"} {
		re, ref := compile(t, patterns[name], "15.0.0", false), backtracking(t, patterns[name])
		var walk func(prefix string, n int)
		walk = func(prefix string, n int) {
			if got, want := re.all(prefix), refAll(t, ref, prefix); !slices.Equal(got, want) {
				t.Fatalf("%s: %q:\n got %q\nwant %q", name, prefix, got, want)
			}
			if n == 0 {
				return
			}
			for _, s := range small {
				walk(prefix+s, n-1)
			}
		}
		walk("", 4)
	}
}

func TestLineEnd(t *testing.T) {
	if got, want := compile(t, `\s+$`, "", true).all("a \n b "), []string{" \n ", " "}; slices.Equal(got, want) {
		t.Errorf("with LineEnd: %q", got)
	}
	if got, want := compile(t, ` +$`, "", true).all("a \n b "), []string{" ", " "}; !slices.Equal(got, want) {
		t.Errorf("with LineEnd: %q, want %q", got, want)
	}
	if got, want := compile(t, ` +$`, "", false).all("a \n b "), []string{" "}; !slices.Equal(got, want) {
		t.Errorf("without LineEnd: %q, want %q", got, want)
	}
}

func TestUnsupported(t *testing.T) {
	tables, err := ucd.At("")
	if err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]string{
		`a*`:               "can match the empty string",
		`(?<=a)b`:          "look-behind",
		`a(?!bc)`:          "look-ahead of more than one character",
		`^a`:               "^ is not supported",
		`a++a`:             "possessive",
		`(?:ab)++c`:        "possessive",
		`[a`:               "missing ]",
		`(a`:               "missing )",
		`a)`:               "unexpected )",
		`\p{Nonsense}`:     "Nonsense",
		`\p{L`:             "missing }",
		`[z-a]`:            "range",
		`\1`:               `\1 is not supported`,
		`*a`:               "nothing to repeat",
		`a{2000}`:          "bad repeat",
		`[[:alpha:]]`:      "POSIX",
		`\x{110000}`:       "no code point",
		`(?>a)`:            "is not supported",
		"\xff":             "not UTF-8",
		`a\`:               "at the end",
		`(?:a{1000}){100}`: "too large",
	} {
		if _, err := CompileRegexp(pattern, tables, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one about %q", pattern, err, want)
		}
	}
}

func cutAll(t *testing.T, text string, splitters ...vocab.Splitter) []string {
	t.Helper()
	c, err := New(&vocab.Definition{Name: "test", Splitters: splitters})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	c.Each(nil, text, true, func(p string) bool { got = append(got, p); return true })
	return got
}

// The cases of HF tokenizers' documentation of SplitDelimiterBehavior, and
// what follows from it for Invert.
func TestBehaviors(t *testing.T) {
	dash := vocab.Splitter{Op: vocab.SplitLiteral, Pattern: "-"}
	for _, c := range []struct {
		behavior vocab.Behavior
		invert   bool
		want     []string
	}{
		{vocab.Removed, false, []string{"the", "final", "countdown"}},
		{vocab.Isolated, false, []string{"the", "-", "final", "-", "-", "countdown"}},
		{vocab.MergedWithPrevious, false, []string{"the-", "final-", "-", "countdown"}},
		{vocab.MergedWithNext, false, []string{"the", "-final", "-", "-countdown"}},
		{vocab.Contiguous, false, []string{"the", "-", "final", "--", "countdown"}},
		{vocab.Removed, true, []string{"-", "-", "-"}},
	} {
		s := dash
		s.Behavior, s.Invert = c.behavior, c.invert
		if diff := cmp.Diff(c.want, cutAll(t, "the-final--countdown", s)); diff != "" {
			t.Errorf("behaviour %d, invert %v: (-want +got)\n%s", c.behavior, c.invert, diff)
		}
	}
}

func TestSplitters(t *testing.T) {
	meta := vocab.Splitter{Op: vocab.SplitMetaspace, Replacement: "▁", Prepend: vocab.PrependAlways, Split: true}
	for _, c := range []struct {
		name, text string
		splitters  []vocab.Splitter
		want       []string
	}{
		{"metaspace", "Hey  you", []vocab.Splitter{meta}, []string{"▁Hey", "▁", "▁you"}},
		{"metaspace after white space", "a b", []vocab.Splitter{{Op: vocab.SplitWhitespace}, meta}, []string{"▁a", "▁b"}},
		{"prefix space", "a", []vocab.Splitter{{Op: vocab.SplitPrefixSpace}}, []string{" a"}},
		{"digits", "a12½b", []vocab.Splitter{{Op: vocab.SplitDigits}}, []string{"a", "12½", "b"}},
		{"single digits", "a12b", []vocab.Splitter{{Op: vocab.SplitDigits, Individual: true}}, []string{"a", "1", "2", "b"}},
		{"bert", "it's  a…b$", []vocab.Splitter{{Op: vocab.SplitBert}}, []string{"it", "'", "s", "a", "…", "b", "$"}},
		{"fixed", "日本語です", []vocab.Splitter{{Op: vocab.SplitFixed, Length: 2}}, []string{"日本", "語で", "す"}},
		{"scripts", " 東京タワーis tall.", []vocab.Splitter{{Op: vocab.SplitScripts}}, []string{"東京タワー", "is tall", "."}},
		{"no piece is empty", "  ", []vocab.Splitter{{Op: vocab.SplitWhitespace}}, []string{}},
		{"look-ahead stops at the piece", "1 2", []vocab.Splitter{
			{Op: vocab.SplitDigits, Individual: true},
			{Op: vocab.SplitRegexp, Pattern: `\s+(?!\S)|\S`, Behavior: vocab.Isolated},
		}, []string{"1", " ", "2"}},
	} {
		if diff := cmp.Diff(c.want, cutAll(t, c.text, c.splitters...)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

// A megabyte of one kind must not take more than linear time.
func TestLinear(t *testing.T) {
	for name, pattern := range patterns {
		re := compile(t, pattern, "", false)
		for _, unit := range []string{"a", " ", "\n", " \n", "中", "'s", "😀", "a ", "\r\n x"} {
			text := strings.Repeat(unit, 1<<20/len(unit))
			began := time.Now()
			pieces(re, true, text, func(string, int) bool { return true })
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("%s: 1 MB of %q took %v", name, unit, d)
			}
		}
	}
}

func FuzzRegexp(f *testing.F) {
	for _, p := range patterns {
		f.Add(p, "it's 中文 12345\n\n  x")
	}
	tables, err := ucd.At("")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 {
			return
		}
		re, err := CompileRegexp(pattern, tables, false)
		if err != nil {
			return
		}
		var b strings.Builder
		pieces(re, false, text, func(p string, _ int) bool {
			if p == "" {
				t.Fatal("empty piece")
			}
			b.WriteString(p)
			return true
		})
		if b.String() != text {
			t.Fatalf("pieces joined give %q, text is %q", b.String(), text)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	texts := map[string]string{
		"en": strings.Repeat("The quick brown fox jumps over 13 lazy dogs, doesn't it?\n", 2000),
		"zh": strings.Repeat("今天天气很好，我们一起去公园散步吧。", 2000),
		"ko": strings.Repeat("오늘은 날씨가 좋아서 공원에 산책하러 갑니다. ", 2000),
	}
	for _, name := range []string{"cl100k", "o200k", "deepseek"} {
		re := compile(b, patterns[name], "", false)
		for lang, text := range texts {
			b.Run("pattern="+name+"/lang="+lang, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					n := 0
					pieces(re, false, text, func(p string, _ int) bool { n += len(p); return true })
					if n != len(text) {
						b.Fatalf("pieces of %d bytes, text has %d", n, len(text))
					}
				}
			})
		}
	}
}

// allEnds collects what AppendEnds gives by batches of at most size.
func allEnds(t *testing.T, re *Regexp, text string, drop bool, size int) (ends []int32) {
	t.Helper()
	buf := make([]int32, 0, size)
	for pos := 0; pos < len(text); {
		batch, next := re.AppendEnds(buf, text, pos, drop)
		if next <= pos || len(batch) == 0 {
			t.Fatalf("%s: %q: no progress at %d", re.pattern, text, pos)
		}
		ends, pos = append(ends, batch...), next
	}
	return ends
}

// AppendEnds cuts as Next does, whatever the size of the batches, with and
// without assembly.
func TestAppendEnds(t *testing.T) {
	if !scanAvailable {
		t.Log("no assembly on this machine")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for name, pattern := range patterns {
		re := compile(t, pattern, "", false)
		plain := *re
		plain.scan = nil
		for range 1500 {
			text := randomText(rng)
			if rng.IntN(2) == 0 { // blocks of the assembly
				for len(text) < 500 {
					if rng.IntN(4) == 0 {
						text += strings.Repeat("plain words, Done. ", 1+rng.IntN(8))[rng.IntN(19):]
					}
					text += randomText(rng)
				}
			}
			for _, drop := range []bool{false, true} {
				var want []int32
				pieces(re, drop, text, func(p string, at int) bool {
					if at > 0 && (len(want) == 0 || int(want[len(want)-1]) < at) {
						want = append(want, ^int32(at))
					}
					want = append(want, int32(at+len(p)))
					return true
				})
				for _, re := range []*Regexp{re, &plain} {
					size := 2 + rng.IntN(20)
					if rng.IntN(2) == 0 {
						size = 2*scanEnds + rng.IntN(500)
					}
					got := allEnds(t, re, text, drop, size)
					if n := len(got); n > 0 && got[n-1] == ^int32(len(text)) {
						got = got[:n-1] // a rest that is dropped need not be told
					}
					if !slices.Equal(got, want) {
						t.Fatalf("%s: %q, drop %v, assembly %v:\n got %v\nwant %v", name, text, drop, re.scan != nil, got, want)
					}
				}
			}
		}
	}
}

// The assembly stops where it must and nowhere else.
func FuzzScan(f *testing.F) {
	var compiled []*Regexp
	for _, name := range slices.Sorted(maps.Keys(patterns)) {
		compiled = append(compiled, compile(f, patterns[name], "", false))
	}
	f.Add(uint8(0), scanSample)
	f.Add(uint8(1), strings.Repeat("I've  don'T\n\n 12345 ", 9)+"\U0001F600")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		re := compiled[int(which)%len(compiled)]
		if text = strings.ToValidUTF8(text, "\ufffd"); text == "" {
			return
		}
		plain := *re
		plain.scan = nil
		text = strings.Repeat(text, 1+200/len(text))
		if got, want := allEnds(t, re, text, false, 4*scanEnds), allEnds(t, &plain, text, false, 4*scanEnds); !slices.Equal(got, want) {
			t.Errorf("%s: %q:\n assembly %v\n without %v", re.pattern, text, got, want)
		}
	})
}

// At a safe cut the pieces of both sides are those of the whole.
func TestSafeCut(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, pattern := range patterns {
		re := compile(t, pattern, "", false)
		cuts := 0
		for range 4000 {
			text := randomText(rng)
			want := re.all(text)
			for pos := 1; pos < len(text); pos++ {
				at := re.SafeCut(text, pos, len(text))
				if at < 0 {
					break
				}
				pos = at
				cuts++
				if got := append(re.all(text[:at]), re.all(text[at:])...); !slices.Equal(got, want) {
					t.Fatalf("%s: %q cut at %d:\n got %q\nwant %q", name, text, at, got, want)
				}
			}
		}
		t.Logf("%s: %d cuts", name, cuts)
	}
}
