package ucd

import (
	"fmt"
	"strings"
)

// unions are the categories that are several, under both their names.
var unions = map[string][]Category{
	"c": {Cn, Cc, Cf, Cs, Co}, "other": {Cn, Cc, Cf, Cs, Co},
	"l": {Lu, Ll, Lt, Lm, Lo}, "letter": {Lu, Ll, Lt, Lm, Lo},
	"lc": {Lu, Ll, Lt}, "l&": {Lu, Ll, Lt}, "casedletter": {Lu, Ll, Lt},
	"m": {Mn, Mc, Me}, "mark": {Mn, Mc, Me}, "combiningmark": {Mn, Mc, Me},
	"n": {Nd, Nl, No}, "number": {Nd, Nl, No},
	"p": {Pc, Pd, Ps, Pe, Pi, Pf, Po}, "punctuation": {Pc, Pd, Ps, Pe, Pi, Pf, Po},
	"punct": {Pc, Pd, Ps, Pe, Pi, Pf, Po},
	"s":     {Sm, Sc, Sk, So}, "symbol": {Sm, Sc, Sk, So},
	"z": {Zs, Zl, Zp}, "separator": {Zs, Zl, Zp},
	"digit": {Nd}, "cntrl": {Cc},
}

// shortProperties are the short names of binary properties (PropertyAliases).
var shortProperties = map[string]string{
	"alpha": "alphabetic", "wspace": "whitespace", "space": "whitespace", "upper": "uppercase",
	"lower": "lowercase", "joinc": "joincontrol", "ci": "caseignorable", "ideo": "ideographic",
	"uideo": "unifiedideograph", "di": "defaultignorablecodepoint", "nchar": "noncharactercodepoint",
	"hex": "hexdigit", "epres": "emojipresentation", "extpict": "extendedpictographic",
}

// loose folds a property name as UAX #44 has it (LM3): case, spaces,
// underscores and hyphens do not count.
func loose(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(name))
}

// Class returns the set that \p{name} stands for in a regular expression: a
// general category ("L", "Lu", "Letter", "gc=Nd"), a script ("Han", "Hani",
// "Script=Han", "sc=Han"), a binary property ("Alphabetic", "White_Space",
// "Uppercase", "Lowercase", "Join_Control", …), "Any", "Assigned" or "ASCII".
// A leading ^ negates. Names are compared loosely, as UAX #44 has it, and
// mean what Unicode says: POSIX names that engines define in their own ways
// are not known here, except those that Unicode lists ("punct", "digit").
func (t *Tables) Class(name string) (Set, error) {
	rest, negate := strings.CutPrefix(strings.TrimSpace(name), "^")
	s, ok := t.class(rest)
	if !ok {
		return Set{}, fmt.Errorf("ucd: no property, category or script named %q in Unicode %s", name, t.Version())
	}
	if negate {
		s = s.Negate()
	}
	return s, nil
}

func (t *Tables) class(name string) (Set, bool) {
	if i := strings.IndexAny(name, "=:"); i >= 0 {
		value := loose(name[i+1:])
		switch loose(name[:i]) {
		case "gc", "generalcategory", "category":
			return t.category(value)
		case "sc", "script":
			return t.script(value)
		}
		return Set{}, false
	}
	name = loose(name)
	switch name {
	case "any":
		return Set{}.Negate(), true
	case "ascii":
		return NewSet(Range{0, 0x7F}), true
	case "assigned":
		return t.Categories(Cn).Negate(), true
	}
	if s, ok := t.category(name); ok {
		return s, true
	}
	if s, ok := t.property(name); ok {
		return s, true
	}
	return t.script(name)
}

func (t *Tables) category(name string) (Set, bool) {
	if list, ok := unions[name]; ok {
		return t.Categories(list...), true
	}
	for i, n := range categoryNames {
		if name == loose(n.short) || name == loose(n.long) {
			return t.Categories(Category(i)), true
		}
	}
	return Set{}, false
}

func (t *Tables) property(name string) (Set, bool) {
	if long, ok := shortProperties[name]; ok {
		name = long
	}
	for i, n := range t.src.properties {
		if name == loose(n) {
			return bits(t.src.property[i][t.index]), true
		}
	}
	return Set{}, false
}

func (t *Tables) script(name string) (Set, bool) {
	switch name { // the older short names
	case "qaac":
		name = "coptic"
	case "qaai":
		name = "inherited"
	}
	for i, n := range t.src.scripts {
		if name != loose(n.long) && name != loose(n.short) {
			continue
		}
		var s Set
		runs(t.src.script[t.index], func(lo, hi rune, v byte) {
			if v == byte(i) {
				s.r = append(s.r, Range{lo, hi})
			}
		})
		// A script that came later is no error in an older version's list of
		// names, but it is none of its scripts either.
		return s, len(s.r) > 0
	}
	return Set{}, false
}

// Categories returns the code points of any of the given categories.
func (t *Tables) Categories(list ...Category) Set {
	var wanted [256]bool
	for _, c := range list {
		wanted[c] = true
	}
	var r []Range
	runs(t.src.category[t.index], func(lo, hi rune, v byte) {
		if wanted[v] {
			r = append(r, Range{lo, hi})
		}
	})
	return Set{join(r)}
}

func (t *Tables) must(property string) Set {
	s, _ := t.property(loose(property))
	return s
}

// Space returns \s of a Unicode regular expression: White_Space.
func (t *Tables) Space() Set { return t.must("White_Space") }

// Digit returns \d of a Unicode regular expression: category Nd.
func (t *Tables) Digit() Set { return t.Categories(Nd) }

// Word returns \w as UTS #18 and Rust's regex crate define it: Alphabetic,
// marks, decimal numbers, connector punctuation and the join controls.
func (t *Tables) Word() Set {
	return t.must("Alphabetic").Union(t.Categories(Mn, Mc, Me, Nd, Pc)).Union(t.must("Join_Control"))
}

// WordOniguruma returns \w as Oniguruma defines it within brackets, [\w]:
// like [Tables.Word], without the join controls.
func (t *Tables) WordOniguruma() Set {
	return t.must("Alphabetic").Union(t.Categories(Mn, Mc, Me, Nd, Pc))
}

// WordOnigurumaAlone returns \w as Oniguruma matches it outside brackets
// (\W is the rest, \b goes by it): a table of its own for Latin-1 adds
// ² ³ ¹ ¼ ½ ¾. scripts/unicode/references.py shows it.
func (t *Tables) WordOnigurumaAlone() Set {
	return t.WordOniguruma().Union(NewSet(Range{0xB2, 0xB3}, Range{0xB9, 0xB9}, Range{0xBC, 0xBE}))
}
