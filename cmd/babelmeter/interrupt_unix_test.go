//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start runs the program with a pipe for stdin and one for stdout.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, in io.WriteCloser, out io.Reader, errOut *bytes.Buffer) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), "babelmeter", args...) // TestMain puts it into PATH
	errOut = new(bytes.Buffer)
	cmd.Stderr = errOut
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if out, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, in, out, errOut
}

// TestInterruptSignal: a run ends after the item it is at, and says so.
func TestInterruptSignal(t *testing.T) {
	cmd, _, out, errOut := start(t, "measure", "--vocab", "o200k_base")
	r := bufio.NewReader(out)
	first, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(first, `{"run":`) {
		t.Fatalf("%.100q, %v", first, err)
	}
	// The program now waits for the pipe to be read, which holds less than
	// half of the records.
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	rest, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitWrong {
		t.Errorf("%v, want exit status %d", err, exitWrong)
	}
	if errOut.String() != "babelmeter: interrupted\n" {
		t.Errorf("stderr %q", errOut)
	}
	if !bytes.HasSuffix(rest, []byte("}\n")) {
		t.Errorf("ends in the middle of a line: %.80q", rest[max(0, len(rest)-80):])
	}
	if bytes.Contains(rest, []byte(`"domain":"techdoc","lang":"ko","vocab"`)) {
		t.Error("the run went on to its end")
	}
}

// TestInterruptWaiting: a command that waits for input ends at once.
func TestInterruptWaiting(t *testing.T) {
	cmd, in, _, _ := start(t, "count", "--vocab", "o200k_base")
	if _, err := io.WriteString(in, "hello"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
			t.Errorf("%v, want the interrupt to end it", err)
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("the interrupt is swallowed")
	}
}
