// Package remote counts tokens by asking the vendors whose vocabularies are
// not public.
//
// Think of it as a wire with a memory. A [Client] asks one vendor's counting
// endpoint for one model, a text a request. Every answer goes into a
// [Recording], a file of JSON lines that is asked first: what it knows is not
// asked again, so a run that was interrupted goes on, and one that was
// published is replayed without a key or a network. [Client.Open] measures what
// the vendor puts around a text and gives a [Counter], which is a
// tokenizers.Encoder.
//
// # Framing
//
// Most endpoints count a chat message: the text and the template around it. The
// template's tokens, the framing F, are measured and subtracted. For a unit u,
// a short text such as "the", the endpoint is asked for one, two and three
// copies of u, parted by s. If nothing merges across the parts,
//
//	C(u)     = F + N(u)
//	C(usu)   = F + 2 N(u) + N(s)
//	C(ususu) = F + 3 N(u) + 2 N(s)    each copy more costs N(u) + N(s), the step
//
// so F = C(u) − (step − N(s)). N(s) is 0 for a unit whose separator belongs to
// it (a space before a word, nothing between clauses). For units parted by a
// line feed it is 1, which a step of 2 proves: a word and a line feed cost one
// token each at least. Units are in several scripts and end with a letter, a
// digit and a full stop, so that a merge of a text's edge with the template
// would show as another F. Where the endpoint takes an empty text, C("") is one
// more witness of F.
//
// The guard: F must be the same for every unit, and each unit's two steps
// equal. Then a count is C(t) − F, with no error that the probes can see. If it
// is not the same, the F that the empty text confirms is subtracted, or else the
// most frequent one, and [Framing] says how far the others lie: a text's count
// may be off by that much, Hi − Lo. (A vocabulary that puts a space before each
// text, as SentencePiece's dummy prefix does, is such a case.) What no probe
// can see is a text whose own first or last characters, other than those of the
// units, merge with the template: that is at most one token at each end that is
// not a letter, digit or full stop.
//
// # Keys
//
// Keys are given by the caller, sent in a header of each request and kept
// nowhere: no error, no recording and no address holds one.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// A Doer sends a request. *http.Client is one; it should not follow redirects,
// which would carry a key elsewhere.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Options say how a vendor is asked.
type Options struct {
	// HTTP sends the requests. Nil: nothing is sent, only the recording answers.
	HTTP Doer
	// Secrets are the key of the vendor, or the two that go together, in the
	// order of the manifest: see [Key].
	Secrets []string
	// Endpoint replaces scheme and host of the manifest's address, and goes
	// before its path: "https://gateway.example/anthropic". Empty: the vendor's.
	Endpoint string
	// Recording answers first and keeps what is answered. Nil: nothing is kept.
	Recording *Recording
	// Now is the clock: for signatures, for the date of an answer, for the rate.
	// Required if HTTP is set.
	Now func() time.Time

	Rate     float64       // requests a second; 0: the vendor's default here
	Parallel int           // requests at a time; 0: 4
	Attempts int           // of one request; 0: 6
	Backoff  time.Duration // before the second attempt, doubled before each later one, to a minute; 0: 1 s
	MaxWait  time.Duration // longest that a vendor may ask to wait; 0: 5 minutes
	Timeout  time.Duration // of one attempt; 0: 1 minute
}

// Client asks for one model. It is safe for concurrent use.
type Client struct {
	vendor  vendor
	api     string
	model   string
	keyName string
	address string
	o       Options
	gate    gate

	mu   sync.Mutex
	dead error // why nothing more is asked: the key is refused, the recording cannot be written
}

// maxBody bounds an answer: 65,536 characters with the bytes of each token
// spelt out are below 8 MiB.
const maxBody = 16 << 20

