package babelmeter

import (
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestArchitecture compares the table of packages in ARCHITECTURE.md with the
// packages' own comments and with the layers that TestLayers enforces. UPDATE=1
// rewrites it.
func TestArchitecture(t *testing.T) {
	const file, begin, end = "ARCHITECTURE.md", "<!-- BEGIN: layers -->\n", "<!-- END -->"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s: expected %q and %q", file, begin, end)
	}
	want := "\n" + layerTable(t) + "\n"
	if got == want {
		return
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s: the table of packages is not that of layers_test.go and the package comments; UPDATE=1 go test . rewrites it (-got +want):\n%s", file, cmp.Diff(got, want))
}

// layerTable lists the packages bottom up, each with the first sentence of its
// comment.
func layerTable(t *testing.T) string {
	height := make(map[string]int)
	var measure func(pkg string) int
	measure = func(pkg string) int {
		if h, ok := height[pkg]; ok {
			return h
		}
		height[pkg] = 0 // a cycle must not go on for ever; the compiler refuses it
		h := 0
		for _, pattern := range layers[pkg] {
			for other := range layers {
				if other != pkg && matches(pattern, other) {
					h = max(h, 1+measure(other))
				}
			}
		}
		height[pkg] = h
		return h
	}
	packages := slices.SortedFunc(maps.Keys(layers), func(a, b string) int {
		if d := measure(a) - measure(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	b.WriteString("| package | what it is | imports, of ours |\n|---|---|---|\n")
	for _, pkg := range packages {
		imports := "nothing"
		if list := layers[pkg]; len(list) > 0 {
			imports = "`" + strings.Join(list, "` `") + "`"
		}
		if slices.Contains(layers[pkg], "...") {
			imports = "everything"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", pkg, synopsis(t, pkg), imports)
	}
	return b.String()
}

// synopsis returns the first sentence of a package's comment, without its
// first words "Package x".
func synopsis(t *testing.T, dir string) string {
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		if f.Doc == nil {
			continue
		}
		s := new(doc.Package).Synopsis(f.Doc.Text())
		for _, prefix := range []string{"Package " + f.Name.Name + " ", "Command " + filepath.Base(dir) + " "} {
			s = strings.TrimPrefix(s, prefix)
		}
		s = docLink.ReplaceAllString(s, "`$1`")
		return strings.ReplaceAll(s, "|", `\|`)
	}
	t.Errorf("package %s has no comment", dir)
	return ""
}

// docLink is a link to a declaration in a doc comment, which Markdown has not.
var docLink = regexp.MustCompile(`\[([\w.*]+)\]`)

var link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)

// TestLinks: a document that another one points to is there, and the README
// points to every document of the root.
func TestLinks(t *testing.T) {
	fromReadme := make(map[string]bool)
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != "." && (strings.HasPrefix(name, ".") || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(p) != ".md" {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			target := filepath.Join(filepath.Dir(p), filepath.FromSlash(m[1]))
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s: %v", p, m[1], err)
			}
			if p == "README.md" {
				fromReadme[filepath.ToSlash(target)] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(docs, "LICENSE", "LICENSES/CC0-1.0.txt", "corpora/builtin/README.md") {
		if p != "README.md" && !fromReadme[p] {
			t.Errorf("README.md: no link to %s", p)
		}
	}
}
