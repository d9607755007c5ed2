// Package term holds the rules of the terminal.
//
//   - stdout carries the result and nothing else.
//   - Everything else goes to stderr with the prefix "babelmeter: ", in lower
//     case and without a full stop.
//   - Colour, and the one progress bar, only where the stream is a terminal;
//     no colour under NO_COLOR (https://no-color.org).
//   - Tables fit the terminal's width, 80 columns where there is none.
package term

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// DefaultWidth is that of output that goes to no terminal.
const DefaultWidth = 80

// Terminal is where a command reads and writes.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
	NoColor  bool // NO_COLOR is set, or the user asked for plain text
}

// Is reports whether a stream is a terminal.
func Is(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Width is that of stdout's terminal, DefaultWidth if it is none.
func (t *Terminal) Width() int {
	if f, ok := t.Out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return DefaultWidth
}

// Color reports whether stdout may carry colour.
func (t *Terminal) Color() bool { return !t.NoColor && Is(t.Out) }

// Say writes one line to stderr.
func (t *Terminal) Say(format string, args ...any) {
	fmt.Fprintf(t.Err, "babelmeter: "+format+"\n", args...)
}

// Progress is a bar on stderr while a run goes on. The zero value, and one of
// a stream that is no terminal, draws nothing.
type Progress struct{ bar *progressbar.ProgressBar }

// Progress begins a bar of so many steps.
func (t *Terminal) Progress(steps int, what string) *Progress {
	if !Is(t.Err) {
		return &Progress{}
	}
	return &Progress{progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(t.Err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionThrottle(50*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionEnableColorCodes(!t.NoColor),
	)}
}

// BytesProgress begins a bar of bytes; how many there are is told on the way.
func (t *Terminal) BytesProgress(what string) *Progress {
	if !Is(t.Err) {
		return &Progress{}
	}
	return &Progress{progressbar.NewOptions64(1,
		progressbar.OptionSetWriter(t.Err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowBytes(true),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionThrottle(50*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionEnableColorCodes(!t.NoColor),
	)}
}

// Set draws a bar of bytes anew.
func (p *Progress) Set(done, total int64) {
	if p.bar != nil && total > 0 {
		p.bar.ChangeMax64(max(total, done+1)) // a full bar would end itself
		_ = p.bar.Set64(done)
	}
}

// Clear takes the bar away until it moves again, so that a line can be said.
func (p *Progress) Clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// Shown reports whether there is a bar to be seen.
func (p *Progress) Shown() bool { return p.bar != nil }

// Step marks one more step as done.
func (p *Progress) Step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

// Done takes the bar away.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
