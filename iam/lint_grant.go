package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway/internal/editdistance"
)

// action applies the rules about the name of an action. It is false if the
// catalog has no such action, so that other rules cannot ask about it.
func (l *linter) action(i int, steps []string, a Action) bool {
	service, name, ok := strings.Cut(string(a), ":")
	if l.catalog == nil || a != "*" && (!ok || service == "" || name == "") {
		return false // that it has no such form is Validate's
	}
	if a == "*" {
		l.held[codeActionUnknown]++
		l.held[codeActionCase]++
		return true
	}
	s := suspicion{
		problem:    problem{code: codeActionUnknown, statement: i, steps: steps, value: string(a), got: string(a), want: "an action of the catalog"},
		confidence: MediumConfidence, source: "catalog",
	}
	var spelt bool
	var names []Action
	if a.isPattern() {
		if !l.afford(a) {
			return false
		}
		names = l.expand(a)
		spelt = slices.ContainsFunc(names, func(known Action) bool { return glob(string(a), string(known)) })
		s.summary = fmt.Sprintf("No action of the catalog matches %s", quote(string(a)))
	} else if f := l.facts(a); f.known {
		names = []Action{f.name}
		spelt = f.name == a
	} else {
		s.summary = fmt.Sprintf("The catalog has no action %s", quote(string(a)))
		if instead, sure := l.instead(a); instead != "" {
			s.remedy = fmt.Sprintf("Write %s, if that is meant, or remove the action.", instead)
			if sure {
				s.confidence = HighConfidence
				s.summary = fmt.Sprintf("%s is an operation of the API and no action: %s is what allows it", a, instead)
				s.remedy = fmt.Sprintf("Write %s.", instead)
			}
		}
	}
	l.check(len(names) > 0, s)
	if len(names) == 0 {
		l.blocked[codeActionCase] = true
		return false
	}
	s.code, s.confidence, s.remedy = codeActionCase, HighConfidence, ""
	s.want = string(names[0])
	if a.isPattern() {
		s.want = "as in " + s.want
		s.confidence = MediumConfidence
	} else {
		s.remedy = fmt.Sprintf("Write %s.", names[0])
	}
	s.summary = fmt.Sprintf("%s is not in the letter case of AWS, which writes %s", a, names[0])
	l.check(spelt, s)
	return true
}

// maxGuesses bounds for how many unknown names Lint looks for one that is close,
// so that a document full of them costs no more than its length.
const maxGuesses = 32

// instead returns the action that was probably meant, and whether AWS says so.
func (l *linter) instead(a Action) (Action, bool) {
	service := a.Service()
	_, name, _ := strings.Cut(asciiLower(string(a)), ":")
	if service == "s3" {
		if action, ok := s3Operations[name]; ok && l.facts(action).known {
			return action, true
		}
	}
	if l.guesses++; l.guesses > maxGuesses || len(a) > 128 {
		return "", false
	}
	best, bestAt := Action(""), 1+len(name)/5
	for _, known := range l.expand(Action(service + ":*")) {
		_, other, _ := strings.Cut(asciiLower(string(known)), ":")
		if d := editdistance.Of(name, other, bestAt); d < bestAt {
			best, bestAt = known, d
		}
	}
	return best, false
}

// s3Operations are operations of the API of Amazon S3 of which the action has
// another name, in lower case.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
var s3Operations = map[string]Action{
	"getbucketreplication":             "s3:GetReplicationConfiguration",
	"putbucketreplication":             "s3:PutReplicationConfiguration",
	"deletebucketreplication":          "s3:PutReplicationConfiguration",
	"getbucketencryption":              "s3:GetEncryptionConfiguration",
	"putbucketencryption":              "s3:PutEncryptionConfiguration",
	"deletebucketencryption":           "s3:PutEncryptionConfiguration",
	"getbucketlifecycle":               "s3:GetLifecycleConfiguration",
	"getbucketlifecycleconfiguration":  "s3:GetLifecycleConfiguration",
	"putbucketlifecycle":               "s3:PutLifecycleConfiguration",
	"putbucketlifecycleconfiguration":  "s3:PutLifecycleConfiguration",
	"deletebucketlifecycle":            "s3:PutLifecycleConfiguration",
	"getbucketaccelerateconfiguration": "s3:GetAccelerateConfiguration",
	"putbucketaccelerateconfiguration": "s3:PutAccelerateConfiguration",
	"deletebucketcors":                 "s3:PutBucketCORS",
	"deletebuckettagging":              "s3:PutBucketTagging",
	"getpublicaccessblock":             "s3:GetBucketPublicAccessBlock",
	"putpublicaccessblock":             "s3:PutBucketPublicAccessBlock",
	"deletepublicaccessblock":          "s3:PutBucketPublicAccessBlock",
	"headbucket":                       "s3:ListBucket",
	"headobject":                       "s3:GetObject",
	"listobjects":                      "s3:ListBucket",
	"listobjectsv2":                    "s3:ListBucket",
	"listobjectversions":               "s3:ListBucketVersions",
	"listbuckets":                      "s3:ListAllMyBuckets",
	"listmultipartuploads":             "s3:ListBucketMultipartUploads",
	"listparts":                        "s3:ListMultipartUploadParts",
	"deleteobjects":                    "s3:DeleteObject",
	"copyobject":                       "s3:PutObject",
	"createmultipartupload":            "s3:PutObject",
	"uploadpart":                       "s3:PutObject",
	"completemultipartupload":          "s3:PutObject",
}

