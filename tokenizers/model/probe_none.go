//go:build !amd64 || noasm

package model

import "github.com/babelmeter/babelmeter/tokenizers/vocab"

func (c *cache) probe(dst []vocab.ID, text string, start int, spans []span) (int, int, []vocab.ID) {
	return c.probeGo(dst, text, start, spans)
}
