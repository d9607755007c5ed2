package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tarball makes an archive of files in the order given: name, text, name, text.
func tarball(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCorpusPull pulls an archive from a mirror, and measures what was in it.
func TestCorpusPull(t *testing.T) {
	mirror, cache := t.TempDir(), t.TempDir()
	archive := filepath.Join(mirror, "corpora", "flores200", "flores200_dataset.tar.gz")
	put := func(data []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(archive), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(archive, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	env := func(name string) string {
		return map[string]string{"BABELMETER_CACHE": cache, "BABELMETER_MIRROR": mirror, "HF_ENDPOINT": "http://127.0.0.1:1"}[name]
	}
	do := func(status int, args ...string) (out, errs string) {
		t.Helper()
		var o, e bytes.Buffer
		if code := run(t.Context(), args, nil, &o, &e, env); code != status {
			t.Fatalf("%v: exit status %d, want %d: %s%s", args, code, status, &o, &e)
		}
		return o.String(), e.String()
	}
	const meta = "URL\tdomain\ttopic\thas_image\thas_hyperlink\nhttps://example.org/a\tnews\tx\tno\tno\nhttps://example.org/b\tnews\tx\tno\tno\n"
	put(tarball(t,
		"./flores200_dataset/dev/eng_Latn.dev", "One line.\nTwo lines.\n",
		"./flores200_dataset/dev/jpn_Jpan.dev", "一行です。\n二行です。\n",
		"./flores200_dataset/metadata_dev.tsv", meta,
		"./flores200_dataset/._README", "x",
		"./flores200_dataset/README", "Invented.\n"))

	if _, errs := do(exitWrong, "--corpus", "flores200"); !strings.Contains(errs, "`babelmeter corpus pull flores200` fetches it") {
		t.Errorf("before: %s", errs)
	}
	out, errs := do(exitOK, "corpus", "pull", "flores200", "--format", "csv")
	if !strings.Contains(out, "corpora/flores200,flores200_dataset.tar.gz,") || !strings.HasSuffix(out, ",true\n") {
		t.Errorf("what was pulled: %s", out)
	}
	if !strings.Contains(errs, "CC-BY-SA-4.0") || !strings.Contains(errs, "cite: NLLB Team") {
		t.Errorf("neither licence nor citation: %s", errs)
	}
	if out, _ = do(exitOK, "--corpus", "flores200", "--split", "dev", "--vocab", "gpt-4o", "--table", "tokens", "--format", "csv"); !strings.Contains(out, "o200k_base,native,ja,2,") {
		t.Errorf("measured: %s", out)
	}
	// Again: what is there is left.
	if out, _ = do(exitOK, "corpus", "pull", "flores200", "--format", "csv"); !strings.HasSuffix(out, ",,false\n") {
		t.Errorf("pulled again: %s", out)
	}

	// The digest of the first pull is enforced.
	put(tarball(t, "a/b", "c"))
	if err := os.RemoveAll(filepath.Join(cache, "corpora")); err != nil {
		t.Fatal(err)
	}
	if _, errs = do(exitFailed, "corpus", "pull", "flores200"); !strings.Contains(errs, "sha256") {
		t.Errorf("another file: %s", errs)
	}
	for _, x := range []struct{ args, want string }{
		{"corpus pull flores", `no corpus "flores" can be pulled; corpora: flores200, floresplus, massive, ntrex128, udhr, wmt24pp`},
		{"corpus pull builtin", "part of the program"},
		{"corpus pull floresplus", "sign in at https://"},
		{"corpus pull", "requires at least 1 arg"},
	} {
		if _, errs := do(exitWrong, strings.Fields(x.args)...); !strings.Contains(errs, x.want) {
			t.Errorf("%s: %s", x.args, errs)
		}
	}
}

// What leads out of an archive, or is cut short, leaves nothing.
func TestUnpackRefuses(t *testing.T) {
	whole := tarball(t, "top/a.txt", strings.Repeat("text ", 10000))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"path":  {tarball(t, "top/a.txt", "x", "../../evil", "x"), "leads out of it"},
		"root":  {tarball(t, "/etc/passwd", "x"), "leads out of it"},
		"short": {whole[:len(whole)/2], "unexpected EOF"},
		"text":  {[]byte("not an archive"), "gzip: invalid header"},
		"empty": {tarball(t), "it is empty"},
		"twice": {tarball(t, "top/a", "x", "top/a", "y"), "exists"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.tar.gz"), c.data, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := unpack(dir, "x.tar.gz"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%s: it left %v", name, left)
		}
	}
}
