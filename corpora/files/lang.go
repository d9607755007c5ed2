package files

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/babelmeter/babelmeter/corpora"
)

// iso3 maps codes of ISO 639-3, which FLORES, NTREX and UDHR use for one
// member of a macrolanguage, to the language that BCP 47 tags write for it.
// The list is that of the members which CLDR's supplemental aliases replace by
// their macrolanguage (cmn to zh, arb to ar), read in CLDR 32, and tgl, which
// FLORES+ renamed to fil.
var iso3 = map[string]string{
	"cmn": "zh", "arb": "ar", "zsm": "ms", "swh": "sw", "lvs": "lv", "ekk": "et", "khk": "mn", "npi": "ne",
	"ory": "or", "pes": "fa", "azj": "az", "uzn": "uz", "als": "sq", "gaz": "om", "plt": "mg", "ydd": "yi",
	"pbt": "ps", "ayr": "ay", "quy": "qu", "knc": "kr", "fuv": "ff", "kmr": "ku", "dik": "din", "gom": "kok",
	"nob": "no", "tgl": "fil", "tl": "fil", "twi": "tw", "aka": "ak",
	// ISO 639-3 merged South Levantine Arabic into apc in 2023; FLORES has both.
	"ajp": "apc-JO",
}

// swiss are the codes of NTREX-128 for the German of Bern and Zurich, which
// BCP 47 would read as that of Belgium, and not at all.
var swiss = map[string]corpora.Lang{"gsw-BE": "gsw-x-be", "gsw-ZH": "gsw-x-zh"}

// glottocode is what FLORES+ puts behind a code that it has twice.
var glottocode = regexp.MustCompile(`^([a-z]{3}_[A-Z][a-z]{3})_([a-z]{4}[0-9]{4})$`)

// Lang maps a code that a corpus has for a language to the tag of the house:
// eng_Latn and en-US to en, cmn_Hans, zho_Hans, zho-CN, zh_CN and zh-SG to
// zh-Hans, zho_Hant, zh-TW and zh-HK to zh-Hant, JA-JP to ja. A script or a
// region is left out where it is the one that the language has without it by
// CLDR's likely subtags; en-GB, pt-PT, arb_Latn (ar-Latn) keep theirs. zh
// alone stays zh: nothing says which script it is. A glottocode of FLORES+ is
// kept as private use.
func Lang(code string) (corpora.Lang, error) {
	if lang, ok := swiss[code]; ok {
		return lang, nil
	}
	if m := glottocode.FindStringSubmatch(code); m != nil {
		lang, err := Lang(m[1])
		if err != nil {
			return "", err
		}
		return lang + "-x-" + corpora.Lang(m[2]), nil
	}
	norm := strings.ReplaceAll(code, "_", "-")
	head, rest, more := strings.Cut(norm, "-")
	if to, ok := iso3[strings.ToLower(head)]; ok {
		head = to
		if lang, region, ok := strings.Cut(to, "-"); ok {
			head, rest, more = lang, strings.TrimPrefix(rest+"-"+region, "-"), true
		}
		norm = head
		if more {
			norm += "-" + rest
		}
	}
	parsed, err := corpora.ParseLang(norm)
	if err != nil {
		return "", fmt.Errorf("%q is no code of a language that is known here (such as ja, jpn, jpn_Jpan, ja-JP)", code)
	}
	tag := language.MustParse(string(parsed))
	base, script, region := tag.Raw()
	keep := []string{base.String()}
	if base.String() == "no" || base.String() == "nb" {
		base = language.MustParseBase("no")
		keep[0] = "no"
	}
	if keep[0] == "zh" {
		switch {
		case script.String() == "Hans", script.String() == "Hant":
			keep = append(keep, script.String())
		case script.String() != "Zzzz":
			return parsed, nil
		case slices.Contains([]string{"CN", "SG", "MY"}, region.String()):
			keep = append(keep, "Hans")
		case slices.Contains([]string{"TW", "HK", "MO"}, region.String()):
			keep = append(keep, "Hant")
		case region.String() != "ZZ":
			return parsed, nil
		}
		region = language.Region{}
	} else if script.String() != "Zzzz" {
		plain, _ := language.Raw.Compose(base)
		if likely, conf := plain.Script(); (conf == language.No || likely != script) && !(keep[0] == "ko" && script.String() == "Hang") {
			keep = append(keep, script.String())
		}
	}
	if region != (language.Region{}) && region.String() != "ZZ" {
		var plain language.Tag
		if len(keep) > 1 {
			plain, _ = language.Raw.Compose(base, script)
		} else {
			plain, _ = language.Raw.Compose(base)
		}
		if likely, conf := plain.Region(); conf == language.No || likely != region {
			keep = append(keep, region.String())
		}
	}
	for _, v := range tag.Variants() {
		keep = append(keep, v.String())
	}
	if len(tag.Extensions()) > 0 {
		return parsed, nil
	}
	return corpora.Lang(strings.Join(keep, "-")), nil
}

// houseOrder sorts languages as the headline does: English, then Chinese,
// Japanese, Korean, then the rest by tag. It does not depend on the order in
// which files name them, so that one corpus is the same in every format.
func houseOrder(langs []corpora.Lang) {
	first := []corpora.Lang{"en", "zh-Hans", "zh-Hant", "ja", "ko"}
	rank := func(l corpora.Lang) int {
		if i := slices.Index(first, l); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortFunc(langs, func(a, b corpora.Lang) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
}
