package lint

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

func (k *check) bom() { k.runes("byte order mark ", func(r rune) bool { return r == '\ufeff' }) }

func (k *check) cr() { k.runes("carriage return ", func(r rune) bool { return r == '\r' }) }

func (k *check) control() {
	k.runes("control character ", func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r == '\u2028' || r == '\u2029'
	})
}

func (k *check) replacement() {
	for i, s := range k.segs {
		first, n := -1, 0
		var which string
		for at, r := range s.Text {
			_, size := utf8.DecodeRuneInString(s.Text[at:])
			what := ""
			switch {
			case r == utf8.RuneError && size == 1:
				what = "a byte that is not UTF-8"
			case r == utf8.RuneError:
				what = "replacement character <U+FFFD>"
			case unicode.Is(unicode.Co, r):
				what = "private character " + visible(r)
			case unicode.Is(unicode.Noncharacter_Code_Point, r):
				what = "noncharacter " + visible(r)
			default:
				continue
			}
			if n++; first < 0 {
				first, which = at, what
			}
		}
		if n > 0 {
			k.add(i, first, "%s%s", which, times(n))
		}
	}
}

func (k *check) nfc() {
	for i, s := range k.segs {
		if norm.NFC.IsNormalString(s.Text) {
			continue
		}
		// Up to where the text is its own normal form.
		c := norm.NFC.String(s.Text)
		at := 0
		for at < len(c) && at < len(s.Text) && c[at] == s.Text[at] {
			at++
		}
		for at > 0 && (at == len(s.Text) || !runeStart(s.Text[at])) {
			at--
		}
		k.add(i, at, "not in normal form C; it would have %d characters instead of %d", utf8.RuneCountInString(c), utf8.RuneCountInString(s.Text))
	}
}

func (k *check) width() {
	k.runes("half- or full-width ", func(r rune) bool {
		switch {
		case '\uff10' <= r && r <= '\uff19', '\uff21' <= r && r <= '\uff3a', '\uff41' <= r && r <= '\uff5a': // ０-９ Ａ-Ｚ ａ-ｚ
			return true
		case '\uff61' <= r && r <= '\uff9f', '\uffa0' <= r && r <= '\uffdc': // katakana, hangul
			return true
		}
		return false
	})
}

// edge is white space but the CR, which has a rule of its own.
const edge = " \t\n\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

func (k *check) space() {
	lang, _ := k.tag.Base()
	wide := slices.Contains([]string{"zh", "ja", "ko", "yue"}, lang.String())
	noBreak := lang.String() == "fr" // before ; : ! ? » and after «
	for i, s := range k.segs {
		t := s.Text
		if strings.Trim(t, edge) == "" {
			continue // another rule's
		}
		if trimmed := strings.TrimLeft(t, edge); len(trimmed) < len(t) {
			k.add(i, 0, "begins with white space")
			continue
		}
		if trimmed := strings.TrimRight(t, edge); len(trimmed) < len(t) {
			k.add(i, len(trimmed), "ends with white space")
			continue
		}
		at := 0
	lines:
		for line := range strings.SplitAfterSeq(t, "\n") {
			body := strings.TrimSuffix(line, "\n")
			if end := strings.TrimRight(body, edge); len(end) < len(body) {
				k.add(i, at+len(end), "a line ends with white space")
				break
			}
			start := len(body) - len(strings.TrimLeft(body, " \t")) // indented code
			if j := strings.Index(body[start:], "  "); j >= 0 && !code(body) {
				k.add(i, at+start+j, "two spaces one after the other")
				break
			}
			for j, r := range body {
				if r == ' ' || r == '\t' || !unicode.Is(unicode.Zs, r) || r == '\u3000' && wide || noBreak && (r == '\u00a0' || r == '\u202f') {
					continue
				}
				k.add(i, at+j, "space of another kind %s", visible(r))
				break lines
			}
			at += len(line)
		}
	}
}

// code reports whether a line looks like a program's or a terminal's, where
// columns are lined up by spaces.
func code(line string) bool {
	letters, wide := 0, 0
	for _, r := range line {
		if unicode.IsLetter(r) {
			letters++
			if r > 0x024f {
				wide++
			}
		}
	}
	return strings.ContainsAny(line, "=|#{}<>`\\") || strings.Contains(line, "//") || wide*2 < letters && letters*2 < len(line)
}

