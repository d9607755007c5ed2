package lint

import (
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/babelmeter/babelmeter/corpora"
)

func (k *check) empty() {
	for i, s := range k.segs {
		if !strings.ContainsFunc(s.Text, func(r rune) bool {
			return r == utf8.RuneError || unicode.IsGraphic(r) && !unicode.IsSpace(r)
		}) {
			k.add(i, 0, "no visible character")
		}
	}
}

// duplicate: in the base language every text that stands twice, in the others
// only where the base language's texts differ.
func (k *check) duplicate() {
	first := make(map[string]int, len(k.segs))
	for i, s := range k.segs {
		text := strings.TrimSpace(s.Text)
		if text == "" {
			continue
		}
		j, dup := first[text]
		if !dup {
			first[text] = i
			continue
		}
		if k.isBase || strings.TrimSpace(k.base[i].Text) != strings.TrimSpace(k.base[j].Text) {
			k.add(i, 0, "same text as %s", k.segs[j].Key)
		}
	}
}

// A length is an outlier if the logarithm of its ratio to the base language's
// is far from the median of the domain: by more than lengthMADs standard
// deviations, as the median absolute deviation estimates them, and by more
// than a factor of lengthFactor. Both lengths are in code points and get
// lengthPad added, so that a word more in a title of three is none. A domain
// of fewer than lengthMin segments is judged with all others of the language.
const (
	lengthMADs   = 5
	lengthFactor = 1.8
	lengthPad    = 10
	lengthMin    = 20
	madToSigma   = 1.4826 // of a normal distribution
)

func (k *check) length() {
	if k.isBase {
		return
	}
	ratios := make([]float64, len(k.segs))
	byDomain := make(map[string][]float64)
	for i, s := range k.segs {
		ratios[i] = math.Log(float64(utf8.RuneCountInString(s.Text)+lengthPad) / float64(utf8.RuneCountInString(k.base[i].Text)+lengthPad))
		byDomain[s.Domain] = append(byDomain[s.Domain], ratios[i])
	}
	type robust struct{ median, sigma float64 }
	of := func(r []float64) robust {
		m := median(r)
		d := make([]float64, len(r))
		for i, x := range r {
			d[i] = math.Abs(x - m)
		}
		return robust{m, madToSigma * median(d)}
	}
	all := of(ratios)
	known := make(map[string]robust, len(byDomain))
	for d, r := range byDomain {
		if known[d] = all; len(r) >= lengthMin {
			known[d] = of(r)
		}
	}
	if len(ratios) < lengthMin {
		return // too few to say what is usual
	}
	for i, s := range k.segs {
		if strings.TrimSpace(s.Text) == "" {
			continue // another rule's
		}
		d := known[s.Domain]
		off := ratios[i] - d.median
		if math.Abs(off) > math.Log(lengthFactor) && math.Abs(off) > lengthMADs*d.sigma {
			way := "longer"
			if off < 0 {
				way = "shorter"
			}
			k.add(i, 0, "%.1f times %s than its length in %s makes likely: %d characters, there %d", math.Exp(math.Abs(off)), way,
				k.baseLang, utf8.RuneCountInString(s.Text), utf8.RuneCountInString(k.base[i].Text))
		}
	}
}

// median of a slice that is not empty.
func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}

// A window of shiftWindow segments is shifted if the lengths go with those of
// the base language's neighbours (correlation of logarithms at least shiftHigh)
// and not with their own (at most shiftLow).
const (
	shiftWindow = 30
	shiftHigh   = 0.6
	shiftLow    = 0.3
	shiftMax    = 2 // segments
)

func (k *check) shift() {
	if k.isBase || len(k.segs) < shiftWindow+shiftMax {
		return
	}
	size := func(segs []corpora.Segment) []float64 {
		x := make([]float64, len(segs))
		for i, s := range segs {
			x[i] = math.Log(float64(utf8.RuneCountInString(s.Text) + lengthPad))
		}
		return x
	}
	own, base := size(k.segs), size(k.base)
	for start := 0; start+shiftWindow <= len(own); start += shiftWindow / 2 {
		w := own[start : start+shiftWindow]
		if correlation(w, base[start:start+shiftWindow]) > shiftLow {
			continue
		}
		for by := -shiftMax; by <= shiftMax; by++ {
			if from := start + by; by != 0 && from >= 0 && from+shiftWindow <= len(base) && correlation(w, base[from:from+shiftWindow]) >= shiftHigh {
				k.add(start, 0, "from here on the lengths are those of %s by %+d segments", k.baseLang, by)
				return // what follows has the same cause
			}
		}
	}
}

// correlation is Pearson's, 0 if one side does not vary.
func correlation(x, y []float64) float64 {
	var mx, my float64
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(y))
	}
	var xx, yy, xy float64
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
		xy += (x[i] - mx) * (y[i] - my)
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// What stays as it is in every language: addresses, code, placeholders, mark-up
// and words that are names of something in a program.
var stays = regexp.MustCompile("(?s)`[^`]*`|https?://\\S+|\\S+@\\S+|<[^<>]*>|\\$?\\{[^{}]*\\}|%[\\w()$.]+|(?:^|\\s)--?\\w[\\w-]*|\\S*[_/\\\\=:.]\\w\\S*|\\b\\w*\\d\\w*\\b")

