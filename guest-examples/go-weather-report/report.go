package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
)

// Options say how the report is made.
type Options struct {
	// ChunkRows is how many rows are read between two heartbeats; 250 if it is left out.
	ChunkRows int `json:"chunk_rows"`
	// PausePerChunk is how long to pause after each chunk, in seconds: makes a short table take long.
	PausePerChunk float64 `json:"pause_per_chunk"`
}

// Place is what the rows of one place come to.
type Place struct {
	Days      map[string]int `json:"days"`
	Warmest   float64        `json:"warmest"`
	WarmestOn string         `json:"warmest_on"`
}

// Progress is how far an attempt is: what a heartbeat carries.
type Progress struct {
	Rows   int               `json:"rows"`
	Places map[string]*Place `json:"places"`
}

// Report is what comes of it.
type Report struct {
	Progress
	Attempt         int32 `json:"attempt"`
	ResumedAfterRow int   `json:"resumed_after_row"`
}

// WeatherReport sums up a CSV table of weather: per place, the days of each kind of weather and the warmest one.
//
// It works in chunks of rows. After each chunk a heartbeat carries what it has so far, so that an attempt that follows a
// killed one goes on from there.
func WeatherReport(ctx context.Context, table []byte, options Options) (*Report, error) {
	if options.ChunkRows <= 0 {
		options.ChunkRows = 250
	}
	progress := Progress{Places: map[string]*Place{}}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &progress); err != nil {
			return nil, err
		}
	}
	begun := progress.Rows
	rows, err := newRows(table)
	if err != nil {
		return nil, err
	}
	for number := 1; ; number++ {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if number <= begun {
			continue
		}
		progress.add(row)
		if progress.Rows%options.ChunkRows != 0 {
			continue
		}
		activity.RecordHeartbeat(ctx, progress)
		activity.GetLogger(ctx).Info("read", "rows", progress.Rows)
		select {
		case <-time.After(time.Duration(options.PausePerChunk * float64(time.Second))):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	info := activity.GetInfo(ctx)
	return &Report{Progress: progress, Attempt: info.Attempt, ResumedAfterRow: begun}, nil
}

// row is one line of the table.
type row struct {
	place, weather, date string
	warmest              float64
}

func (p *Progress) add(row row) {
	place, ok := p.Places[row.place]
	if !ok {
		place = &Place{Days: map[string]int{}, Warmest: row.warmest, WarmestOn: row.date}
		p.Places[row.place] = place
	}
	place.Days[row.weather]++
	if place.Warmest < row.warmest {
		place.Warmest, place.WarmestOn = row.warmest, row.date
	}
	p.Rows++
}

// rows reads the lines of a table, by the names of its columns.
type rows struct {
	reader  *csv.Reader
	columns map[string]int
}

func newRows(table []byte) (*rows, error) {
	reader := csv.NewReader(bytes.NewReader(table))
	names, err := reader.Read()
	if err != nil {
		return nil, invalid("the table has no first line", err)
	}
	columns := map[string]int{}
	for place, name := range names {
		columns[name] = place
	}
	for _, wanted := range []string{"location", "date", "weather", "temp_max"} {
		if _, ok := columns[wanted]; !ok {
			return nil, invalid(fmt.Sprintf("the table has no column %q", wanted), nil)
		}
	}
	return &rows{reader: reader, columns: columns}, nil
}

func (r *rows) next() (row, error) {
	fields, err := r.reader.Read()
	if errors.Is(err, io.EOF) {
		return row{}, err
	}
	if err != nil {
		return row{}, invalid("the table can't be read", err)
	}
	warmest, err := strconv.ParseFloat(fields[r.columns["temp_max"]], 64)
	if err != nil {
		line, _ := r.reader.FieldPos(r.columns["temp_max"])
		return row{}, invalid(fmt.Sprintf("line %d has no temperature", line), err)
	}
	return row{
		place: fields[r.columns["location"]], weather: fields[r.columns["weather"]], date: fields[r.columns["date"]],
		warmest: warmest,
	}, nil
}

// invalid is the error of a table that no attempt could read.
func invalid(message string, cause error) error {
	return temporal.NewNonRetryableApplicationError(message, "InvalidTable", cause)
}
