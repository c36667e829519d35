package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/groundway-sdk/groundway/iam"
)

// authorize decides one request, or those of a file.
func (c command) authorize(args []string) (int, error) {
	set := flags("authorize")
	batch := set.String("batch", "", "")
	format := set.String("format", "text", "")
	policies := addPolicyFlags(set)
	r := iam.Request{Context: addContext(set)}
	set.StringVar(&r.Principal, "principal", "", "")
	action := set.String("action", "", "")
	set.StringVar(&r.Resource, "resource", "", "")
	account := set.String("resource-account", "", "")
	set.BoolVar(&r.Partial, "partial", false, "")
	if err := parse(set, args); err != nil {
		return statusBroken, err
	}
	r.Action, r.ResourceAccount = iam.Action(*action), iam.Account(*account)
	switch {
	case set.NArg() > 0:
		return statusBroken, fmt.Errorf("authorize: unexpected argument %q: every input has a flag, -h lists them", set.Arg(0))
	case *batch != "" && set.NFlag() > 1:
		return statusBroken, errors.New("authorize: -batch stands alone: its lines hold everything")
	case *batch != "":
		return c.batch(*batch)
	case r.Principal == "" || r.Action == "":
		return statusBroken, errors.New("authorize: want -principal and -action, or -batch")
	}
	if err := choice(set, "format", *format, "text", "json"); err != nil {
		return statusBroken, err
	}
	p, err := policies.read()
	if err != nil {
		return statusBroken, err
	}
	a, err := iam.Compile(p)
	if err != nil {
		return statusBroken, err
	}
	x, err := a.Explain(r)
	if err != nil {
		return statusBroken, err
	}
	if *format == "json" {
		err = encode(c.stdout, x, "  ")
	} else {
		_, err = io.WriteString(c.stdout, x.String())
	}
	if err != nil {
		return statusBroken, fmt.Errorf("write explanation: %w", err)
	}
	if x.Verdict != iam.Allowed {
		return statusBlocked, nil
	}
	return statusClear, nil
}

// A question is a line of a batch.
type question struct {
	ID       json.RawMessage  `json:"id"`
	Request  iam.Request      `json:"request"`
	Identity []iam.Document   `json:"identity"`
	Boundary []iam.Document   `json:"boundary"`
	Session  []iam.Document   `json:"session"`
	Resource *iam.Document    `json:"resource"`
	SCPs     [][]iam.Document `json:"scps"`
	RCPs     [][]iam.Document `json:"rcps"`
	Endpoint []iam.Document   `json:"endpoint"`
}

// An answer is a line that comes out. Either it has a verdict, or an error.
type answer struct {
	ID      json.RawMessage `json:"id"`
	Verdict string          `json:"verdict,omitempty"`
	Layer   string          `json:"layer,omitempty"`
	Missing []string        `json:"missing,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// batch decides the requests of a file, a line each.
func (c command) batch(file string) (int, error) {
	in := c.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return statusBroken, fmt.Errorf("read batch: %w", err)
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewReader(in)
	out := bufio.NewWriter(c.stdout)
	status := statusClear
	for {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			a := decide(line)
			if a.Error != "" {
				status = statusBlocked
			}
			if err := encode(out, a, ""); err != nil {
				return statusBroken, fmt.Errorf("write answer: %w", err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			if err := out.Flush(); err != nil {
				return statusBroken, fmt.Errorf("write answer: %w", err)
			}
			return status, nil
		case err != nil:
			return statusBroken, fmt.Errorf("read batch: %w", err)
		}
	}
}

// decide answers a line. What is wrong with it is part of the answer, so that
// the lines that come out are as many as those that go in.
func decide(line []byte) answer {
	var q question
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		// The id may have been read before the mistake, or stand behind it.
		var named struct {
			ID json.RawMessage `json:"id"`
		}
		_ = json.Unmarshal(line, &named)
		return answer{ID: orNull(named.ID), Error: "read line: " + err.Error()}
	}
	out := answer{ID: orNull(q.ID)}
	if _, more := d.Token(); more != io.EOF {
		out.Error = "read line: text after the object"
		return out
	}
	p := iam.Policies{Identity: q.Identity, Boundary: q.Boundary, Session: q.Session, SCPs: q.SCPs, RCPs: q.RCPs, Endpoint: q.Endpoint}
	if q.Resource != nil {
		p.Resource = *q.Resource
	}
	a, err := iam.Compile(p)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	verdict, err := a.Authorize(q.Request)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.Verdict, out.Layer, out.Missing = verdict.Verdict.String(), verdict.Layer.String(), verdict.Missing
	return out
}

func orNull(id json.RawMessage) json.RawMessage {
	if id == nil {
		return json.RawMessage("null")
	}
	return id
}
