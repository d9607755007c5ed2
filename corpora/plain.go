package corpora

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLine bounds one line of a plain file.
const maxLine = 16 << 20

// ReadPlain reads one language of one domain in the plain format, which a
// translator edits with any editor:
//
//	# a comment, only at the top of the file or between segments
//
//	[late-parcel]
//	1: The first segment of the document late-parcel.
//	2: The second one. It goes on
//		on a new line, which begins with one tab.
//
// Text is everything behind the colon and one space, verbatim. Numbers count
// from 1 in each document, document keys are [a-z0-9-]+ and occur once, and a
// segment's key is document.number. name is for messages, domain for the
// segments. The file must be UTF-8 without BOM or CR.
func ReadPlain(r io.Reader, name, domain string) ([]Segment, error) {
	segs, _, err := readPlain(r, name, domain)
	return segs, err
}

// readPlain also returns the line of each segment.
func readPlain(r io.Reader, name, domain string) ([]Segment, []int, error) {
	var (
		segs  []Segment
		lines []int
		more  strings.Builder // text of the last segment from its second line on
		doc   string
		count int // segments of doc
		open  bool
		docs  = make(map[string]int)
	)
	// finish puts the lines of the last segment together; once for each, so
	// that a segment of many lines is not copied as often.
	finish := func() {
		if more.Len() > 0 {
			segs[len(segs)-1].Text += more.String()
			more.Reset()
		}
	}
	fail := func(no int, format string, args ...any) ([]Segment, []int, error) {
		return nil, nil, fmt.Errorf("%s:%d: %w", name, no, fmt.Errorf(format, args...))
	}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), maxLine)
	sc.Split(scanLF)
	no := 0
	for sc.Scan() {
		no++
		l := sc.Text()
		if i := invalidAt(l); i >= 0 {
			return fail(no, "byte %d (0x%02x) is not UTF-8; convert the file to UTF-8", i+1, l[i])
		}
		switch {
		case no == 1 && strings.HasPrefix(l, "\ufeff"):
			return fail(no, "the file begins with a byte order mark; save it as UTF-8 without BOM")
		case strings.Contains(l, "\r"):
			return fail(no, "carriage return; save the file with LF line ends")
		case strings.HasPrefix(l, "\t"):
			if !open {
				return fail(no, "a line that begins with a tab continues a segment, but none stands before it")
			}
			more.WriteString("\n" + l[1:])
			continue
		case l == "":
			open = false
			continue
		case strings.HasPrefix(l, "# ") || l == "#":
			open = false
			continue
		case strings.HasPrefix(l, "["):
			open = false
			if doc != "" && count == 0 {
				return fail(no, "document [%s] has no segment", doc)
			}
			key, ok := strings.CutSuffix(l[1:], "]")
			if !ok || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				return fail(no, "%q: expected [document-key] with a key of a-z, 0-9 and hyphens", l)
			}
			if at, dup := docs[key]; dup {
				return fail(no, "document [%s] stands on line %d already", key, at)
			}
			docs[key] = no
			doc, count = key, 0
			continue
		}
		num, text, ok := strings.Cut(l, ": ")
		n, err := strconv.Atoi(num)
		if !ok || err != nil || strconv.Itoa(n) != num {
			return fail(no, "%q: expected `number: text`, [document-key], a comment (# …) or a continuation (tab)", clip(l))
		}
		if doc == "" {
			return fail(no, "segment before the first [document-key]")
		}
		if n != count+1 {
			return fail(no, "segment %d of [%s], expected %d: a segment is missing, doubled or displaced", n, doc, count+1)
		}
		if strings.TrimSpace(text) == "" {
			return fail(no, "segment %d of [%s] is empty", n, doc)
		}
		finish()
		count = n
		segs = append(segs, Segment{Key: domain + "." + doc + "." + num, Doc: domain + "." + doc, Domain: domain, Text: text})
		lines = append(lines, no)
		open = true
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("line longer than %d bytes", maxLine)
		}
		return nil, nil, fmt.Errorf("%s:%d: %w", name, no+1, err)
	}
	finish()
	if len(segs) == 0 {
		return fail(max(no, 1), "no segment in the file")
	}
	if count == 0 {
		return fail(no, "document [%s] has no segment", doc)
	}
	return segs, lines, nil
}

// scanLF is bufio.ScanLines without the dropping of a CR, so that a CR can be
// refused.
func scanLF(data []byte, atEOF bool) (int, []byte, error) {
	if i := slices.Index(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// invalidAt returns the offset of the first ill-formed byte, -1 if none.
func invalidAt(s string) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// LoadPlain reads a folder of plain files, <domain>/<lang>.txt, as one corpus.
// Domains are taken in the order of their names, languages in the order of
// base, then of their tags. Every domain must have every language, and every
// language the keys of base, in the same order; what differs is reported with
// file and line.
func LoadPlain(fsys fs.FS, name string, base Lang) (*Corpus, error) {
	files, err := fs.Glob(fsys, "*/*.txt")
	if err != nil {
		return nil, fmt.Errorf("corpora: %w", err)
	}
	var domains []string
	langs := []Lang{base}
	haveBase := false
	have := make(map[string]bool)
	for _, f := range files {
		domain, file := path.Split(f)
		domain = strings.TrimSuffix(domain, "/")
		lang, err := parseLang(strings.TrimSuffix(file, ".txt"))
		if err != nil {
			return nil, fmt.Errorf("corpora: %s: the file's name is not a language: %w", f, err)
		}
		if string(lang)+".txt" != file {
			return nil, fmt.Errorf("corpora: %s: expected the canonical name %s.txt", f, lang)
		}
		if !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
		if !slices.Contains(langs, lang) {
			langs = append(langs, lang)
		}
		have[f] = true
		haveBase = haveBase || lang == base
	}
	if len(domains) == 0 {
		return nil, fmt.Errorf("corpora: %s: no file named <domain>/<lang>.txt", name)
	}
	if !haveBase {
		return nil, fmt.Errorf("corpora: %s: no domain has the base language: no file <domain>/%s.txt", name, base)
	}
	slices.Sort(langs[1:])
	texts := make(map[Lang][]Segment)
	for _, d := range domains {
		var baseSegs []Segment
		for _, l := range langs {
			f := path.Join(d, string(l)+".txt")
			if !have[f] {
				return nil, fmt.Errorf("corpora: %s is missing: %s has %s in another domain", f, name, l)
			}
			file, err := fsys.Open(f)
			if err != nil {
				return nil, fmt.Errorf("corpora: %w", err)
			}
			segs, lines, err := readPlain(file, f, d)
			file.Close()
			if err != nil {
				return nil, fmt.Errorf("corpora: %w", err)
			}
			if l == base {
				baseSegs = segs
			}
			for i := range min(len(segs), len(baseSegs)) {
				if segs[i].Key != baseSegs[i].Key {
					return nil, fmt.Errorf("corpora: %s:%d: segment %s, expected %s as in %s", f, lines[i], segs[i].Key, baseSegs[i].Key, base)
				}
			}
			if len(segs) > len(baseSegs) {
				return nil, fmt.Errorf("corpora: %s:%d: segment %s is not in %s", f, lines[len(baseSegs)], segs[len(baseSegs)].Key, base)
			}
			if len(segs) < len(baseSegs) {
				return nil, fmt.Errorf("corpora: %s:%d: the file ends with this segment, but %s has %s next", f, lines[len(lines)-1], base, baseSegs[len(segs)].Key)
			}
			texts[l] = append(texts[l], segs...)
		}
	}
	return New(name, langs, texts)
}
