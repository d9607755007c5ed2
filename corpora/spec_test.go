package corpora_test

import (
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/corpora"
)

// Every manifest of the program is whole; the reader refuses those that are
// not.
func TestSpecs(t *testing.T) {
	specs, err := corpora.Specs()
	if err != nil {
		t.Fatal(err)
	}
	have := make(map[string]*corpora.Spec)
	for _, s := range specs {
		have[s.Name] = s
	}
	for _, name := range []string{"flores200", "floresplus", "massive", "ntrex128", "udhr", "wmt24pp"} {
		if have[name] == nil {
			t.Errorf("no manifest of %s", name)
		}
	}
	if n := have["ntrex128"]; n != nil && len(n.Files) != n.Languages+1 { // and DOCUMENT_IDS.tsv
		t.Errorf("ntrex128: %d files, %d languages", len(n.Files), n.Languages)
	}
	if u := have["udhr"]; u != nil && len(u.Files) != u.Languages {
		t.Errorf("udhr: %d files, %d languages", len(u.Files), u.Languages)
	}
}

const goodSpec = `name = "x"
title = "X"
version = "1"
format = "lines"
segments = 2
citation = "X, 2020"

[licence]
spdx = "CC0-1.0"
redistribute = true
checked = "V"
source = "LICENSE of x/x"

[[file]]
name = "en.txt"
size = 1
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
hashed = "https://example.org/en.txt"
sources = ["https://example.org/en.txt"]
`

func TestReadSpec(t *testing.T) {
	s, err := corpora.ReadSpec([]byte(goodSpec), "x.toml")
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "x" || len(s.Files) != 1 || s.Files[0].Size != 1 || s.Licence.SPDX != "CC0-1.0" {
		t.Errorf("got %+v", s)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"not TOML", `name = "x"`, `name = x`, "x.toml:1: "},
		{"unknown key", `title = "X"`, "title = \"X\"\ntitel = \"X\"", `x.toml: unknown key "titel"`},
		{"bad name", `name = "x"`, `name = "X-1"`, `x.toml: name "X-1": expected a-z, 0-9, dot and underscore`},
		{"no title", `title = "X"`, `title = " "`, "x.toml: title missing"},
		{"no citation", `citation = "X, 2020"`, ``, "x.toml: citation missing"},
		{"no licence", `spdx = "CC0-1.0"`, ``, "x.toml: licence.spdx missing"},
		{"not checked", `checked = "V"`, ``, `x.toml: licence.checked "": expected V, D or U`},
		{"no segments", `segments = 2`, ``, "x.toml: segments: expected a number above 0, got 0"},
		{"gate alone", `segments = 2`, "segments = 2\ngate = \"g\"", "x.toml: gated and gate go together"},
		{"path that leads out", `name = "en.txt"`, `name = "../en.txt"`, `x.toml: file "../en.txt": not a relative path`},
		{"archive not unpacked", `name = "en.txt"`, `name = "x.tar.gz"`, "x.toml: file x.tar.gz: unpack missing"},
		{"size without digest", `sha256 = "0000000000000000000000000000000000000000000000000000000000000000"`, ``, `x.toml: file en.txt: sha256 "": expected 64 hex digits`},
		{"digest of no copy", `hashed = "https://example.org/en.txt"`, ``, "x.toml: file en.txt: hashed missing"},
		{"no source", `sources = ["https://example.org/en.txt"]`, ``, "x.toml: file en.txt: sources missing"},
		{"plain http", `sources = ["https:`, `sources = ["http:`, `x.toml: file en.txt: sources: "http://example.org/en.txt": expected https://… or npm:PACKAGE@VERSION/PATH`},
		{"twice", `[[file]]`, "[[file]]\nname = \"en.txt\"\nsources = [\"https://example.org/a\"]\n\n[[file]]", "x.toml: file en.txt: named twice"},
	} {
		data := strings.Replace(goodSpec, c.old, c.new, 1)
		if data == goodSpec {
			t.Fatalf("%s: nothing replaced", c.name)
		}
		_, err := corpora.ReadSpec([]byte(data), "x.toml")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func FuzzReadSpec(f *testing.F) {
	f.Add([]byte(goodSpec))
	f.Add([]byte("[[file]]\nname = 1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := corpora.ReadSpec(data, "x")
		if (s == nil) != (err != nil) {
			t.Fatalf("%v, %v", s, err)
		}
	})
}