// joining are the scripts whose spelling needs ZWJ and ZWNJ.
var joining = []string{"Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Mymr", "Khmr", "Arab", "Mong", "Laoo", "Tibt"}

func (k *check) invisible() {
	script, _ := k.tag.Script()
	joins := slices.Contains(joining, script.String())
	rtl := slices.Contains([]string{"Arab", "Hebr"}, script.String())
	for i, s := range k.segs {
		first, n := -1, 0
		var which rune
		var prev rune
		for at, r := range s.Text {
			before := prev
			prev = r
			switch {
			case r == '\u200d' && (joins || emoji(before)), r == '\u200c' && joins:
				continue // part of the spelling, or of an emoji sequence
			case (r == '\u200e' || r == '\u200f') && rtl:
				continue
			case r == '\ufe0e' || r == '\ufe0f':
				if emoji(before) || '0' <= before && before <= '9' || before == '#' || before == '*' {
					continue // how an emoji is shown
				}
			case 0xe0000 <= r && r <= 0xe007f && emoji(before) || 0xe0020 <= r && r <= 0xe007f && 0xe0020 <= before && before <= 0xe007f:
				continue // the flag of a region
			case r == '\ufeff': // another rule's
				continue
			case !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Variation_Selector, r) && r != '\u115f' && r != '\u1160' && r != '\u3164':
				continue
			case '\u0600' <= r && r <= '\u0605' || r == '\u06dd' || r == '\u070f' || '\u0890' <= r && r <= '\u0891' || r == '\u08e2' || r == 0x110bd || r == 0x110cd:
				continue // signs that are seen
			case '\u180b' <= r && r <= '\u180f' && script.String() == "Mong":
				continue
			}
			if n++; first < 0 {
				first, which = at, r
			}
		}
		if n > 0 {
			k.add(i, first, "invisible character %s%s", visible(which), times(n))
		}
	}
}

// emoji reports whether a joiner or variation selector may stand behind r: a
// pictograph, its skin tone or its own variation selector.
func emoji(r rune) bool {
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || unicode.Is(unicode.Sm, r) || r == '\ufe0f' || r == '\u203c' || r == '\u2049'
}

// A field that a CSV writer quoted: `"He said ""no""."`.
var csvField = regexp.MustCompile(`(?s)\A".*""[^"].*"\z|\A"[^"]*""[^"]+"`)

func (k *check) quotes() {
	for i, s := range k.segs {
		if at := csvField.FindStringIndex(s.Text); at != nil && !strings.Contains(k.base[i].Text, `""`) {
			k.add(i, at[0], "the text is quoted as a field of CSV")
			continue
		}
		// In the base language the doubled quote is code.
		if at := strings.Index(s.Text, `""`); at >= 0 && !k.isBase && !strings.Contains(k.base[i].Text, `""`) {
			k.add(i, at, "a quote doubled")
		}
	}
}

// sides of Chinese writing.
const (
	hans = "Hans"
	hant = "Hant"
)

// chinese returns which Chinese script a tag says or implies by its region, or
// "" for other languages and for a bare "zh", which may be either.
func chinese(tag language.Tag) string {
	base, script, region := tag.Raw()
	switch {
	case base.String() != "zh" && base.String() != "yue":
		return ""
	case script.String() == hans || script.String() == hant:
		return script.String()
	case base.String() == "zh" && region.String() == "ZZ":
		return ""
	}
	s, _ := tag.Script()
	return s.String()
}

func (k *check) variant() {
	base, _ := k.tag.Base()
	alien, what := "", ""
	switch {
	case chinese(k.tag) == hans:
		alien, what = traditionalOnly, "traditional character "
	case chinese(k.tag) == hant:
		alien, what = simplifiedOnly, "simplified character "
	case base.String() == "ja":
		alien, what = notJapanese, "simplified character, not in the Japanese standards: "
	default:
		return
	}
	set := make(map[rune]bool, utf8.RuneCountInString(alien))
	for _, r := range alien {
		set[r] = true
	}
	k.runes(what, func(r rune) bool { return set[r] })
}
