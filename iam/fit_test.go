package iam_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// worst returns the size of a document with texts in place of its placeholders.
func worst(d iam.Document, placeholders []iam.Placeholder) int {
	text := d.String()
	for _, p := range placeholders {
		text = strings.ReplaceAll(text, p.Text, strings.Repeat("W", p.Max))
	}
	return iam.MeasureText(text).Significant
}

// checkFit fits documents and holds the result against all requests.
func checkFit(t *testing.T, documents []iam.Document, o iam.FitOptions, requests func(func(iam.Request))) (iam.Fitted, error) {
	fitted, err := iam.Fit(documents, o)
	if err != nil {
		return fitted, err
	}
	limit := o.Limit
	if limit.Max == 0 {
		limit = iam.SizeLimits()[0]
	}
	require.Len(t, fitted.Sizes, len(fitted.Documents))
	for i, d := range fitted.Documents {
		require.Equal(t, worst(d, o.Placeholders), fitted.Sizes[i])
		require.LessOrEqual(t, fitted.Sizes[i], limit.Max)
		require.Empty(t, failedCodes(iam.Validate(d, iam.IdentityPolicy, iam.ValidateOptions{}), "iam/sid-duplicate"))
	}
	requests(func(r iam.Request) {
		if plainAllows(documents, r) != plainAllows(fitted.Documents, r) {
			t.Fatalf("%v\n%v\n%v", r, documents, fitted.Documents)
		}
	})
	return fitted, nil
}

func TestFitInstallers(t *testing.T) {
	var resources []string
	for _, in := range installers() {
		for _, s := range in.document.Statements {
			for _, r := range s.Resources {
				resources = append(resources, strings.ReplaceAll(r, "*", "x"))
			}
		}
	}
	resources = append(some(rand.New(rand.NewPCG(1, 1)), resources), "*")
	resources = resources[max(0, len(resources)-5):]
	for _, in := range installers() {
		if in.kind != iam.IdentityPolicy {
			continue
		}
		t.Run(in.name, func(t *testing.T) {
			t.Parallel()
			var all []iam.Action // of the services that the policy names
			services := map[string]bool{}
			for _, s := range in.document.Statements {
				for _, a := range s.Actions {
					if service := a.Service(); !services[service] {
						services[service] = true
						all = append(all, catalog.Catalog{}.Expand(iam.Action(service+":*"))...)
					}
				}
			}
			text := iam.SizeLimit{Kind: iam.IdentityPolicy, What: "test", Max: 1600, Count: iam.CountSignificant}
			for _, o := range []iam.FitOptions{
				{},
				{Limit: text, Policies: 10},
				{Limit: text, Policies: 10, Catalog: catalog.Catalog{}},
				{Placeholders: []iam.Placeholder{{Name: "account", Text: "111122223333", Max: 12}, {Name: "role", Text: "installer", Max: 64}}},
			} {
				fitted, err := checkFit(t, one(in.document), o, func(f func(iam.Request)) {
					for i, a := range all {
						if o.Catalog == nil && i%23 > 0 {
							continue
						}
						f(iam.Request{Principal: "arn:aws:iam::111122223333:user/demo", Action: a, Resource: resources[i%len(resources)]})
						f(iam.Request{Principal: "arn:aws:iam::111122223333:user/demo", Action: a, Resource: "*"})
					}
				})
				require.NoError(t, err)
				t.Log(fitted.Before, fitted.Sizes, fitted.Wildcards)
			}
		})
	}
}

// TestFitAgainstEverything fits random documents into random quotas.
func TestFitAgainstEverything(t *testing.T) {
	for name, w := range compareWorlds() {
		if w.principals != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			split, failed := 0, 0
			for seed := range uint64(25) {
				r := rand.New(rand.NewPCG(seed, 3))
				documents := []iam.Document{w.document(r), w.document(r), w.document(r)}
				limit := iam.SizeLimit{Kind: iam.IdentityPolicy, What: "test", Max: 150 + r.IntN(500), Count: iam.CountSignificant}
				fitted, err := checkFit(t, documents, iam.FitOptions{Limit: limit, Policies: 1 + r.IntN(20)}, w.requests)
				var none *iam.FitError
				switch {
				case errors.As(err, &none):
					failed++
					require.Positive(t, none.Over)
				case err != nil:
					require.NoError(t, err)
				case len(fitted.Documents) > 1:
					split++
				}
			}
			t.Log(split, "split", failed, "too large")
			assert.Positive(t, split)
		})
	}
}