// New makes a client of an endpoint for a model, as the vendor's API spells it.
func New(r *tokenizers.Remote, model string, o Options) (*Client, error) {
	v, ok := vendors[r.API]
	if !ok {
		return nil, fmt.Errorf("remote: api %q is unknown; known: %s", r.API, strings.Join(APIs(), ", "))
	}
	if model == "" || strings.ContainsFunc(model, unicode.IsControl) {
		return nil, fmt.Errorf("remote: model %q: expected a name", model)
	}
	c := &Client{vendor: v, api: r.API, model: model, keyName: KeyNames(r), o: o}
	if c.o.Rate <= 0 {
		c.o.Rate = v.rate
	}
	if c.o.Parallel <= 0 {
		c.o.Parallel = 4
	}
	if c.o.Attempts <= 0 {
		c.o.Attempts = 6
	}
	if c.o.Backoff <= 0 {
		c.o.Backoff = time.Second
	}
	if c.o.MaxWait <= 0 {
		c.o.MaxWait = 5 * time.Minute
	}
	if c.o.Timeout <= 0 {
		c.o.Timeout = time.Minute
	}
	if c.o.Recording == nil {
		c.o.Recording = new(Recording)
	}
	var err error
	if c.address, err = address(r.URL, o.Endpoint, v.model(model), v.path); err != nil {
		return nil, err
	}
	if o.HTTP != nil {
		if o.Now == nil {
			return nil, errors.New("remote: Options.Now missing")
		}
		if len(o.Secrets) != v.secrets || slices.Contains(o.Secrets, "") {
			return nil, fmt.Errorf("remote: %s: needs %s", r.API, c.keyName)
		}
		for _, s := range o.Secrets {
			if len(s) < 8 || strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' }) {
				return nil, fmt.Errorf("remote: %s: what is in %s is no key: it is short, or holds a blank or another character that no key has", r.API, c.keyName)
			}
		}
		c.gate = gate{every: time.Duration(float64(time.Second) / c.o.Rate), now: o.Now}
	}
	return c, nil
}

// Host is where the requests go.
func (c *Client) Host() string {
	u, err := url.Parse(c.address)
	if err != nil {
		return ""
	}
	return u.Host
}

// address is the manifest's with the model in it, at another base if one is
// given.
func address(manifest, endpoint, model string, path func(model, path string) string) (string, error) {
	u, err := url.Parse(manifest)
	if err != nil {
		return "", fmt.Errorf("remote: %w", err)
	}
	if path != nil {
		u.Path = path(model, u.Path)
	}
	prefix, rest := "", u.Path
	if endpoint != "" {
		base, err := CheckEndpoint(endpoint)
		if err != nil {
			return "", err
		}
		u.Scheme, u.Host, prefix = base.Scheme, base.Host, strings.TrimSuffix(base.EscapedPath(), "/")
	}
	rest = strings.ReplaceAll(rest, "MODEL", url.PathEscape(model))
	return u.Scheme + "://" + u.Host + prefix + rest, nil
}

// CheckEndpoint reads the address of a gateway. A key goes there, so it must be
// https unless it is this machine.
func CheckEndpoint(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, errors.New("endpoint: expected an address such as https://gateway.example/path")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("endpoint: expected an address without user and password: it is kept with the run")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("endpoint %s://%s: expected an address without ? and #", u.Scheme, u.Host)
	case u.Scheme == "https":
	case u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
	default:
		return nil, fmt.Errorf("endpoint %s://%s: expected https: the key would go over the wire for all to read", u.Scheme, u.Host)
	}
	return u, nil
}

// KeyNames says which environment variables hold the key of an endpoint: "A or
// B", "A and B".
func KeyNames(r *tokenizers.Remote) string {
	return strings.ReplaceAll(strings.Join(r.Key, " or "), "+", " and ")
}

// Key finds the key of an endpoint by the names of its variables, nil if none
// of them is set.
func Key(r *tokenizers.Remote, get func(name string) string) []string {
	for _, names := range r.Key {
		var secrets []string
		for name := range strings.SplitSeq(names, "+") {
			if s := strings.TrimSpace(get(name)); s != "" {
				secrets = append(secrets, s)
			}
		}
		if len(secrets) == strings.Count(names, "+")+1 {
			return secrets
		}
	}
	return nil
}

// gate lets requests through at a rate, and none while the vendor asks to wait.
type gate struct {
	every time.Duration
	now   func() time.Time

	mu   sync.Mutex
	next time.Time
}

