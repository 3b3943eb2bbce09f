// Activities that send requests with net/http.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// Request is what to send.
type Request struct {
	URL       string            `json:"url"`
	Method    string            `json:"method"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
	TimeoutMs int64             `json:"timeout_ms"`
}

// Answer is what came back.
type Answer struct {
	Status int    `json:"status"`
	Type   string `json:"type"`
	Size   int    `json:"size"`
	Body   string `json:"body"`
}

func fetch(ctx context.Context, asked Request) (*Answer, error) {
	var body io.Reader
	method := http.MethodGet
	if asked.Body != "" {
		body, method = strings.NewReader(asked.Body), http.MethodPost
	}
	if asked.Method != "" {
		method = asked.Method
	}
	request, err := http.NewRequestWithContext(ctx, method, asked.URL, body)
	if err != nil {
		return nil, err
	}
	for name, value := range asked.Headers {
		request.Header.Set(name, value)
	}
	sender := http.Client{Timeout: time.Duration(asked.TimeoutMs) * time.Millisecond}
	response, err := sender.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return &Answer{
		Status: response.StatusCode, Type: response.Header.Get("Content-Type"), Size: len(text),
		Body: string(text[:min(len(text), 200)]),
	}, nil
}

// fetchAll sends all at once, and returns what came of each.
func fetchAll(ctx context.Context, all []Request) ([]string, error) {
	told := make([]string, len(all))
	var group sync.WaitGroup
	for i, each := range all {
		group.Go(func() {
			answer, err := fetch(ctx, each)
			if err != nil {
				told[i] = err.Error()
				return
			}
			told[i] = fmt.Sprintf("%d %d", answer.Status, answer.Size)
		})
	}
	group.Wait()
	return told, nil
}

// fetchUntilCancelled waits for an answer until it is cancelled.
func fetchUntilCancelled(ctx context.Context, asked Request) (string, error) {
	_, err := fetch(ctx, asked)
	if !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return "", err
	}
	return "cancelled in the middle", nil
}

func main() {
	c, err := client.Dial(client.Options{})
	if err != nil {
		log.Fatalln(err)
	}
	w := worker.New(c, "http", worker.Options{})
	w.RegisterActivity(fetch)
	w.RegisterActivity(fetchAll)
	w.RegisterActivity(fetchUntilCancelled)
	if err := w.Run(worker.InterruptCh()); err != nil {
		log.Fatalln(err)
	}
}