func TestFitWildcards(t *testing.T) {
	for _, test := range []struct {
		name string
		have []iam.Action
		want []iam.Action
	}{
		{"the whole service", catalog.Catalog{}.Expand("sqs:*"), []iam.Action{"sqs:*"}},
		{"a beginning", append(catalog.Catalog{}.Expand("sqs:L*"), "sqs:SendMessage"), []iam.Action{"sqs:List*", "sqs:SendMessage"}},
		{"an end", catalog.Catalog{}.Expand("ec2:*Volume"), []iam.Action{"ec2:*Volume"}},
		{"a beginning and an end", catalog.Catalog{}.Expand("ec2:Describe*Addresses"), []iam.Action{"ec2:Describe*Addresses"}},
		{"what the catalog does not have stays", append(catalog.Catalog{}.Expand("sqs:L*"), "sqs:Fly", "fly:Away"), []iam.Action{"fly:Away", "sqs:Fly", "sqs:List*"}},
		{"one that is missing spoils it", []iam.Action{"sqs:GetQueueUrl"}, []iam.Action{"sqs:GetQueueUrl"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			have := iam.MustDocument(iam.Allow(test.have...).On("*"))
			want := iam.MustDocument(iam.Allow(test.want...).On("*"))
			size := iam.MeasureText(want.String()).Significant
			limit := iam.SizeLimit{Kind: iam.IdentityPolicy, What: "test", Max: size, Count: iam.CountSignificant}
			fitted, err := iam.Fit(one(have), iam.FitOptions{Limit: limit, Catalog: catalog.Catalog{}})
			require.NoError(t, err)
			require.Len(t, fitted.Documents, 1)
			assert.Equal(t, want.String(), fitted.Documents[0].String())
		})
	}
}

func TestFitMerges(t *testing.T) {
	region := iam.StringEquals("aws:RequestedRegion", "us-east-1")
	got, err := iam.Fit(one(iam.MustDocument(
		iam.Allow("s3:GetObject", "s3:Get*").On("arn:aws:s3:::demo/*").Sid("Read"),
		iam.Allow("s3:PutObject").On("arn:aws:s3:::demo/*", "arn:aws:s3:::demo/a*").Sid("Write"),
		iam.Allow("s3:PutObject", "s3:Get*").On("arn:aws:s3:::other/*"),
		iam.Allow("ec2:*").On("*").When(region).Sid("Region"),
		iam.Allow("iam:*").On("*").When(region).Sid("Region2"),
		iam.Deny("s3:DeleteObject").On("arn:aws:s3:::demo/*").Sid("Keep"),
		iam.Allow("s3:ListBucket").On("arn:aws:s3:::home/${aws:username}"),
		iam.Allow("s3:ListBucket").On("arn:aws:s3:::all/${aws:userid}"),
	)), iam.FitOptions{})
	require.NoError(t, err)
	require.Len(t, got.Documents, 1)
	assert.Equal(t, iam.MustDocument(
		iam.Allow("s3:Get*", "s3:PutObject").On("arn:aws:s3:::demo/*", "arn:aws:s3:::other/*"),
		iam.Allow("ec2:*", "iam:*").On("*").When(region),
		iam.Deny("s3:DeleteObject").On("arn:aws:s3:::demo/*").Sid("Keep"),
		iam.Allow("s3:ListBucket").On("arn:aws:s3:::home/${aws:username}"),
		iam.Allow("s3:ListBucket").On("arn:aws:s3:::all/${aws:userid}"),
	).Indent(), got.Documents[0].Indent())
	assert.Equal(t, []int{worst(got.Documents[0], nil)}, got.Sizes)
	assert.Greater(t, got.Before, got.Sizes[0])
}

