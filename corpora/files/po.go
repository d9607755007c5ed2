package files

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/corpora"
)

var errNoID = errors.New("the unit has no id")

// entry is one of a PO file.
type entry struct {
	line     int
	ctx, id  string
	plural   string
	str      []string
	ref      string // the file of the first reference
	fuzzy    bool
	hasCtx   bool
	hasID    bool
	obsolete bool
}

// key is what makes an entry the same in another language.
func (e *entry) key() string {
	if e.hasCtx {
		return e.ctx + "\x04" + e.id
	}
	return e.id
}

// readPO reads a PO file entry by entry. Own code rather than a library: those
// that there are hold a file whole, and either hide which entries are fuzzy or
// do not say in which line an error is.
func readPO(in *input, yield func(*entry) error) error {
	l := newLines(in)
	e := &entry{}
	var last *string // what a line that is a string alone goes on
	var long []byte  // its text until then
	size := 0
	// finish puts the parts of a string together, once.
	finish := func() {
		if last != nil {
			*last = string(long)
		}
		last, long = nil, long[:0]
	}
	flush := func() error {
		finish()
		if e.hasID && !e.obsolete {
			if len(e.str) == 0 {
				return errorAt(l.name, e.line, errors.New("msgid without msgstr"))
			}
			if err := yield(e); err != nil {
				return err
			}
		}
		e, size = &entry{}, 0
		return nil
	}
	for {
		s, err := l.next()
		if err == io.EOF {
			return flush()
		}
		if err != nil {
			return err
		}
		s = strings.TrimSpace(s)
		fail := func(format string, args ...any) error { return errorAt(l.name, l.no, fmt.Errorf(format, args...)) }
		switch {
		case s == "":
			if err := flush(); err != nil {
				return err
			}
			continue
		case strings.HasPrefix(s, "#"):
			if len(e.str) > 0 { // a comment begins the next entry
				if err := flush(); err != nil {
					return err
				}
			}
			switch {
			case strings.HasPrefix(s, "#~"):
				e.obsolete = true
			case strings.HasPrefix(s, "#,"):
				for flag := range strings.SplitSeq(s[2:], ",") {
					e.fuzzy = e.fuzzy || strings.TrimSpace(flag) == "fuzzy"
				}
			case strings.HasPrefix(s, "#:") && e.ref == "":
				if refs := strings.Fields(s[2:]); len(refs) > 0 {
					e.ref = refs[0]
					if i := strings.LastIndexByte(e.ref, ':'); i > 0 {
						e.ref = e.ref[:i]
					}
				}
			}
			continue
		}
		word, quoted, _ := strings.Cut(s, " ")
		if s[0] == '"' {
			if last == nil {
				return fail("a string that belongs to nothing")
			}
			quoted = s
		} else {
			if len(e.str) > 0 && (word == "msgid" || word == "msgctxt") {
				if err := flush(); err != nil {
					return err
				}
			}
			finish()
			switch {
			case word == "msgctxt":
				if e.hasCtx || e.hasID {
					return fail("msgctxt in the middle of an entry")
				}
				last, e.hasCtx = &e.ctx, true
			case word == "msgid":
				if e.hasID {
					return fail("msgid twice in an entry")
				}
				last, e.hasID, e.line = &e.id, true, l.no
			case word == "msgid_plural" && e.hasID && len(e.str) == 0:
				last = &e.plural
			case word == "msgstr" && e.hasID && len(e.str) == 0, word == "msgstr["+strconv.Itoa(len(e.str))+"]" && e.hasID:
				e.str = append(e.str, "")
				last = &e.str[len(e.str)-1]
			default:
				return fail("%q: expected msgctxt, msgid, msgid_plural, msgstr, a string or a comment", clip(s))
			}
		}
		text, err := unquote(strings.TrimSpace(quoted))
		if err != nil {
			return fail("%w", err)
		}
		if size += len(text); size > MaxSegment {
			return fail("%w", errTooLong)
		}
		long = append(long, text...)
	}
}

