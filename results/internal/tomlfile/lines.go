package tomlfile

import (
	"strconv"
	"strings"
)

// LineIndex finds the lines of the keys of a TOML document, which the decoder
// does not tell: it keeps one position for each name, however many tables of
// an array have that name. The result has an entry for each table header and
// each key, such as "price.2" and "price.2.model" (tables of an array are
// numbered from 0 and single ones are not), with lines from 1.
//
// The document must have been decoded without error. Keys inside inline tables
// are not found: their line is that of the key before the brace.
func LineIndex(doc string) map[string]int {
	index := map[string]int{}
	count := map[string]int{} // tables so far of each array
	s := tomlScanner{doc: doc, line: 1}
	prefix := ""
	for s.skipBlank() {
		line := s.line
		if s.doc[s.pos] == '[' {
			header := s.until("\n#")
			name := strings.Trim(strings.TrimSpace(header), "[]")
			prefix = ""
			parts := strings.Split(name, ".")
			for i, part := range parts {
				prefix = Join(prefix, bare(part))
				last := i == len(parts)-1
				if last && strings.HasPrefix(header, "[[") {
					count[prefix]++
				}
				if n := count[prefix]; n > 0 {
					prefix = Join(prefix, strconv.Itoa(n-1))
				}
			}
			if _, ok := index[prefix]; !ok {
				index[prefix] = line
			}
			continue
		}
		key := prefix
		for part := range strings.SplitSeq(s.until("=\n"), ".") {
			key = Join(key, bare(part))
			if _, ok := index[key]; !ok {
				index[key] = line
			}
		}
		s.skipValue()
	}
	return index
}

// Join is the path of a key of the table at prefix, as LineIndex spells it.
func Join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

func bare(key string) string { return strings.Trim(strings.TrimSpace(key), `"'`) }

type tomlScanner struct {
	doc  string
	pos  int
	line int
}

// skipBlank goes to the next key or header and reports whether there is one.
func (s *tomlScanner) skipBlank() bool {
	for s.pos < len(s.doc) {
		switch s.doc[s.pos] {
		case '\n':
			s.line++
			s.pos++
		case ' ', '\t', '\r':
			s.pos++
		case '#':
			s.until("\n")
		default:
			return true
		}
	}
	return false
}

// until returns the text before the next of the bytes in stop, and goes there.
func (s *tomlScanner) until(stop string) string {
	start := s.pos
	if i := strings.IndexAny(s.doc[s.pos:], stop); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.doc)
	}
	return s.doc[start:s.pos]
}

// skipValue goes behind the value of a key: to the first newline or comment
// that is in no string, array or inline table.
func (s *tomlScanner) skipValue() {
	for depth := 0; s.pos < len(s.doc); {
		switch c := s.doc[s.pos]; c {
		case '\n':
			if depth == 0 {
				return
			}
			s.line++
		case '#':
			s.until("\n")
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '"', '\'':
			s.skipString(c)
			continue
		}
		s.pos++
	}
}

func (s *tomlScanner) skipString(quote byte) {
	rest := s.doc[s.pos:]
	end := strings.Repeat(string(quote), 3)
	if !strings.HasPrefix(rest, end) {
		end = end[:1]
	}
	i := len(end)
	for i < len(rest) && !strings.HasPrefix(rest[i:], end) {
		if rest[i] == '\\' && quote == '"' {
			i++
		}
		i++
	}
	i = min(i+len(end), len(rest))
	for len(end) == 3 && i < len(rest) && rest[i] == quote {
		i++ // quotes before the closing ones belong to the string
	}
	s.line += strings.Count(rest[:i], "\n")
	s.pos += i
}