func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	now := g.now()
	at := now
	if g.next.After(now) {
		at = g.next
	}
	g.next = at.Add(g.every)
	g.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.now().Add(d); until.After(g.next) {
		g.next = until
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Has reports whether the recording has the answer to a text.
func (c *Client) Has(text string) bool {
	_, ok := c.o.Recording.find(c.api, c.model, clean(text))
	return ok
}

// clean is the text as it is sent: UTF-8, as every encoder of this module sees
// it.
func clean(text string) string { return tokenizers.ValidUTF8(text) }

// answer is what the vendor said of a text: a count, with the ids if it gives
// them, or that it takes no such text.
type answer struct {
	tokens  int
	ids     []tokenizers.ID
	refused string
	at      time.Time
}

// refusal is an answer that says no to this text; the next one may do.
type refusal struct{ error }

// fatal is one that says no to every text.
type fatal struct{ error }

// retryable is a failure that may pass. After is how long the vendor asks to
// wait.
type retryable struct {
	error
	after time.Duration
}

func (e refusal) Unwrap() error   { return e.error }
func (e fatal) Unwrap() error     { return e.error }
func (e retryable) Unwrap() error { return e.error }

// ask gives the vendor's count of a text: from the recording, or else from the
// vendor. probe is the name of a framing probe, empty for other texts.
func (c *Client) ask(ctx context.Context, text, probe string) (answer, error) {
	text = clean(text)
	if a, ok := c.o.Recording.find(c.api, c.model, text); ok {
		return a, nil
	}
	if c.o.HTTP == nil {
		what := fmt.Sprintf("the text %s", quote(text))
		if probe != "" {
			what = "the framing probe " + probe
		}
		return answer{}, fmt.Errorf("%s has no answer for %s of %s to %s", c.o.Recording.Name(), c.model, c.api, what)
	}
	a, err := c.askVendor(ctx, text)
	var no refusal
	if errors.As(err, &no) && text == "" {
		// That the empty text is refused is an answer, too.
		a, err = answer{refused: no.Error(), at: c.o.Now()}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if err := c.o.Recording.add(c.api, c.model, text, probe, a); err != nil {
		return answer{}, c.stop(fmt.Errorf("recording: %w", err))
	}
	return a, nil
}

func (c *Client) stop(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead == nil {
		c.dead = err
	}
	return c.dead
}

func (c *Client) stopped() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead
}

func (c *Client) askVendor(ctx context.Context, text string) (answer, error) {
	var last error
	backoff := c.o.Backoff
	for attempt := 1; attempt <= c.o.Attempts; attempt++ {
		if err := c.gate.wait(ctx); err != nil {
			return answer{}, err
		}
		if err := c.stopped(); err != nil {
			return answer{}, err
		}
		a, err := c.try(ctx, text)
		if err == nil {
			return a, nil
		}
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		err = redacted(err, c.o.Secrets)
		var stop fatal
		var again retryable
		switch {
		case errors.As(err, &stop):
			return answer{}, c.stop(err)
		case !errors.As(err, &again):
			return answer{}, err
		case again.after > c.o.MaxWait:
			return answer{}, c.stop(fmt.Errorf("%w; it asks to wait %v, longer than %v: go on later", err, again.after.Round(time.Second), c.o.MaxWait))
		}
		last = err
		if attempt == c.o.Attempts {
			break
		}
		if again.after > 0 {
			c.gate.pause(again.after)
			continue
		}
		// Half of it is chance, so that requests that failed together do not
		// come together again.
		if err := sleep(ctx, backoff/2+rand.N(backoff/2+1)); err != nil {
			return answer{}, err
		}
		backoff = min(2*backoff, time.Minute)
	}
	return answer{}, fmt.Errorf("%w; tried %d times", last, c.o.Attempts)
}

// try asks once.
func (c *Client) try(ctx context.Context, text string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c.vendor.request(c.vendor.model(c.model), text)); err != nil {
		return answer{}, fmt.Errorf("%s: %w", c.api, err)
	}
	sent := bytes.TrimSuffix(body.Bytes(), []byte("\n"))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address, bytes.NewReader(sent))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", c.api, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	c.vendor.sign(req, sent, c.o.Secrets, c.o.Now())
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		return answer{}, retryable{error: c.broken(ctx, "", err)}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if len(data) > maxBody {
		return answer{}, fmt.Errorf("%s: the answer has more than %d bytes: not one of the endpoint", c.api, maxBody)
	}
	// A vendor may repeat the key: out of it before anything is cut or quoted.
	for _, s := range c.o.Secrets {
		data = bytes.ReplaceAll(data, []byte(s), []byte("[KEY]"))
	}
	if resp.StatusCode != http.StatusOK {
		return answer{}, c.status(resp, data)
	}
	if err != nil {
		return answer{}, retryable{error: c.broken(ctx, "the answer breaks off: ", err)}
	}
	a, err := c.vendor.parse(data)
	if err != nil {
		return answer{}, c.inBody(err, data)
	}
	a.at = c.o.Now()
	return a, nil
}

