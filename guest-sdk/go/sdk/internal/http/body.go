//go:build wasip1

package http

import (
	"context"
	"errors"
	"io"

	types "go.temporal.io/sdk/internal/wit/imports/wasi_http_types"
	"go.temporal.io/sdk/internal/wit/imports/wasi_io_streams"
	witTypes "go.temporal.io/sdk/internal/witpkg/types"
)

// piece is how much is read or written at once.
const piece = 64 << 10

// send writes the body of a request and finishes it. A body that can't be read leaves the request unfinished, which the
// host tells the server by ending the connection.
func send(ctx context.Context, from io.ReadCloser, to *types.OutgoingBody) {
	if from != nil {
		defer from.Close()
		if err := write(ctx, from, to); err != nil {
			to.Drop()
			return
		}
	}
	types.OutgoingBodyFinish(to, witTypes.None[*types.Fields]())
}

func write(ctx context.Context, from io.Reader, to *types.OutgoingBody) error {
	opened := to.Write()
	if opened.IsErr() {
		return errors.New("the body is written already")
	}
	stream := opened.Ok()
	defer stream.Drop()
	buffer := make([]byte, piece)
	for {
		read, err := from.Read(buffer)
		for rest := buffer[:read]; len(rest) != 0; {
			room, err := roomIn(ctx, stream)
			if err != nil {
				return err
			}
			part := rest[:min(len(rest), room)]
			if stream.Write(part).IsErr() {
				return io.ErrClosedPipe
			}
			rest = rest[len(part):]
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// roomIn waits until something can be written, and returns how much.
func roomIn(ctx context.Context, stream *wasi_io_streams.OutputStream) (int, error) {
	for {
		room := stream.CheckWrite()
		if room.IsErr() {
			return 0, io.ErrClosedPipe
		}
		if room.Ok() != 0 {
			return int(min(room.Ok(), piece)), nil
		}
		if err := ready(ctx, stream.Subscribe()); err != nil {
			return 0, err
		}
	}
}

// incomingBody is the body of a response.
type incomingBody struct {
	ctx    context.Context
	body   *types.IncomingBody
	stream *wasi_io_streams.InputStream
}

func (b *incomingBody) Read(into []byte) (int, error) {
	if b.stream == nil {
		return 0, errors.New("http: read on closed response body")
	}
	for len(into) != 0 {
		read := b.stream.Read(uint64(min(len(into), piece)))
		if read.IsErr() {
			return 0, streamError(read.Err())
		}
		if data := read.Ok(); len(data) != 0 {
			return copy(into, data), nil
		}
		if err := ready(b.ctx, b.stream.Subscribe()); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

func streamError(err wasi_io_streams.StreamError) error {
	if err.Tag() == wasi_io_streams.StreamError_Closed {
		return io.EOF
	}
	cause := err.LastOperationFailed()
	defer cause.Drop()
	if code := types.HttpErrorCode(cause); code.IsSome() {
		return failed(code.Some())
	}
	return io.ErrUnexpectedEOF
}

// Close drops what was not read.
func (b *incomingBody) Close() error {
	if b.stream != nil {
		b.stream.Drop()
		b.body.Drop()
		b.stream = nil
	}
	return nil
}
