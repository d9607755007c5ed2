package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty opens a pseudo-terminal of a width.
func pty(t *testing.T, width uint16) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { screen.Close() })
	fd := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: width}); err != nil {
		t.Fatal(err)
	}
	return screen, tty
}

// onTerminal runs a command with stdout, stderr or both on a terminal and
// returns what appeared there and what came out of the other stream.
func onTerminal(t *testing.T, width uint16, stdout, stderr bool, env map[string]string, args ...string) (shown, other string) {
	t.Helper()
	screen, tty := pty(t, width)
	got := make(chan string)
	go func() {
		b, _ := io.ReadAll(screen) // ends with EIO when the terminal is closed
		got <- string(b)
	}()
	var buf bytes.Buffer
	out, errOut := io.Writer(&buf), io.Writer(&buf)
	if stdout {
		out = tty
	}
	if stderr {
		errOut = tty
	}
	if code := run(t.Context(), args, strings.NewReader(""), out, errOut, func(k string) string { return env[k] }); code != exitOK {
		t.Errorf("exit status %d: %s", code, &buf)
	}
	tty.Close()
	select {
	case shown = <-got:
	case <-time.After(10 * time.Second):
		t.Fatal("the terminal does not close")
	}
	return strings.ReplaceAll(shown, "\r\n", "\n"), buf.String()
}

func TestColor(t *testing.T) {
	args := []string{"tokens", "--vocab", "o200k_base", "東京都 world"}
	plain := "o200k_base: 2 tokens, 9 chars, 15 bytes\n│東京都│·world│\n"
	shown, _ := onTerminal(t, 80, true, true, nil, args...)
	if !strings.Contains(shown, "│\x1b[36m東京都\x1b[0m│\x1b[33m·world\x1b[0m│") {
		t.Errorf("no colour on a terminal: %q", shown)
	}
	if shown, _ := onTerminal(t, 80, true, true, map[string]string{"NO_COLOR": "1"}, args...); shown != plain {
		t.Errorf("under NO_COLOR: %q", shown)
	}
	if shown, _ := onTerminal(t, 80, true, true, map[string]string{"NO_COLOR": ""}, args...); !strings.Contains(shown, "\x1b[36m") {
		t.Errorf("an empty NO_COLOR counts as not set: %q", shown)
	}
	// The colour is for stdout: stderr on a terminal is none of its business.
	if shown, out := onTerminal(t, 80, false, true, nil, args...); shown != "" || out != plain {
		t.Errorf("terminal %q, stdout %q", shown, out)
	}
}

func TestWidth(t *testing.T) {
	args := []string{"tokens", "--vocab", "o200k_base", strings.Repeat("東京都", 20)}
	for _, width := range []uint16{20, 40, 80} {
		shown, _ := onTerminal(t, width, true, true, map[string]string{"NO_COLOR": "1"}, args...)
		lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")[1:]
		// A cell of three ideographs takes six columns and a line.
		perLine := (int(width) - 1) / 7
		want := (20 + perLine - 1) / perLine
		if len(lines) != want {
			t.Errorf("%d columns: %d lines, want %d:\n%s", width, len(lines), want, shown)
		}
	}
}

// TestProgress: the bar is on stderr, only on a terminal, and leaves nothing
// behind.
func TestProgress(t *testing.T) {
	args := []string{"measure", "--vocab", "o200k_base", "--lang", "ja", "--domain", "chat"}
	shown, out := onTerminal(t, 80, false, true, nil, args...)
	if !strings.Contains(shown, "measuring") {
		t.Errorf("no bar on the terminal: %q", shown)
	}
	if i := strings.LastIndexByte(shown, '\r'); i < 0 || strings.TrimSpace(shown[i:]) != "" {
		t.Errorf("the bar is not taken away: %q", shown)
	}
	if n := strings.Count(out, "\n"); n != 7 || strings.Contains(out, "measuring") {
		t.Errorf("%d lines in stdout, want 7: %.200q", n, out)
	}
	if shown, _ := onTerminal(t, 80, true, false, nil, args...); strings.Contains(shown, "measuring") {
		t.Errorf("the bar is in stdout: %.200q", shown)
	}
}

// TestWait: a command that waits for the keyboard says so.
func TestWait(t *testing.T) {
	screen, tty := pty(t, 80)
	defer tty.Close()
	if _, err := screen.WriteString("hello\n\x04"); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"count", "--vocab", "o200k_base"}, tty, &out, &errOut, noEnv); code != exitOK {
		t.Errorf("exit status %d", code)
	}
	if want := "babelmeter: reading standard input, which ends with control-D at the start of a line\n"; errOut.String() != want {
		t.Errorf("stderr %q, want %q", &errOut, want)
	}
	if !strings.Contains(out.String(), "-              2      6      6") {
		t.Errorf("stdout %q", &out)
	}
}
