package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// Counter counts for one model, without the framing. It is a
// tokenizers.Encoder, safe for concurrent use.
type Counter struct {
	Framing Framing
	client  *Client
	since   time.Time
}

// Since is when the first of the framing probes was answered: the date of the
// counts, whenever they are replayed.
func (k *Counter) Since() time.Time { return k.since }

// CountTexts counts several texts, as many at a time as the client may. It
// stops at the first error, which names the text by its number.
func (k *Counter) CountTexts(ctx context.Context, texts []string) ([]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	counts := make([]int, len(texts))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(k.client.o.Parallel, len(texts)) {
		wg.Go(func() {
			for i := range next {
				n, err := k.count(ctx, texts[i])
				if err != nil {
					if ctx.Err() == nil {
						err = fmt.Errorf("segment %d: %w", i+1, err)
					}
					cancel(err)
					continue
				}
				counts[i] = n
			}
		})
	}
feed:
	for i := range texts {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return counts, nil
}

func (k *Counter) count(ctx context.Context, text string) (int, error) {
	a, err := k.client.ask(ctx, text, "")
	if err != nil {
		return 0, err
	}
	if text == "" {
		return 0, nil
	}
	if a.refused != "" {
		return 0, errors.New(a.refused)
	}
	n := a.tokens - k.Framing.Tokens
	if n < 0 {
		return 0, fmt.Errorf("%s counts %d tokens, fewer than the %d that are around a text", k.client.api, a.tokens, k.Framing.Tokens)
	}
	return n, nil
}

// Count counts one text.
func (k *Counter) Count(text string) (int, error) { return k.count(context.Background(), text) }

// AppendEncode appends the ids of a text, if the vendor gives ids and counts
// the text alone. A recording holds counts only: ids would spell out the text.
func (k *Counter) AppendEncode(dst []tokenizers.ID, text string) ([]tokenizers.ID, error) {
	if text == "" {
		return dst, nil
	}
	if k.client.o.HTTP == nil {
		return dst, fmt.Errorf("%s: a recording holds counts, no ids", k.client.api)
	}
	a, err := k.client.askVendor(context.Background(), clean(text))
	if err != nil {
		return dst, err
	}
	if a.ids == nil || k.Framing.Tokens != 0 {
		return dst, fmt.Errorf("%s gives no ids of the text alone", k.client.api)
	}
	return append(dst, a.ids...), nil
}

// VocabName is the name under which the counts of a model stand in records:
// [a-z0-9._]+, as for every vocabulary.
func VocabName(model string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '_':
			return r
		}
		return '_'
	}, strings.ToLower(model))
}
