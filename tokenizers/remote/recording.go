package remote

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Schema is the version of the recordings' format.
const Schema = 1

// Recording is what vendors answered: JSON lines, a head and then an answer a
// line, with the date and the digest of the text. Texts and keys are not in it.
// The zero Recording is an empty one. It is safe for concurrent use.
type Recording struct {
	mu      sync.Mutex
	name    string
	answers map[answerKey]recorded
	w       io.Writer
}

type answerKey struct{ api, model, text string }

type recorded struct {
	answer
	line int
}

// line is one line of the file; one of the fields is set.
type line struct {
	Recording *head       `json:"recording,omitempty"`
	Answer    *answerLine `json:"answer,omitempty"`
}

type head struct {
	Schema  int       `json:"schema"`
	Tool    string    `json:"tool"`
	Version string    `json:"version"`
	Created time.Time `json:"created"`
}

type answerLine struct {
	Time    time.Time `json:"time"`
	API     string    `json:"api"`
	Model   string    `json:"model"`
	Text    string    `json:"text"`            // "sha256:…" of the text in UTF-8
	Probe   string    `json:"probe,omitempty"` // name of a framing probe
	Tokens  *int      `json:"tokens,omitempty"`
	Refused string    `json:"refused,omitempty"`
}

var textRE = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// maxLine bounds one line of a recording.
const maxLine = 1 << 20

// ReadRecording reads a recording. name is for error messages, which give the
// line. The same answer twice is one; two different answers to one text are an
// error, and so is a file that breaks off.
func ReadRecording(r io.Reader, name string) (*Recording, error) {
	rec := &Recording{name: name}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<12), maxLine)
	n := 0
	haveHead := false
	for sc.Scan() {
		n++
		b := bytes.TrimSpace(sc.Bytes())
		if len(b) == 0 {
			continue
		}
		l, err := readLine(b)
		switch {
		case err != nil:
		case l.Recording != nil:
			if haveHead {
				err = errors.New("a second head: two recordings in one file; keep them apart")
			}
			haveHead = true
		case !haveHead:
			err = errors.New(`expected {"recording":…} first: not a recording of babelmeter, or its beginning is missing`)
		default:
			err = rec.put(l.Answer, n)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("line longer than %d bytes: not a recording of babelmeter", maxLine)
		}
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	return rec, nil
}

func readLine(b []byte) (l line, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err = dec.Decode(&l); err != nil {
		var later struct {
			Recording *struct {
				Schema  int    `json:"schema"`
				Version string `json:"version"`
			} `json:"recording"`
		}
		if json.Unmarshal(b, &later) == nil && later.Recording != nil && later.Recording.Schema > Schema {
			return l, (&head{Schema: later.Recording.Schema, Version: later.Recording.Version}).check()
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the line ends in the middle of a value: the file is truncated; delete the line")
		}
		return l, err
	}
	if _, more := dec.Token(); more != io.EOF {
		return l, errors.New("more than one JSON value on the line")
	}
	switch {
	case (l.Recording == nil) == (l.Answer == nil):
		return l, errors.New("expected one of recording, answer on a line")
	case l.Recording != nil:
		return l, l.Recording.check()
	}
	return l, l.Answer.check()
}

func (h *head) check() error {
	if h.Schema < 1 || h.Schema > Schema {
		return fmt.Errorf("schema %d is not one that this program reads (1 to %d): use the version that wrote the file (%q) or a newer one", h.Schema, Schema, h.Version)
	}
	return nil
}

func (a *answerLine) check() error {
	switch {
	case a.API == "" || a.Model == "":
		return errors.New("answer: api or model missing")
	case !textRE.MatchString(a.Text):
		return fmt.Errorf("answer: text %q: expected sha256: and 64 hex digits", a.Text)
	case a.Time.IsZero():
		return errors.New("answer: time missing")
	case (a.Tokens == nil) == (a.Refused == ""):
		return errors.New("answer: expected either tokens or refused")
	case a.Tokens != nil && *a.Tokens < 0:
		return fmt.Errorf("answer: tokens %d: expected 0 or more", *a.Tokens)
	case a.Refused != "" && a.Text != digest(""):
		return errors.New("answer: only the empty text is kept as refused")
	}
	return nil
}

// put keeps one line that was read.
func (r *Recording) put(l *answerLine, n int) error {
	a := answer{refused: l.Refused, at: l.Time}
	if l.Tokens != nil {
		a.tokens = *l.Tokens
	}
	k := answerKey{l.API, l.Model, l.Text}
	if old, ok := r.answers[k]; ok {
		if old.tokens != a.tokens || (old.refused == "") != (a.refused == "") {
			return fmt.Errorf("%s of %s counts this text otherwise than in line %d: what the vendor counts has changed; keep the dates in files of their own", l.Model, l.API, old.line)
		}
		return nil
	}
	if r.answers == nil {
		r.answers = make(map[answerKey]recorded)
	}
	r.answers[k] = recorded{a, n}
	return nil
}

// Name is that of the file, for messages.
func (r *Recording) Name() string {
	if r.name == "" {
		return "the recording"
	}
	return r.name
}

// Keep makes the recording write every further answer to w, a line in one
// call of Write. With begin, w is a new file and gets its head first; without, it
// goes on with the file that was read. name is that of the file.
func (r *Recording) Keep(w io.Writer, name, version string, now time.Time, begin bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.w, r.name = w, name
	if !begin {
		return nil
	}
	return r.write(line{Recording: &head{Schema: Schema, Tool: "babelmeter", Version: version, Created: now.UTC().Truncate(time.Second)}})
}

func (r *Recording) write(l line) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return err
	}
	_, err := r.w.Write(b.Bytes())
	return err
}

// find looks for the answer to a text.
func (r *Recording) find(api, model, text string) (answer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.answers[answerKey{api, model, digest(text)}]
	return a.answer, ok
}

// add keeps an answer, in the file before in memory.
func (r *Recording) add(api, model, text, probe string, a answer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &answerLine{Time: a.at.UTC().Truncate(time.Second), API: api, Model: model, Text: digest(text), Probe: probe, Refused: a.refused}
	if a.refused == "" {
		l.Tokens = &a.tokens
	}
	if r.w != nil {
		if err := r.write(line{Answer: l}); err != nil {
			return err
		}
	}
	return r.put(l, 0)
}

// Recorded is a model that a recording has answers of.
type Recorded struct {
	API, Model  string
	Answers     int
	First, Last time.Time
}

// Models lists what the recording has, by endpoint and model.
func (r *Recording) Models() []Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := make(map[[2]string]*Recorded)
	for k, a := range r.answers {
		m := found[[2]string{k.api, k.model}]
		if m == nil {
			m = &Recorded{API: k.api, Model: k.model, First: a.at, Last: a.at}
			found[[2]string{k.api, k.model}] = m
		}
		m.Answers++
		if a.at.Before(m.First) {
			m.First = a.at
		}
		if a.at.After(m.Last) {
			m.Last = a.at
		}
	}
	var list []Recorded
	for _, m := range found {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b Recorded) int {
		return strings.Compare(a.API+"\x00"+a.Model, b.API+"\x00"+b.Model)
	})
	return list
}
