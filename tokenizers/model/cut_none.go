//go:build !amd64 || noasm

package model

// cutTextFast begins cutText, where there is assembly for it.
func (f *pairFilter) cutTextFast(out []span, text string, pos, end int) (to, n int) { return pos, 0 }

// cutPiecesFast begins cutPieces, where there is assembly for it.
func (f *pairFilter) cutPiecesFast(out []span, text string, start int, ends []int32) (taken, n int) {
	return 0, 0
}