// broken is an error of the wire. The address is left out: it may be that of a
// gateway, which is none of a record's business.
func (c *Client) broken(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: no answer within %v: %w", c.api, c.o.Timeout, ctx.Err())
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s: %s%w", c.api, what, err)
}

// status turns an answer that is not 200 into an error.
func (c *Client) status(resp *http.Response, data []byte) error {
	at := fmt.Sprintf("%s: status %d", c.api, resp.StatusCode)
	said := message(data)
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		// What a vendor says here may repeat a part of the key.
		return fatal{fmt.Errorf("%s: the key in %s is refused", at, c.keyName)}
	case code == http.StatusForbidden:
		return fatal{fmt.Errorf("%s: the key in %s may not do this, or not from here: %s", at, c.keyName, said)}
	case code == http.StatusPaymentRequired:
		return fatal{fmt.Errorf("%s: %s", at, said)}
	case code == http.StatusNotFound:
		return fatal{fmt.Errorf("%s: the vendor does not know the model %s or the address: %s", at, c.model, said)}
	case code >= 300 && code < 400:
		return fatal{fmt.Errorf("%s: it leads elsewhere, where the key is not sent; give the address by --endpoint %s=URL", at, c.api)}
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= 500:
		return retryable{fmt.Errorf("%s: %s", at, said), retryAfter(resp.Header.Get("Retry-After"), c.o.Now())}
	}
	return refusal{fmt.Errorf("%s: %s", at, said)}
}

// retryAfter reads the header: seconds or a date. 0 if there is none.
func retryAfter(s string, now time.Time) time.Duration {
	if s = strings.TrimSpace(s); s == "" {
		return 0
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		if !(n > 0) {
			return 0
		}
		return time.Duration(min(n, 1e9) * float64(time.Second))
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// inBody says what is wrong with an answer of status 200.
func (c *Client) inBody(err error, data []byte) error {
	var said *vendorError
	if !errors.As(err, &said) {
		return fmt.Errorf("%s: the answer is not of the published shape: %w; it begins with %s", c.api, err, quote(string(data)))
	}
	err = fmt.Errorf("%s: %w", c.api, err)
	switch said.kind {
	case keyRefused:
		return fatal{fmt.Errorf("%s: %s: the key in %s is refused", c.api, said.code, c.keyName)}
	case tryAgain:
		return retryable{error: err}
	case noMore:
		return fatal{err}
	}
	return refusal{err}
}

// quote clips a text that is shown in an error, and makes it one line.
func quote(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// redacted takes keys out of an error. Nothing puts them there, but a vendor
// may repeat one.
func redacted(err error, secrets []string) error {
	text := err.Error()
	hidden := text
	for _, s := range secrets {
		if s != "" {
			hidden = strings.ReplaceAll(hidden, s, "[KEY]")
		}
	}
	if hidden == text {
		return err
	}
	plain := errors.New(hidden)
	var again retryable
	switch {
	case errors.As(err, new(fatal)):
		return fatal{plain}
	case errors.As(err, &again):
		return retryable{plain, again.after}
	case errors.As(err, new(refusal)):
		return refusal{plain}
	}
	return plain
}