// A resourceSet is the resources of a statement. The zero value says nothing
// about them: there are none, or one of them cannot be read.
type resourceSet struct {
	list  []arnPattern
	index map[string][]int // of the list by the service; "" for those of any
	all   bool             // one of them is "*"
	known bool             // all can be read
	match map[string]bool  // by the pattern of a type

	inside map[string][]string // of Tighten, by the ARNs of a type
}

func resourcesOf(s Statement, version Version) *resourceSet {
	r := &resourceSet{index: map[string][]int{}, match: map[string]bool{}, inside: map[string][]string{}, known: len(s.Resources) > 0 && s.NotResources == nil}
	for _, text := range s.Resources {
		a, ok := readResource(text, version)
		r.known = r.known && ok
		r.all = r.all || a.all
		service := a.parts[2]
		if strings.ContainsAny(service, "*?") {
			service = ""
		}
		r.index[service] = append(r.index[service], len(r.list))
		r.list = append(r.list, a)
	}
	return r
}

// near returns those of the resources that can be of the services of patterns,
// in their order.
func (r *resourceSet) near(patterns []arnPattern) []arnPattern {
	var indexes []int
	for _, p := range patterns {
		if strings.ContainsAny(p.parts[2], "*?") {
			return r.list
		}
		indexes = slices.Concat(indexes, r.index[p.parts[2]])
	}
	indexes = slices.Concat(indexes, r.index[""])
	slices.Sort(indexes)
	var list []arnPattern
	for _, i := range slices.Compact(indexes) {
		list = append(list, r.list[i])
	}
	return list
}

// overlaps reports whether one of the resources can be of a type.
func (r *resourceSet) overlaps(t arnPattern) bool {
	if r.all {
		return true
	}
	match, ok := r.match[t.text]
	if !ok {
		match = slices.ContainsFunc(r.near([]arnPattern{t}), t.overlaps)
		r.match[t.text] = match
	}
	return match
}

// typesIn returns the types of an action that the resources can be of.
func (l *linter) typesIn(f *actionFacts, r *resourceSet) []string {
	var names []string
	for _, t := range f.types {
		if slices.ContainsFunc(t.patterns, r.overlaps) {
			names = append(names, t.name)
		}
	}
	return names
}

// grant applies the rules about an action on the resources of its statement.
func (l *linter) grant(i, k int, a Action, s Statement, r *resourceSet) {
	if s.Resources == nil || l.kind == TrustPolicy {
		return
	}
	if !r.known {
		l.blocked[codeGrantDead] = true
		return
	}
	if slices.ContainsFunc(serviceLinkedRoleActions, func(linked Action) bool { return strings.EqualFold(string(linked), string(a)) }) {
		return // the rule about these says it
	}
	p := suspicion{
		problem:    problem{code: codeGrantDead, statement: i, steps: []string{"Action", strconv.Itoa(k)}, value: string(a)},
		confidence: MediumConfidence, source: "catalog",
	}
	p.got = fmt.Sprintf("on %s", listed(s.Resources))
	verb := "grants"
	if s.Effect == EffectDeny {
		verb = "denies"
	}
	if a.isPattern() {
		service, _, _ := strings.Cut(string(a), ":")
		alive := r.all || Action(service).isPattern() || slices.ContainsFunc(l.expand(a), func(known Action) bool {
			return len(l.typesIn(l.facts(known), r)) > 0
		})
		p.want = "a resource that one of the actions has"
		p.summary = fmt.Sprintf("%s %s nothing: no action that it matches has one of the resources", a, verb)
		l.check(alive, p)
		return
	}
	f := l.facts(a)
	switch {
	case r.all:
	case len(f.types) == 0:
		p.want = `"*"`
		p.summary = fmt.Sprintf("%s takes no resource: on named ones the statement %s nothing", f.name, verb)
		p.remedy = `Put the action into a statement with "Resource": "*".`
		if f.level != ListAccess && f.level != ReadAccess {
			p.confidence = LowConfidence // AWS adds resources to such actions before it documents them
		}
		l.check(false, p)
		return
	case len(l.typesIn(f, r)) == 0:
		var want []string
		for _, t := range f.types {
			for _, pattern := range t.patterns {
				want = append(want, pattern.text)
			}
		}
		p.want = listed(want)
		p.summary = fmt.Sprintf("%s %s nothing: none of the resources is %s", f.name, verb, typeNames(f))
		p.remedy = fmt.Sprintf("Name a resource such as %s, or remove the action.", want[0])
		l.check(false, p)
		return
	}
	l.check(true, p)
}

func typeNames(f *actionFacts) string {
	names := make([]string, len(f.types))
	for i, t := range f.types {
		names[i] = t.name
	}
	return "of the type " + listed(names)
}
