package lint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/corpora"
)

// maxFile bounds a file that is read whole.
const maxFile = 256 << 20

// plain is a file of the plain format as far as it can be read.
type plain struct {
	file, domain string
	lang         corpora.Lang
	segs         []corpora.Segment
}

// Folder reads a folder of plain files, <domain>/<lang>.txt, that may be
// broken. [corpora.LoadPlain] refuses such a folder with its first error;
// Folder finds what is wrong in every file (rules format, utf8, bom, cr and
// alignment), and returns a corpus of the segments that all languages have
// for the other rules, nil if there are none. The error is of the folder
// itself: files that cannot be opened, nothing in the format, no such base.
func Folder(fsys fs.FS, name string, base corpora.Lang, o Options) (*corpora.Corpus, []Finding, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	files, err := fs.Glob(fsys, "*/*.txt")
	if err != nil {
		return nil, nil, fmt.Errorf("lint: %w", err)
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("lint: %s: no file named <domain>/<lang>.txt", name)
	}
	var (
		found   []Finding
		read    []plain
		domains []string
		langs   []corpora.Lang
	)
	for _, f := range files {
		domain, file := path.Split(f)
		lang, err := corpora.ParseLang(strings.TrimSuffix(file, ".txt"))
		if err == nil && string(lang)+".txt" != file {
			err = fmt.Errorf("expected the canonical name %s.txt", lang)
		}
		if err != nil {
			found = append(found, Finding{Rule: "format", File: f, Problem: "the file's name is not a language: " + strings.TrimPrefix(err.Error(), "corpora: ")})
			continue
		}
		domain = strings.TrimSuffix(domain, "/")
		if !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
		if !slices.Contains(langs, lang) {
			langs = append(langs, lang)
		}
		data, err := readFile(fsys, f)
		if err != nil {
			return nil, nil, fmt.Errorf("lint: %s: %w", f, err)
		}
		data, bad := mend(data, f, lang)
		found = append(found, bad...)
		segs, err := corpora.ReadPlain(bytes.NewReader(data), f, domain)
		if err != nil {
			found = append(found, ofError(err, f, lang))
		}
		read = append(read, plain{f, domain, lang, segs})
	}
	if base == "" {
		base = "en"
		if !slices.Contains(langs, base) && len(langs) > 0 {
			base = langs[0]
		}
	}
	if !slices.Contains(langs, base) {
		return nil, nil, fmt.Errorf("lint: %s: no file of the base language: no <domain>/%s.txt", name, base)
	}
	slices.SortFunc(langs, func(a, b corpora.Lang) int {
		if (a == base) != (b == base) {
			if a == base {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a), string(b))
	})
	texts := make(map[corpora.Lang][]corpora.Segment)
	for _, d := range domains {
		found = append(found, align(read, d, langs, base, texts)...)
	}
	found = slices.DeleteFunc(found, func(f Finding) bool { return slices.Contains(o.Disable, f.Rule) })
	order := make(map[string]int)
	for i, r := range rules() {
		order[r.Name] = i
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return order[a.Rule] - order[b.Rule] })
	if len(texts[base]) == 0 {
		return nil, found, nil
	}
	c, err := corpora.New(name, langs, texts)
	if err != nil {
		return nil, nil, err
	}
	return c, found, nil
}

// align reports what the languages of a domain lack of its base, and adds to
// texts the segments that all have.
func align(read []plain, domain string, langs []corpora.Lang, base corpora.Lang, texts map[corpora.Lang][]corpora.Segment) []Finding {
	var found []Finding
	of := make(map[corpora.Lang]plain)
	for _, p := range read {
		if p.domain == domain {
			of[p.lang] = p
		}
	}
	common := make(map[string]int) // in how many languages
	for _, l := range langs {
		p, ok := of[l]
		if !ok {
			found = append(found, Finding{Rule: "alignment", Lang: l, File: path.Join(domain, string(l)+".txt"),
				Problem: "the file is missing: other domains have " + string(l)})
			continue
		}
		for _, s := range p.segs {
			common[s.Key]++
		}
		if l == base || p.segs == nil || of[base].segs == nil {
			continue // a file that cannot be read has its own finding
		}
		own, in := make(map[string]bool), make(map[string]bool)
		for _, s := range p.segs {
			own[s.Key] = true
		}
		for _, s := range of[base].segs {
			in[s.Key] = true
			if !own[s.Key] {
				found = append(found, Finding{Rule: "alignment", Lang: l, Segment: s.Key, File: p.file, Problem: "the segment is missing", Excerpt: excerpt(s.Text, 0)})
			}
		}
		var order []string // of the keys that both have
		for _, s := range p.segs {
			if in[s.Key] {
				order = append(order, s.Key)
				continue
			}
			found = append(found, Finding{Rule: "alignment", Lang: l, Segment: s.Key, File: p.file, Problem: fmt.Sprintf("the segment is not in %s", base), Excerpt: excerpt(s.Text, 0)})
		}
		i := 0
		for _, s := range of[base].segs {
			if !own[s.Key] {
				continue
			}
			if order[i] != s.Key {
				found = append(found, Finding{Rule: "alignment", Lang: l, Segment: order[i], File: p.file, Problem: fmt.Sprintf("stands where %s has %s", base, s.Key)})
				break
			}
			i++
		}
	}
	for _, l := range langs {
		text := make(map[string]corpora.Segment)
		for _, s := range of[l].segs {
			text[s.Key] = s
		}
		for _, s := range of[base].segs {
			if common[s.Key] == len(langs) {
				texts[l] = append(texts[l], text[s.Key])
			}
		}
	}
	return found
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	return data, err
}

// mend takes out what the reader refuses a whole file for, and reports it.
func mend(data []byte, file string, lang corpora.Lang) ([]byte, []Finding) {
	var found []Finding
	add := func(rule string, at int, format string, args ...any) {
		start := bytes.LastIndexByte(data[:at], '\n') + 1
		end := len(data)
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			end = at + n
		}
		found = append(found, Finding{Rule: rule, Lang: lang, File: file, Line: 1 + bytes.Count(data[:at], []byte("\n")),
			Problem: fmt.Sprintf(format, args...), Excerpt: excerpt(strings.ToValidUTF8(string(data[start:end]), "?"), 0)})
	}
	for at := 0; at < len(data); {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			add("utf8", at, "byte %d of the file (0x%02x) is not UTF-8", at+1, data[at])
			break
		}
		at += n
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		add("bom", 0, "the file begins with a byte order mark")
	}
	if at := bytes.IndexByte(data, '\r'); at >= 0 {
		add("cr", at, "carriage return%s", times(bytes.Count(data, []byte("\r"))))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte(" "))
	return bytes.ToValidUTF8(data, []byte("?")), found
}

var place = regexp.MustCompile(`(?s)\A.*?:(\d+): (.*)\z`)

// ofError makes a finding of an error of ReadPlain, which names file and line.
func ofError(err error, file string, lang corpora.Lang) Finding {
	f := Finding{Rule: "format", Lang: lang, File: file, Problem: err.Error()}
	var p *fs.PathError
	if m := place.FindStringSubmatch(err.Error()); m != nil && !errors.As(err, &p) {
		f.Line, _ = strconv.Atoi(m[1])
		f.Problem = m[2]
	}
	return f
}
