package activities

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"
)

func Allocate(mib int) (int, error) {
	all := make([]byte, mib<<20)
	for i := range all {
		all[i] = 1
	}
	return len(all), nil
}

func Clock() (int64, error) { return time.Now().UnixMilli(), nil }

func CpuMs(ms int64) (int64, error) {
	for begun := time.Now(); time.Since(begun) < time.Duration(ms)*time.Millisecond; {
	}
	return ms, nil
}

// Deadlock waits for what nobody does.
func Deadlock() error {
	<-make(chan struct{})
	return nil
}

func Environment() ([]string, error) {
	names := []string{}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		names = append(names, name)
	}
	return names, nil
}

// Exit ends the program.
func Exit(code int) error {
	os.Exit(code)
	return nil
}

func Random() (string, error) { return fmt.Sprintf("%016x", rand.Uint64()), nil }

func ReadFile(path string) (string, error) {
	text, err := os.ReadFile(path)
	return string(text), err
}

// Recurse recurses so deeply; without an end for 0.
func Recurse(depth int) (int, error) { return recurse(depth, 1), nil }

func recurse(depth, now int) int {
	if depth == now {
		return now
	}
	return recurse(depth, now+1) + 0*now
}

func SleepMs(ctx context.Context, ms int64) (int64, error) {
	return ms, sleep(ctx, time.Duration(ms)*time.Millisecond)
}

func Spin() error {
	for {
	}
}

// Together sleeps in so many goroutines at once, and returns how long that took in all.
func Together(goroutines int, ms int64) (int64, error) {
	begun := time.Now()
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() { time.Sleep(time.Duration(ms) * time.Millisecond) })
	}
	group.Wait()
	return time.Since(begun).Milliseconds(), nil
}