func TestFitErrors(t *testing.T) {
	var long []iam.Action
	for i := range 30 {
		long = append(long, iam.Action(fmt.Sprintf("sqs:Fly%03d", i)))
	}
	d := iam.MustDocument(iam.Allow(long...).On("arn:aws:sqs:*:*:demo-a", "arn:aws:sqs:*:*:demo-b"))
	size := iam.MeasureText(d.String()).Significant
	limit := func(n int) iam.SizeLimit {
		return iam.SizeLimit{Kind: iam.IdentityPolicy, What: "test policy", Max: n, Count: iam.CountSignificant}
	}
	name := iam.Placeholder{Name: "cluster name", Text: "demo", Max: 100}
	for _, test := range []struct {
		name string
		d    iam.Document
		o    iam.FitOptions
		want string
	}{
		{"too many policies", d, iam.FitOptions{Limit: limit(300), Policies: 2}, "fit policies: 914 characters at worst, 314 more than 2 of test policy hold, 300 each: it would fit into 4 policies instead of 2, or in the 2048 of inline policies of a user, or in the 5120 of inline policies of a group, or in the 6144 of managed policy, or in the 10240 of inline policies of a role"},
		{"a placeholder", d, iam.FitOptions{Limit: limit(size + 20), Placeholders: []iam.Placeholder{name}}, "fit policies: 713 characters at worst, 172 more than the 541 of test policy: it would fit with a cluster name of at most 14 characters instead of 100, or into 2 policies instead of 1, or in the 2048 of inline policies of a user, or in the 5120 of inline policies of a group, or in the 6144 of managed policy, or in the 10240 of inline policies of a role"},
		{"no split helps", iam.MustDocument(iam.Allow("s3:GetObject").On("arn:aws:s3:::demo")), iam.FitOptions{Limit: limit(100), Policies: 3}, "fit policies: 112 characters at worst, 12 more than the 100 of test policy: it would fit in the 2048 of inline policies of a user, or in the 5120 of inline policies of a group, or in the 6144 of managed policy, or in the 10240 of inline policies of a role"},
		{"trust", iam.MustDocument(iam.Allow("sts:AssumeRole").For(iam.AWSPrincipal("arn:aws:iam::111122223333:role/demo"))), iam.FitOptions{Kind: iam.TrustPolicy, Placeholders: []iam.Placeholder{{Text: "demo", Max: 3000}}}, `fit policies: 3137 characters at worst, 1089 more than the 2048 of role trust policy: it would fit with a "demo" of at most 1911 characters instead of 3000`},
		{"a placeholder that is too long", d, iam.FitOptions{Placeholders: []iam.Placeholder{{"name", "demo", 3}}}, `fit policies: placeholder "name": "demo" has 4 characters, and may have 3`},
		{"a placeholder without text", d, iam.FitOptions{Placeholders: []iam.Placeholder{{"name", "", 3}}}, `fit policies: placeholder "name": it has no text`},
		{"no limit", d, iam.FitOptions{Limit: limit(-1)}, "fit policies: limit of -1: want at least 1"},
		{"no policies", d, iam.FitOptions{Policies: -1}, "fit policies: -1 policies: want at least 1"},
		{"a kind that is none", d, iam.FitOptions{Kind: 99}, "fit policies: kind of policy 99: not a valid value"},
		{"nothing", iam.Document{}, iam.FitOptions{}, "fit policies: no statements"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := iam.Fit(one(test.d), test.o)
			assert.EqualError(t, err, test.want)
		})
	}
	_, err := iam.Fit(nil, iam.FitOptions{})
	assert.EqualError(t, err, "fit policies: no documents")
	_, err = iam.Fit([]iam.Document{d, {Version: iam.Version2008, Statements: d.Statements}}, iam.FitOptions{})
	assert.EqualError(t, err, "fit policies: documents of the versions 2012-10-17 and 2008-10-17")
}

// failedCodes returns which of the codes failed.
func failedCodes(findings []groundway.Finding, codes ...groundway.Code) (failed []groundway.Code) {
	for _, f := range findings {
		if f.Outcome == groundway.Failed && slices.Contains(codes, f.Code) {
			failed = append(failed, f.Code)
		}
	}
	return failed
}
