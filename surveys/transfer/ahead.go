package transfer

import "slices"

// aheadRows gives the rows of a source that another goroutine reads ahead, a block at a time: reading a file costs
// about as much as holding its rows against the store.
type aheadRows struct {
	blocks <-chan rowBlock
	block  rowBlock
	at     int
}

// rowBlock is some rows, and the error that ended the reading behind them.
type rowBlock struct {
	rows []row
	err  error
}

const blockRows = 256

// readAhead begins to read. The source, and the file below it, are the caller's again after stop.
func readAhead(source rows) (ahead *aheadRows, stop func()) {
	blocks, stopped := make(chan rowBlock, 4), make(chan struct{})
	go func() {
		defer close(blocks)
		for {
			b := readBlock(source)
			select {
			case blocks <- b:
			case <-stopped:
				return
			}
			if b.err != nil {
				return
			}
		}
	}()
	return &aheadRows{blocks: blocks}, func() {
		close(stopped)
		for range blocks { // until the reader has left
		}
	}
}

func readBlock(source rows) rowBlock {
	b := rowBlock{rows: make([]row, 0, blockRows)}
	for len(b.rows) < blockRows && b.err == nil {
		var r row
		if r, b.err = source.next(); b.err == nil {
			r.cells = slices.Clone(r.cells)
			b.rows = append(b.rows, r)
		}
	}
	return b
}

func (a *aheadRows) next() (row, error) {
	for a.at == len(a.block.rows) {
		if a.block.err != nil {
			return row{}, a.block.err
		}
		a.block, a.at = <-a.blocks, 0
	}
	r := a.block.rows[a.at]
	a.at++
	return r, nil
}