// words returns the words in Latin script that a translator would translate,
// in lower case.
func words(text string) []string {
	var w []string
	for _, f := range strings.FieldsFunc(stays.ReplaceAllString(text, " "), func(r rune) bool {
		return !unicode.Is(unicode.Latin, r) && !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’'
	}) {
		if utf8.RuneCountInString(f) > 1 {
			w = append(w, strings.ToLower(f))
		}
	}
	return w
}

const (
	sameWords = 4 // a text as in the base language with so many words is untranslated
	runWords  = 7 // and so is a part of one
)

func (k *check) untranslated() {
	if k.isBase {
		return
	}
	if chinese(k.tag) != "" && chinese(language.Make(string(k.baseLang))) != "" {
		return // the other script; short texts are the same in both
	}
	for i, s := range k.segs {
		base := k.base[i].Text
		if s.Text == base {
			letters := 0
			for _, r := range stays.ReplaceAllString(base, " ") {
				if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
					letters++
				}
			}
			if n := len(words(base)); n >= sameWords || letters >= 3*sameWords {
				k.add(i, 0, "the same text as in %s", k.baseLang)
			}
			continue
		}
		in := make(map[string]bool)
		for run := range windows(base) {
			in[run] = true
		}
		if len(in) == 0 {
			continue
		}
		for run := range windows(s.Text) {
			if in[run] {
				first, _, _ := strings.Cut(run, " ")
				at := max(0, strings.Index(strings.ToLower(s.Text), first))
				k.add(i, min(at, len(s.Text)), "%d words as in %s: %s", runWords, k.baseLang, run)
				break
			}
		}
	}
}

// windows yields every run of runWords words, joined by blanks, that no sign
// of code, comma or line end interrupts: lists of names and statements of a
// query stay as they are.
func windows(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\n,;:\"{}[]()=<>|*`", r) }) {
			for w := words(part); len(w) >= runWords; w = w[1:] {
				if !yield(strings.Join(w[:runWords], " ")) {
					return
				}
			}
		}
	}
}

// scriptsOf are the scripts of ISO 15924 that a text in one consists of, by
// the names of package unicode. Han in Korean is not among them: a few
// characters beside Hangul are usual, a text of them is not Korean.
var scriptsOf = map[string][]*unicode.RangeTable{
	"Arab": {unicode.Arabic}, "Armn": {unicode.Armenian}, "Beng": {unicode.Bengali}, "Cyrl": {unicode.Cyrillic}, "Deva": {unicode.Devanagari},
	"Ethi": {unicode.Ethiopic}, "Geor": {unicode.Georgian}, "Grek": {unicode.Greek}, "Gujr": {unicode.Gujarati}, "Guru": {unicode.Gurmukhi},
	"Hans": {unicode.Han}, "Hant": {unicode.Han, unicode.Bopomofo}, "Hebr": {unicode.Hebrew}, "Jpan": {unicode.Han, unicode.Hiragana, unicode.Katakana},
	"Khmr": {unicode.Khmer}, "Knda": {unicode.Kannada}, "Kore": {unicode.Hangul}, "Laoo": {unicode.Lao}, "Latn": {unicode.Latin},
	"Mlym": {unicode.Malayalam}, "Mong": {unicode.Mongolian}, "Mymr": {unicode.Myanmar}, "Orya": {unicode.Oriya}, "Sinh": {unicode.Sinhala},
	"Taml": {unicode.Tamil}, "Telu": {unicode.Telugu}, "Thai": {unicode.Thai}, "Tibt": {unicode.Tibetan},
}

// A text may quote another script: up to scriptOthers of its letters. Latin is
// everywhere and is judged by its words alone.
const (
	scriptOthers = 0.2
	kanaMin      = 40 // Han characters of a Japanese text without kana
)

func (k *check) script() {
	s, _ := k.tag.Script()
	name := s.String()
	own := scriptsOf[name]
	if own == nil {
		return
	}
	for i, seg := range k.segs {
		var mine, latin, other, han, kana int
		at := -1
		for j, r := range seg.Text {
			if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
				continue
			}
			switch {
			case unicode.In(r, own...):
				mine++
				if unicode.Is(unicode.Han, r) {
					han++
				} else {
					kana++
				}
			case unicode.Is(unicode.Latin, r):
				latin++
			default:
				if other++; at < 0 {
					at = j
				}
			}
		}
		all := mine + latin + other
		switch {
		case other > 1 && float64(other) > scriptOthers*float64(all):
			k.add(i, at, "%d of %d letters are neither in the script of %s (%s) nor Latin", other, all, k.lang, name)
		case mine == 0 && name != "Latn" && k.newWords(i) >= sameWords:
			k.add(i, 0, "no letter in the script of %s (%s)", k.lang, name)
		case name == "Jpan" && kana == 0 && han >= kanaMin:
			k.add(i, 0, "%d Han characters without kana: is it Japanese?", han)
		}
	}
}

// newWords is how many words of segment i are not the base language's: code is
// in both, and so is a text left as it was, which has a rule of its own.
func (k *check) newWords(i int) (n int) {
	in := make(map[string]bool)
	for _, w := range words(k.base[i].Text) {
		in[w] = true
	}
	for _, w := range words(k.segs[i].Text) {
		if k.isBase || !in[w] {
			n++
		}
	}
	return n
}
