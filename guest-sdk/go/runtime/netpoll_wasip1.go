// What Go's scheduler waits with when no goroutine can run, in place of Go's own file of this name: for the next timer,
// and for whatever goroutines of Isolet's SDK wait for. So a sleeping activity hears of its cancellation, and HTTP
// requests wait beside each other, although an instance has one thread and a component's calls block it.
//
// It must not know what the events mean, and must not allocate: the scheduler calls it without a processor.

//go:build wasip1

package runtime

import "unsafe"

// isoletWaits is how many goroutines can wait at once. The host's own limit on resources is of this size.
const isoletWaits = 1024

// isoletWait is one goroutine that waits. There is no pointer in it: where the scheduler writes here, it may write none.
type isoletWait struct {
	gp guintptr
	// pollable is what it waits for, or 0 for events.
	pollable uint32
	events   uint32
	happened uint32
}

var (
	isoletTable [isoletWaits]isoletWait
	// isoletUsed is where the used part of the table ends.
	isoletUsed int
	// isoletPolled are the pollables of one poll: those of goroutines, that of events and that of the timer.
	isoletPolled [isoletWaits + 2]uint32
	// isoletAnswer takes the list that a poll returns, which the host has the guest allocate.
	isoletAnswer [isoletWaits + 2]uint32
	// isoletList is what a poll returns: the answer's place and length.
	isoletList struct{ place, length uint32 }
	// isoletPolling is set while a poll is under way: see isoletAllocate.
	isoletPolling bool
	// isoletSkipped counts polls that would not have waited.
	isoletSkipped uint32
)

const (
	// isoletIsReady is what has happened to who waits for a pollable.
	isoletIsReady = 1 << 31
	// isoletForgotten is what has happened to who need not wait for it any more.
	isoletForgotten = 1 << 30
)

// isoletSkip is how many polls that would not wait are left out: goroutines that are about to run have more to do.
const isoletSkip = 16

//go:wasmimport isolet:activity/cancellation@0.1.0 wait
func isolet_wait(until uint32, isSome uint32, seconds uint64, nanoseconds uint32) uint32

//go:wasmimport isolet:activity/cancellation-pollable@0.1.0 subscribe
func isolet_subscribe(until uint32) uint32

//go:wasmimport wasi:clocks/monotonic-clock@0.2.6 subscribe-duration
func isolet_subscribe_duration(nanoseconds uint64) uint32

//go:wasmimport wasi:io/poll@0.2.6 poll
func isolet_poll(pollables unsafe.Pointer, count uint32, answer unsafe.Pointer)

//go:wasmimport wasi:io/poll@0.2.6 [resource-drop]pollable
func isolet_drop_pollable(pollable uint32)

// isoletAwait parks the goroutine until one of these events has happened, or the pollable is ready if it is not 0, and
// returns the events that have happened. It returns 0 at once when too many wait already.
//
//go:linkname isoletAwait
func isoletAwait(pollable, events uint32) uint32 {
	netpollGenericInit()
	place := 0
	for place < isoletUsed && isoletTable[place].gp != 0 {
		place++
	}
	if place == isoletWaits {
		return 0
	}
	isoletUsed = max(isoletUsed, place+1)
	wait := &isoletTable[place]
	wait.gp.set(getg())
	wait.pollable, wait.events, wait.happened = pollable, events, 0
	netpollAdjustWaiters(1)
	gopark(nil, nil, waitReasonIOWait, traceBlockNet, 1)
	happened := wait.happened
	wait.gp = 0
	for 0 < isoletUsed && isoletTable[isoletUsed-1].gp == 0 {
		isoletUsed--
	}
	return happened
}

// isoletForget lets the goroutine go on that waits for a pollable, if one does: the pollable is about to be dropped.
//
//go:linkname isoletForget
func isoletForget(pollable uint32) {
	for i := 0; i < isoletUsed; i++ {
		wait := &isoletTable[i]
		if wait.gp != 0 && wait.pollable == pollable && wait.happened == 0 {
			wait.happened = isoletForgotten
			netpollAdjustWaiters(-1)
			goready(wait.gp.ptr(), 1)
		}
	}
}

