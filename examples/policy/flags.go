package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// flags returns a set whose errors are the caller's to print.
func flags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}

// parse reads the flags of a set. An empty value is an error: an unset variable
// of a script must not turn into another question.
func parse(set *flag.FlagSet, args []string) error {
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return fmt.Errorf("%s: %w; -h lists the flags", set.Name(), err)
	}
	var err error
	set.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" && f.DefValue == "" && f.Name != "context" && !repeated[f.Name] && err == nil {
			err = fmt.Errorf("%s: -%s: the value is empty", set.Name(), f.Name)
		}
	})
	return err
}

// repeated are the flags that check their values themselves.
var repeated = map[string]bool{
	"identity": true, "boundary": true, "session": true, "resource-policy": true, "scp": true, "rcp": true, "endpoint": true,
	"user": true, "role": true, "group": true, "policy": true, "placeholder": true, "tag": true, "pass-to": true,
}

// list is a flag that may be repeated.
func list(set *flag.FlagSet, name string) *[]string {
	values := new([]string)
	set.Func(name, "", func(v string) error {
		if v == "" {
			return errors.New("the value is empty")
		}
		*values = append(*values, v)
		return nil
	})
	return values
}

// choice checks the value of a flag.
func choice(set *flag.FlagSet, name, value string, words ...string) error {
	for _, w := range words {
		if value == w {
			return nil
		}
	}
	return fmt.Errorf("%s: -%s %q: want one of %s", set.Name(), name, value, strings.Join(words, ", "))
}

// policyFlags are the flags that name policies.
type policyFlags struct {
	identity, boundary, session, resource, scps, rcps, endpoint *[]string
}

func addPolicyFlags(set *flag.FlagSet) policyFlags {
	return policyFlags{
		identity: list(set, "identity"), boundary: list(set, "boundary"), session: list(set, "session"), resource: list(set, "resource-policy"),
		scps: list(set, "scp"), rcps: list(set, "rcp"), endpoint: list(set, "endpoint"),
	}
}

// read reads the policies that the flags name.
func (f policyFlags) read() (p iam.Policies, err error) {
	for _, layer := range []struct {
		files []string
		to    *[]iam.Document
	}{{*f.identity, &p.Identity}, {*f.boundary, &p.Boundary}, {*f.session, &p.Session}, {*f.endpoint, &p.Endpoint}} {
		if *layer.to, err = readDocuments(layer.files); err != nil {
			return p, err
		}
	}
	switch len(*f.resource) {
	case 0:
	case 1:
		if p.Resource, err = readDocument((*f.resource)[0]); err != nil {
			return p, err
		}
	default:
		return p, errors.New("-resource-policy: a resource has one policy")
	}
	for _, layer := range []struct {
		levels []string
		to     *[][]iam.Document
	}{{*f.scps, &p.SCPs}, {*f.rcps, &p.RCPs}} {
		for _, files := range layer.levels {
			level, err := readDocuments(strings.Split(files, ","))
			if err != nil {
				return p, err
			}
			*layer.to = append(*layer.to, level)
		}
	}
	return p, nil
}

func readDocuments(files []string) ([]iam.Document, error) {
	var list []iam.Document
	for _, file := range files {
		d, err := readDocument(file)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func readDocument(file string) (iam.Document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return iam.Document{}, fmt.Errorf("read policy: %w", err)
	}
	return iam.Parse(string(text), iam.ParseOptions{File: file})
}

// addContext is the flag for condition keys.
func addContext(set *flag.FlagSet) iam.Context {
	context := iam.Context{}
	set.Func("context", "", func(v string) error {
		key, value, ok := strings.Cut(v, "=")
		if !ok || !strings.Contains(key, ":") {
			return errors.New("want KEY=VALUE, such as aws:SourceIp=192.0.2.1")
		}
		context[key] = append(context[key], value)
		return nil
	})
	return context
}