// unquote reads a string as C writes it.
func unquote(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", errors.New("expected a string in double quotes")
	}
	s = s[1 : len(s)-1]
	if !strings.ContainsAny(s, `\"`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '"' {
			return "", errors.New("a double quote within a string; write \\\"")
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		if i++; i == len(s) {
			return "", errors.New("a backslash at the end of a string")
		}
		switch c := s[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'a':
			b.WriteByte('\a')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'v':
			b.WriteByte('\v')
		case '\\', '"', '\'', '?':
			b.WriteByte(c)
		case 'x', '0', '1', '2', '3', '4', '5', '6', '7':
			base, digits, j := 8, 3, i
			if c == 'x' {
				base, digits, j = 16, 2, i+1
			}
			end := j
			for end < len(s) && end-j < digits && strings.IndexByte("0123456789abcdef", s[end]|0x20) >= 0 && (base == 16 || s[end] < '8') {
				end++
			}
			n, err := strconv.ParseUint(s[j:end], base, 8)
			if err != nil {
				return "", fmt.Errorf(`\%c: expected the digits of a byte`, c)
			}
			b.WriteByte(byte(n))
			i = end - 1
		default:
			return "", fmt.Errorf(`\%c is no escape of a PO string`, c)
		}
	}
	if !utf8.ValidString(b.String()) {
		return "", errors.New("the escapes of the string make no UTF-8")
	}
	return b.String(), nil
}

// po reads the PO files of several languages; the msgid is the text in
// Options.Source. An entry is the same in two files if its msgctxt and msgid
// are. Of entries with a plural, the last form counts, and msgid_plural for
// the source. Documents are the files that the first references name; domains
// those of gettext, the files' names, where they lie in folders by language.
func (l *loader) po(files []langFile) error {
	type id struct{ domain, key string }
	keys := make(map[id]string)
	count := make(map[string]int) // of the entries of a document
	for n, f := range files {
		in, err := l.open(f.path, f.lang)
		if err != nil {
			return err
		}
		var fuzzy, empty, strange int
		seen := make(map[id]int)
		err = readPO(in, func(e *entry) error {
			if e.id == "" && !e.hasCtx {
				return l.poHeader(f, e)
			}
			k := id{f.domain, e.key()}
			if at, twice := seen[k]; twice {
				return errorAt(f.path, e.line, fmt.Errorf("the entry stands on line %d already", at))
			}
			seen[k] = e.line
			key, known := keys[k]
			if !known {
				of := cmp.Or(e.ref, f.domain)
				count[of]++
				key = strconv.Itoa(count[of])
				if of != "" {
					key = of + "." + key
				}
				keys[k] = key
				l.table.bytes += int64(len(k.key)+len(key)) + overhead
			}
			target := e.str[len(e.str)-1]
			switch {
			case e.fuzzy:
				fuzzy++
				return nil
			case strings.TrimSpace(target) == "":
				empty++
				return nil
			}
			source := e.id
			if e.plural != "" {
				source = e.plural
			}
			if !known && n > 0 {
				strange++
			}
			doc := e.ref
			if known {
				doc = "" // that of the first file: references move
			}
			return l.table.add(unit{key: key, doc: doc, domain: f.domain, file: f.path, line: e.line,
				texts: []text{{l.o.Source, source}, {f.lang, target}}})
		})
		in.Close()
		if err != nil {
			return err
		}
		if fuzzy+empty > 0 {
			l.note("%s: %d fuzzy and %d untranslated entries left out", f.path, fuzzy, empty)
		}
		if strange > 0 {
			l.note("%s: %d entries are in no file before it", f.path, strange)
		}
	}
	return nil
}

// poHeader holds the language of the header to that of the file's name.
func (l *loader) poHeader(f langFile, e *entry) error {
	for line := range strings.Lines(e.str[0]) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if value = strings.TrimSpace(value); name != "Language" || value == "" {
			continue
		}
		if lang, err := l.lang(value); err == nil && lang != f.lang && !sameBase(lang, f.lang) {
			return errorAt(f.path, e.line, fmt.Errorf("the header says that the language is %s, but the file is named for %s", value, f.lang))
		}
	}
	return nil
}

func sameBase(a, b corpora.Lang) bool {
	x, _, _ := strings.Cut(string(a), "-")
	y, _, _ := strings.Cut(string(b), "-")
	return x == y
}

// poDomain is gettext's domain of a file: its name, without extension.
func poDomain(name string) string {
	return strings.TrimSuffix(path.Base(plainName(name)), ".po")
}