// isoletAllocate is where the answer of a poll goes that is under way, or nil: then memory is allocated as always.
//
//go:linkname isoletAllocate
//go:nosplit
func isoletAllocate() unsafe.Pointer {
	if isoletPolling {
		return unsafe.Pointer(&isoletAnswer)
	}
	return nil
}

// netpoll waits so long, for ever if it is negative, and returns the goroutines that can go on.
func netpoll(delay int64) (gList, int32) {
	if delay == 0 {
		isoletSkipped++
		if isoletSkipped%isoletSkip != 0 {
			return gList{}, 0
		}
	}
	pollables, events := 0, uint32(0)
	for i := 0; i < isoletUsed; i++ {
		wait := &isoletTable[i]
		if wait.gp == 0 || wait.happened != 0 {
			continue
		}
		events |= wait.events
		if wait.pollable != 0 {
			isoletPolled[pollables] = wait.pollable
			pollables++
		}
	}
	if pollables == 0 {
		if events == 0 && delay <= 0 {
			return gList{}, 0
		}
		return isoletReady(isoletWaitFor(events, delay), 0)
	}
	return isoletReady(isoletPollFor(pollables, events, delay))
}

// isoletWaitFor waits for events alone.
func isoletWaitFor(events uint32, delay int64) uint32 {
	if delay < 0 {
		return isolet_wait(events, 0, 0, 0)
	}
	return isolet_wait(events, 1, uint64(delay)/1e9, uint32(uint64(delay)%1e9))
}

// isoletPollFor waits for pollables, too, and returns the events that have happened and how many pollables are ready:
// theirs are the first places of the answer.
func isoletPollFor(pollables int, events uint32, delay int64) (happened uint32, ready int) {
	count := pollables
	if events != 0 {
		isoletPolled[count] = isolet_subscribe(events)
		count++
	}
	timer := count
	if 0 <= delay {
		isoletPolled[count] = isolet_subscribe_duration(uint64(delay))
		count++
	}
	isoletPolling = true
	isolet_poll(unsafe.Pointer(&isoletPolled), uint32(count), unsafe.Pointer(&isoletList))
	isoletPolling = false
	for i := 0; i < int(isoletList.length); i++ {
		if place := int(isoletAnswer[i]); place < pollables {
			isoletAnswer[ready] = isoletPolled[place]
			ready++
		}
	}
	for i := pollables; i < count; i++ {
		isolet_drop_pollable(isoletPolled[i])
	}
	if pollables < timer {
		happened = isolet_wait(events, 1, 0, 0)
	}
	return happened, ready
}

// isoletReady lists the goroutines that wait for one of these events, or one of so many pollables of the answer.
func isoletReady(happened uint32, pollables int) (gList, int32) {
	var ready gList
	delta := int32(0)
	for i := 0; i < isoletUsed; i++ {
		wait := &isoletTable[i]
		if wait.gp == 0 || wait.happened != 0 {
			continue
		}
		wait.happened = wait.events & happened
		for _, pollable := range isoletAnswer[:pollables] {
			if wait.pollable == pollable {
				wait.happened |= isoletIsReady
			}
		}
		if wait.happened != 0 {
			ready.push(wait.gp.ptr())
			delta--
		}
	}
	return ready, delta
}

// Files are always ready, and there are no sockets: nothing is waited for with a descriptor.

func netpollinit() {}

func netpollIsPollDescriptor(fd uintptr) bool { return false }

// netpollopen says, with the errno of what is not supported, that the descriptor is to be used without waiting.
func netpollopen(fd uintptr, pd *pollDesc) int32 { return 58 }

func netpollclose(fd uintptr) int32 { return 0 }

func netpollarm(pd *pollDesc, mode int) {}

func netpollBreak() {}
