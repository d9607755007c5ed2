// Command babelmeter answers exactly: what does the same text cost in another
// language, under each model's tokenizer and price?
//
// Without a command it measures the built-in parallel corpus under the
// built-in vocabularies and prints the table. See babelmeter help.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/term"
)

// Exit status.
const (
	exitOK     = 0
	exitFailed = 1 // a check failed: compare, verify, lint, budget
	exitWrong  = 2 // wrong use, or an error
)

// errFailed is a check that failed; what failed has been printed.
var errFailed = errors.New("check failed")

func main() {
	// A reader that stops early, as head does, is no error: see run.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole program.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer, env func(string) string) int {
	a := &app{
		Terminal: term.Terminal{In: in, Out: out, Err: errOut, NoColor: env("NO_COLOR") != ""},
		env:      env,
		now:      time.Now,
		args:     args,
	}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitOK
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.Is(err, context.Canceled):
		a.Say("interrupted")
		return exitWrong
	}
	a.Say("%v", err)
	return exitWrong
}

// interruptible returns a context that is done at the first interrupt. The
// second one ends the program, as does the first one in commands without it: a
// command that waits for input must not swallow it.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
