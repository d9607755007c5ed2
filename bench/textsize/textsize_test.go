package textsize

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The expected numbers are those of Unicode's rules, worked out by hand and
// equal to Intl.Segmenter of Node with ICU 78 (Unicode 17), except for words
// where ICU has a dictionary.
func TestOf(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Size
	}{
		{"empty", "", Size{0, 0, 0, 0}},
		{"ascii", "Hello, world! 42", Size{16, 16, 16, 3}},
		{"blanks only", " \t\n", Size{3, 3, 3, 0}},
		{"crlf", "a\r\nb\n\rc", Size{7, 7, 6, 3}},
		{"apostrophe and number", "don't pay 3,141.59", Size{18, 18, 18, 3}},
		{"hyphen cuts", "self-hosted", Size{11, 11, 11, 2}},
		{"underscore alone is no word", "a_b _ __", Size{8, 8, 8, 1}},
		{"hindi conjunct", "क्षत्रिय", Size{24, 8, 3, 1}}, // क्ष त्रि य
		{"hindi sentence", "नमस्ते दुनिया।", Size{40, 14, 8, 2}},
		{"family emoji", "👨‍👩‍👧‍👦", Size{25, 7, 1, 0}},
		{"flag and skin", "🇯🇵👍🏽", Size{16, 4, 2, 0}},
		{"three indicators", "🇯🇵🇰", Size{12, 3, 2, 0}},
		{"keycap is a digit", "1️⃣", Size{7, 3, 1, 1}},
		{"composed hangul", "한국어", Size{9, 3, 3, 1}},
		{"decomposed hangul", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165", Size{24, 8, 3, 1}},
		{"decomposed vietnamese", "tie\u0302\u0301ng Vie\u0323\u0302t", Size{18, 14, 10, 2}},
		{"japanese", "カタカナとひらがな", Size{27, 9, 9, 6}},
		{"korean", "안녕하세요 세계", Size{22, 8, 8, 2}},
		// Dictionaries, as in ICU, would find 2, 2 and 1 words in these.
		{"chinese", "你好，世界。", Size{18, 6, 6, 4}},
		{"thai", "ภาษาไทย", Size{21, 7, 7, 7}},
		{"thai sara am", "น้ำ", Size{9, 3, 1, 2}}, // a word may be less than a grapheme
		{"invalid", "a\xff\xfeb", Size{4, 4, 4, 2}},
		{"truncated", "a\xe4\xbd", Size{3, 3, 3, 1}},
		{"full width", "ＧＰＴ－４", Size{15, 5, 5, 2}},
		{"number forms are no digits", "½ ② ", Size{7, 4, 4, 0}},
		{"soft hyphen and joiner", "a\u00adb a\u200db", Size{10, 7, 6, 2}},
	} {
		if got := Of(test.text); got != test.want {
			t.Errorf("%s: Of(%q) = %+v, want %+v", test.name, test.text, got, test.want)
		}
	}
}

// Sizes of texts that are cut at a newline, which is a boundary of all units,
// add up.
func TestSizesAdd(t *testing.T) {
	a, b := "Grüße, 世界\n", "ไทย 👩‍🚀 3.14"
	x, y, both := Of(a), Of(b), Of(a+b)
	want := Size{x.Bytes + y.Bytes, x.Chars + y.Chars, x.Graphemes + y.Graphemes, x.Words + y.Words}
	if both != want {
		t.Errorf("got %+v, want %+v", both, want)
	}
}

// Categories L and Nd do not lose code points from one version of Unicode to
// the next: ours must agree with Go's on all that Go knows.
func TestTableAgreesWithGo(t *testing.T) {
	ours := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		got := unicode.Is(letterOrDigit, r)
		if got {
			ours++
		}
		if utf8.ValidRune(r) && got != isWord(string(r)) {
			t.Fatalf("isWord(%U) = %v, table %v", r, !got, got)
		}
		known := !unicode.Is(unicode.Cn, r)
		if want := unicode.In(r, unicode.L, unicode.Nd); known && got != want {
			t.Errorf("%U: got %v, want %v as in Unicode %s", r, got, want, unicode.Version)
		}
	}
	// Counted in Node with ICU 78 by /[\p{L}\p{Nd}]/u.
	if want := 146_442; ours != want {
		t.Errorf("table has %d code points, want %d", ours, want)
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range []string{"", "a b", "नमस्ते", "\xff\xfe", "👨‍👩‍👧", "한국어\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Of(s)
		if int(got.Bytes) != len(s) || int(got.Chars) != len([]rune(s)) {
			t.Errorf("Of(%q) = %+v", s, got)
		}
		if got.Graphemes > got.Chars || got.Words > got.Chars || (len(s) > 0) != (got.Graphemes > 0) {
			t.Errorf("Of(%q) = %+v: want graphemes and words ≤ chars", s, got)
		}
		if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(letterOrDigit, r) }) && got.Words != 0 {
			t.Errorf("Of(%q) = %+v: want no words", s, got)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	text := strings.Repeat("The price is 3.50. 価格は三百円です。ราคา नमस्ते\n", 100)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if Of(text).Words == 0 {
			b.Fatal("no words")
		}
	}
}

func TestWords(t *testing.T) {
	type word struct {
		text  string
		blank bool
	}
	for text, want := range map[string][]word{
		"Hello, big world": {{"Hello", false}, {"big", true}, {"world", true}},
		"a  b\tc":          {{"a", false}, {"b", true}, {"c", false}},
		"(x) 가나 다":         {{"x", false}, {"가나", true}, {"다", true}},
		"日本 3.5":           {{"日", false}, {"本", false}, {"3.5", true}},
		"… !":              nil,
		"":                 nil,
	} {
		var got []word
		for w, blank := range Words(text) {
			got = append(got, word{w, blank})
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if n := Of(text).Words; int(n) != len(want) {
			t.Errorf("%q: %d words in its size, want %d", text, n, len(want))
		}
	}
	for range Words("a b c") {
		break
	}
}
