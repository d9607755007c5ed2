package babelmeter

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/babelmeter/babelmeter"

// layers says what each package may import of this module: the table of
// ARCHITECTURE.md. A package that is not in it fails the test, so that a new
// one is put in its place on purpose. "x/..." stands for x and all below it.
var layers = map[string][]string{
	"tokenizers/vocab":                 nil,
	"tokenizers/internal/ucd":          nil,
	"tokenizers/internal/bytealphabet": nil,
	"tokenizers/internal/trie":         nil,
	"tokenizers/internal/valid":        nil,
	"corpora":                          nil,
	"corpora/files":                    {"corpora"},
	"results":                          nil,
	"bench/stat":                       nil,
	"bench/textsize":                   nil,
	"bench/hygiene":                    nil,
	"results/price":                    {"results", "results/internal/tomlfile"},
	"results/price/public":             {"results/price"},
	"results/table":                    nil,
	"results/internal/tomlfile":        nil,
	"results/workload":                 {"results/price", "results/internal/tomlfile"},
	"results/cost":                     {"results", "results/price", "results/workload", "results/table", "bench/stat"},
	"results/margin":                   {"results/price", "results/workload"},
	"testdata/vectors":                 nil,

	"tokenizers/format":       {"tokenizers/vocab", "tokenizers/internal/bytealphabet"},
	"tokenizers/model/bybook": {"tokenizers/vocab"},
	"tokenizers/model":        {"tokenizers/vocab", "tokenizers/internal/trie"},
	"tokenizers/normalize":    {"tokenizers/vocab", "tokenizers/internal/ucd", "tokenizers/internal/bytealphabet", "tokenizers/internal/valid"},
	"tokenizers/split":        {"tokenizers/vocab", "tokenizers/internal/ucd", "tokenizers/internal/bytealphabet"},
	"tokenizers":              {"tokenizers/vocab", "tokenizers/format", "tokenizers/model", "tokenizers/normalize", "tokenizers/split", "tokenizers/internal/trie", "tokenizers/internal/ucd", "tokenizers/internal/valid"},

	// The tables of vocabularies; only programs choose to carry them.
	"tokenizers/builtin/packed": {"tokenizers/vocab"},
	"tokenizers/builtin":        {"tokenizers/vocab", "tokenizers/builtin/packed"},

	"tokenizers/engines/tiktokengo": {"tokenizers"},
	"tokenizers/engines/sugarme":    {"tokenizers"},
	"tokenizers/remote":             {"tokenizers"},

	"bench/metric":   {"results", "bench/stat"},
	"bench":          {"tokenizers", "corpora", "results", "bench/textsize", "bench/hygiene"},
	"results/sample": {"results", "bench/stat"},
	"corpora/lint":   {"corpora"},
	"results/report": {"results/...", "bench/metric", "bench/stat"},

	"cmd/babelmeter/internal/fetch": nil,
	"cmd/babelmeter/internal/term":  nil,
	"cmd/babelmeter":                {"..."},
}

// quiet are packages that libraries must not use: they would print, exit, read
// the environment or the network. Only programs may.
var quiet = []string{"os", "os/exec", "os/signal", "log", "net", "net/http", "flag"}

// libraryExceptions says which library may use which of these, and why.
var libraryExceptions = map[string][]string{
	"tokenizers/engines/sugarme": {"log", "os"}, // to catch the library's log.Fatal and what it prints
	"tokenizers/remote":          {"net/http"},  // requests and answers; what sends them is given by cmd
}

// TestLayers reads the sources: `go list` in a test is cached by what the test
// itself opens, and would go on passing after a wrong import.
func TestLayers(t *testing.T) {
	seen := make(map[string]bool)
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || p == "scripts") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(p))
		seen[pkg] = true
		allowed, known := layers[pkg]
		if !known {
			t.Errorf("%s: package %s is not in the table of layers: give it a place in layers_test.go and ARCHITECTURE.md", p, pkg)
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(imp, module+"/"); ok {
				if !slices.ContainsFunc(allowed, func(a string) bool { return matches(a, own) }) {
					t.Errorf("%s: %s may not import %s; it may import %v", p, pkg, own, allowed)
				}
				continue
			}
			if slices.Contains(quiet, imp) && !strings.HasPrefix(pkg, "cmd/") && !slices.Contains(libraryExceptions[pkg], imp) {
				t.Errorf("%s: a library may not import %s: take an io.Reader, fs.FS or context and return errors", p, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range slices.Sorted(maps.Keys(layers)) {
		if !seen[pkg] {
			t.Errorf("package %s is in the table of layers but has no source", pkg)
		}
	}
}

func matches(pattern, pkg string) bool {
	prefix, ok := strings.CutSuffix(pattern, "...")
	if !ok {
		return pattern == pkg
	}
	return strings.HasPrefix(pkg+"/", prefix)
}

// TestMatches holds the pattern of the table.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, pkg string
		want         bool
	}{
		{"results", "results", true}, {"results", "results/price", false},
		{"results/...", "results", true}, {"results/...", "results/price", true}, {"results/...", "resultsx", false},
		{"...", "tokenizers", true},
	} {
		if got := matches(c.pattern, c.pkg); got != c.want {
			t.Errorf("matches(%q, %q) = %v, want %v", c.pattern, c.pkg, got, c.want)
		}
	}
}
