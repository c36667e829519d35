package iam_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// What another evaluator in Go gets wrong, a probe each.
func TestAuthorizePeers(t *testing.T) {
	deny := func(condition string) string {
		return `{"Effect":"Deny","Action":"*","Resource":"*","Condition":` + condition + `}`
	}
	probes := []struct {
		name     string
		policies iam.Policies
		request  iam.Request
		want     iam.Verdict
	}{
		{"an Allow with ForAnyValue applies", identities(when(`{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}`)), ask("aws:TagKeys", "team"), iam.Allowed},
		{"a Deny with ForAnyValue applies", identities(allowAll, deny(`{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}`)), ask("aws:TagKeys", "team"), iam.ExplicitlyDenied},
		{"StringLike * does not match a missing key", identities(when(`{"StringLike":{"aws:PrincipalTag/team":"*"}}`)), ask(), iam.ImplicitlyDenied},
		{"a missing key is not empty text", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":""}}`)), ask(), iam.ImplicitlyDenied},
		{"a variable in a resource is replaced", identities(on("arn:aws:s3:::demo/${aws:username}/*")), call("s3:GetObject", "arn:aws:s3:::demo/operator/x"), iam.Allowed},
		{"a variable has a default", identities(when(`{"StringEquals":{"s3:prefix":"${aws:PrincipalTag/team, 'none'}"}}`)), ask("s3:prefix", "none"), iam.Allowed},
		{"a key of an object may hold a colon", identities(on("arn:aws:s3:::demo/*")), call("s3:GetObject", "arn:aws:s3:::demo/a:b"), iam.Allowed},
		{"IpAddress takes a bare address", identities(when(`{"IpAddress":{"aws:SourceIp":"192.0.2.1"}}`)), ask("aws:SourceIp", "192.0.2.1"), iam.Allowed},
		{"numbers have decimals", identities(when(`{"NumericLessThan":{"s3:max-keys":"10.5"}}`)), ask("s3:max-keys", "10.25"), iam.Allowed},
		{"ArnLike takes a wildcard for the account", identities(when(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:*:topic"}}`)), ask("aws:SourceArn", "arn:aws:sns:us-east-1:111122223333:topic"), iam.Allowed},
	}
	for _, probe := range probes {
		t.Run(probe.name, func(t *testing.T) {
			r := ruling{request: probe.request}.whole()
			d, err := iam.MustCompile(probe.policies).Authorize(r)
			require.NoError(t, err)
			require.Equal(t, probe.want.String(), d.Verdict.String())
		})
	}
}

// The same policies decide one request after another, each by its own values,
// and by many goroutines at once.
func TestAuthorizeAtOnce(t *testing.T) {
	document := doc(on("arn:aws:s3:::demo/${aws:username}/*") + "," + `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"s3:prefix":"${aws:PrincipalTag/team}*"}}}`)
	before := document.String()
	a := iam.MustCompile(iam.Policies{Identity: []iam.Document{document}})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for k := range 500 {
				name, other := fmt.Sprintf("user%d", i), fmt.Sprintf("user%d", (i+1)%8)
				r := iam.Request{Principal: "arn:aws:iam::111122223333:user/" + name, Action: "s3:GetObject", Resource: "arn:aws:s3:::demo/" + name + "/x"}
				want := iam.Allowed
				switch k % 3 {
				case 1:
					r.Resource, want = "arn:aws:s3:::demo/"+other+"/x", iam.ImplicitlyDenied
				case 2:
					r.Context, want = iam.Context{"aws:PrincipalTag/team": {name}, "s3:prefix": {name + "/x"}}, iam.ExplicitlyDenied
				}
				d, err := a.Authorize(r)
				if err != nil || d.Verdict != want {
					t.Errorf("%v: got %v, %v, want %v", r, d, err, want)
					return
				}
				if e, err := a.Explain(r); err != nil || e.Verdict != want {
					t.Errorf("explain %v: got %v, %v, want %v", r, e.Verdict, err, want)
					return
				}
			}
		}()
	}
	wait.Wait()
	require.Equal(t, before, document.String())
}

// Changing a document after it was compiled changes nothing.
func TestCompileCopies(t *testing.T) {
	d := doc(when(`{"StringEquals":{"s3:prefix":"a"}}`))
	a := iam.MustCompile(iam.Policies{Identity: []iam.Document{d}})
	d.Statements[0].Actions[0] = "ec2:*"
	d.Statements[0].Resources[0] = "arn:aws:s3:::x"
	d.Statements[0].Conditions[0].Values[0] = "b"
	r := ruling{request: ask("s3:prefix", "a")}.whole()
	got, err := a.Authorize(r)
	require.NoError(t, err)
	require.Equal(t, iam.Allowed, got.Verdict)
	e, err := a.Explain(r)
	require.NoError(t, err)
	require.NotContains(t, e.String(), "ec2:*")
}

func TestAuthorizePartialRequests(t *testing.T) {
	tests := []struct {
		name     string
		policies iam.Policies
		request  iam.Request
		want     iam.Verdict
		layer    iam.Layer
		missing  []string
	}{
		{"an Allow depends on a key", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`)), ask(), iam.Undetermined, iam.IdentityLayer, []string{"aws:PrincipalTag/team"}},
		{"a Deny depends on a key", identities(allowAll, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`), ask(), iam.Undetermined, iam.IdentityLayer, []string{"aws:SecureTransport"}},
		{"a key that an allowed request does not depend on", identities(allowAll, when(`{"Bool":{"aws:SecureTransport":"true"}}`)), ask(), iam.Allowed, iam.IdentityLayer, nil},
		{"a key that a denied request does not depend on", identities(denyAll, when(`{"Bool":{"aws:SecureTransport":"true"}}`)), ask(), iam.ExplicitlyDenied, iam.IdentityLayer, nil},
		{"denied at any rate, so that it does not matter how", identities(`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`), ask(), iam.ImplicitlyDenied, iam.IdentityLayer, nil},
		{"negation, IfExists and Null depend on it too", identities(when(`{"StringNotEquals":{"a:b":"x"},"StringEqualsIfExists":{"c:d":"y"},"Null":{"e:f":"true"}}`)), ask(), iam.Undetermined, iam.IdentityLayer, []string{"a:b", "c:d", "e:f"}},
		{"set operators depend on it too", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":"x"},"ForAnyValue:StringEquals":{"demo:list":"y"}}`)), ask(), iam.Undetermined, iam.IdentityLayer, []string{"aws:TagKeys", "demo:list"}},
		{"a condition that fails settles the statement", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"red","s3:prefix":"x"}}`)), ask("s3:prefix", "y"), iam.ImplicitlyDenied, iam.IdentityLayer, nil},
		{"a variable depends on its key", identities(on("arn:aws:s3:::demo/${aws:PrincipalTag/team}.txt")), ask(), iam.Undetermined, iam.IdentityLayer, []string{"aws:PrincipalTag/team"}},
		{"a variable in a condition", identities(when(`{"StringEquals":{"s3:prefix":"${aws:PrincipalTag/team}"}}`)), ask("s3:prefix", "x"), iam.Undetermined, iam.IdentityLayer, []string{"aws:PrincipalTag/team"}},
		{"keys that follow from the request are known", identities(when(`{"StringEquals":{"aws:username":"operator"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}`)), ask(), iam.Allowed, iam.IdentityLayer, nil},
		{"an empty list is known to be missing", identities(when(`{"Null":{"aws:TokenIssueTime":"true"}}`)), iam.Request{Context: iam.Context{"aws:TokenIssueTime": nil}}, iam.Allowed, iam.IdentityLayer, nil},
		{"a service control policy", iam.Policies{Identity: docs(allowAll), SCPs: [][]iam.Document{docs(when(`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`))}}, ask(), iam.Undetermined, iam.SCPLayer, []string{"aws:RequestedRegion"}},
		{"a boundary", iam.Policies{Identity: docs(allowAll), Boundary: docs(when(`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`))}, ask(), iam.Undetermined, iam.BoundaryLayer, []string{"aws:RequestedRegion"}},
		{"a session policy", iam.Policies{Identity: docs(allowAll), Session: docs(when(`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`))}, by(appSession, ask()), iam.Undetermined, iam.SessionLayer, []string{"aws:RequestedRegion"}},
		{"a resource policy", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-demo"}}}`)}, ask(), iam.Undetermined, iam.ResourceLayer, []string{"aws:PrincipalOrgID"}},
		{"a unique id beside the account of the caller", iam.Policies{Resource: doc(to("Allow", `{"AWS":["AROAEXAMPLEEXAMPLE01","111122223333"]}`, "s3:*"))}, by(appSession, ask()), iam.Undetermined, iam.ResourceLayer, []string{"aws:userid"}},
		{"the unique id of a deleted role", iam.Policies{Resource: doc(to("Allow", `{"AWS":"AROAEXAMPLEEXAMPLE01"}`, "s3:*"))}, by(appSession, ask()), iam.Undetermined, iam.ResourceLayer, []string{"aws:userid"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := ruling{request: test.request}.whole()
			r.Partial = true
			a := iam.MustCompile(test.policies)
			d, err := a.Authorize(r)
			require.NoError(t, err)
			require.Equal(t, test.want.String(), d.Verdict.String())
			require.Equal(t, test.layer.String(), d.Layer.String())
			require.Equal(t, test.missing, d.Missing)
		})
	}
}

func TestAuthorizerZero(t *testing.T) {
	var a iam.Authorizer
	d, err := a.Authorize(ruling{request: by(appSession, ask("aws:PrincipalArn", appRole))}.whole())
	require.NoError(t, err)
	require.Equal(t, iam.ImplicitlyDenied, d.Verdict)
}

func TestAuthorizeBy(t *testing.T) {
	a := iam.MustCompile(iam.Policies{
		Identity: docs(allowEC2, `{"Effect":"Allow","Action":"s3:Put*","Resource":"*"},{"Sid":"Read","Effect":"Allow","Action":"s3:*","Resource":"*"}`),
		SCPs:     [][]iam.Document{docs(allowAll), docs(allowAll, `{"Sid":"NoQueues","Effect":"Deny","Action":"sqs:*","Resource":"*"}`)},
	})
	d, err := a.Authorize(ruling{}.whole())
	require.NoError(t, err)
	require.Equal(t, iam.Decision{Verdict: iam.Allowed, Layer: iam.IdentityLayer, By: iam.StatementRef{Document: 2, Statement: 2, ID: "Read"}}, d)
	d, err = a.Authorize(by(operatorUser, call("sqs:SendMessage", queue)))
	require.NoError(t, err)
	require.Equal(t, iam.Decision{Verdict: iam.ExplicitlyDenied, Layer: iam.SCPLayer, By: iam.StatementRef{Level: 2, Document: 2, Statement: 1, ID: "NoQueues"}}, d)
	d, err = a.Authorize(by(operatorUser, call("sns:Publish", "*")))
	require.NoError(t, err)
	require.Equal(t, iam.Decision{Verdict: iam.ImplicitlyDenied, Layer: iam.IdentityLayer}, d)
}

func TestAuthorizeErrors(t *testing.T) {
	const want = "want the ARN of a user, role, session, account root or identity provider, the name of a service, or *"
	for _, test := range []struct {
		request iam.Request
		err     string
	}{
		{iam.Request{Principal: operatorUser}, `authorize: action "": want SERVICE:NAME without wildcards`},
		{iam.Request{Principal: operatorUser, Action: "s3:Get*"}, `authorize: action "s3:Get*": want SERVICE:NAME without wildcards`},
		{iam.Request{Principal: operatorUser, Action: "GetObject"}, `authorize: action "GetObject": want SERVICE:NAME without wildcards`},
		{iam.Request{Action: "s3:GetObject"}, `authorize: principal "": ` + want},
		{iam.Request{Principal: "operator", Action: "s3:GetObject"}, `authorize: principal "operator": ` + want},
		{iam.Request{Principal: "111122223333", Action: "s3:GetObject"}, `authorize: principal "111122223333": ` + want},
		{iam.Request{Principal: "arn:aws:iam::111122223333:group/admins", Action: "s3:GetObject"}, `authorize: principal "arn:aws:iam::111122223333:group/admins": ` + want},
		{iam.Request{Principal: "arn:aws:iam::1111:user/x", Action: "s3:GetObject"}, `authorize: principal "arn:aws:iam::1111:user/x": ` + want},
		{iam.Request{Principal: "arn:aws:iam::111122223333:user/*", Action: "s3:GetObject"}, `authorize: principal "arn:aws:iam::111122223333:user/*": ` + want},
		{iam.Request{Principal: "arn:aws:sts::111122223333:assumed-role/app", Action: "s3:GetObject"}, `authorize: principal "arn:aws:sts::111122223333:assumed-role/app": ` + want},
		{iam.Request{Principal: operatorUser, Action: "s3:GetObject", Resource: "demo/x"}, `authorize: resource "demo/x": want an ARN, or *`},
		{iam.Request{Principal: operatorUser, Action: "s3:GetObject", ResourceAccount: "demo"}, `authorize: resource account "demo": want 12 digits`},
		{iam.Request{Principal: operatorUser, Action: "s3:GetObject", Context: iam.Context{"aws:PrincipalArn": {"a"}, "aws:principalARN": {"b"}}}, `authorize: context has the key "aws:PrincipalArn" in two spellings`},
	} {
		a := iam.MustCompile(identities(allowAll))
		_, err := a.Authorize(test.request)
		require.EqualError(t, err, test.err)
		_, err = a.Explain(test.request)
		require.EqualError(t, err, strings.Replace(test.err, "authorize: ", "explain: ", 1))
	}
}

func TestCompileErrors(t *testing.T) {
	many := make([][]iam.Document, 17)
	for _, test := range []struct {
		policies iam.Policies
		err      string
	}{
		{iam.Policies{Identity: []iam.Document{iam.MustParse(`{"Version":"2020-01-01","Statement":[]}`)}}, `compile policies: identity: document 1: version "2020-01-01": want 2012-10-17 or 2008-10-17`},
		{identities(`{"Effect":"allow","Action":"*","Resource":"*"}`), `compile policies: identity: document 1: statement 1: effect "allow": want Allow or Deny`},
		{identities(allowAll, `{"Sid":"Odd","Effect":"Allow","Resource":"*"}`), `compile policies: identity: document 2: statement 1 "Odd": want one of Action and NotAction`},
		{identities(`{"Effect":"Allow","Action":"*"}`), `compile policies: identity: document 1: statement 1: want one of Resource and NotResource`},
		{identities(`{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}`), `compile policies: identity: document 1: statement 1: want one of Resource and NotResource`},
		{identities(to("Allow", `"*"`, "*")), `compile policies: identity: document 1: statement 1: an identity policy has neither Principal nor NotPrincipal`},
		{identities(when(`{"StringMatches":{"a:b":"c"}}`)), `compile policies: identity: document 1: statement 1: AWS has no condition operator "StringMatches"`},
		{identities(when(`{"StringLike":{"a:b":"${c"}}`)), `compile policies: identity: document 1: statement 1: parse template "${c": column 1: a variable has no closing brace`},
		{identities(on("demo/*")), `compile policies: identity: document 1: statement 1: resource "demo/*": want * or an ARN`},
		{iam.Policies{SCPs: [][]iam.Document{docs(allowAll), docs(on("arn:aws:s3"))}}, `compile policies: scp level 2: document 1: statement 1: resource "arn:aws:s3": want the 6 parts of an ARN`},
		{iam.Policies{Resource: doc(allowAll)}, `compile policies: resource: document 1: statement 1: want one of Principal and NotPrincipal`},
		{iam.Policies{Resource: doc(to("Allow", `{"AWS":"arn:aws:iam::111122223333:user/*"}`, "*"))}, `compile policies: resource: document 1: statement 1: principal "arn:aws:iam::111122223333:user/*": want an account, or the ARN of an account, user, role or session`},
		{iam.Policies{SCPs: many}, `compile policies: scp: 17 levels, more than the 16 that an organization may have`},
	} {
		_, err := iam.Compile(test.policies)
		require.EqualError(t, err, test.err)
	}
	require.PanicsWithError(t, `compile policies: identity: document 1: statement 1: want one of Resource and NotResource`, func() {
		iam.MustCompile(identities(`{"Effect":"Allow","Action":"*"}`))
	})
}

func TestRequestJSON(t *testing.T) {
	var r iam.Request
	require.NoError(t, json.Unmarshal([]byte(`{"principal":"*","action":"s3:GetObject","resource":"*","context":{"a:b":"c","d:e":["f",1.50,true],"g:h":[],"i:j":null},"partial":true}`), &r))
	require.Equal(t, iam.Request{
		Principal: "*", Action: "s3:GetObject", Resource: "*", Partial: true,
		Context: iam.Context{"a:b": {"c"}, "d:e": {"f", "1.50", "true"}, "g:h": {}, "i:j": nil},
	}, r)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var again iam.Request
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, r, again)
	require.EqualError(t, json.Unmarshal([]byte(`{"context":{"a:b":{}}}`), &r), `unmarshal context: key "a:b": want text, a number, a boolean, or a list of these`)
	require.EqualError(t, json.Unmarshal([]byte(`{"context":{"a:b":[null]}}`), &r), `unmarshal context: key "a:b": want text, a number, a boolean, or a list of these`)
	require.Error(t, json.Unmarshal([]byte(`{"context":[]}`), &r))
}

func TestVerdictWords(t *testing.T) {
	for _, v := range []iam.Verdict{iam.Allowed, iam.ImplicitlyDenied, iam.ExplicitlyDenied, iam.Undetermined} {
		text, err := v.MarshalText()
		require.NoError(t, err)
		var again iam.Verdict
		require.NoError(t, again.UnmarshalText(text))
		require.Equal(t, v, again)
	}
	for l := iam.RCPLayer; l <= iam.SessionLayer; l++ {
		text, err := l.MarshalText()
		require.NoError(t, err)
		var again iam.Layer
		require.NoError(t, again.UnmarshalText(text))
		require.Equal(t, l, again)
	}
	_, err := iam.Verdict(0).MarshalText()
	require.EqualError(t, err, "marshal verdict 0: not a valid value")
	require.EqualError(t, new(iam.Layer).UnmarshalText([]byte("x")), `parse layer "x": want one of rcp, scp, endpoint, resource, identity, boundary, session`)
	require.Equal(t, "invalid", iam.Verdict(9).String())
}

func TestAuthorizeAllocatesNothing(t *testing.T) {
	context := iam.Context{
		"aws:RequestedRegion": {"us-east-1"}, "aws:SourceIp": {"192.0.2.1"}, "aws:PrincipalTag/team": {"red"}, "s3:max-keys": {"7"},
		"aws:CurrentTime": {"2026-01-01T00:00:00Z"},
	}
	policies := map[string]iam.Policies{
		"conditions": {
			Identity: docs(when(`{"StringLike":{"aws:PrincipalTag/team":"r*"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"NumericLessThan":{"s3:max-keys":"7.5"},"DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"},"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`)),
			Resource: doc(`{"Effect":"Deny","Principal":"*","Action":"*","NotResource":"arn:aws:ec2:*:${aws:PrincipalAccount}:instance/*"}`),
			Boundary: docs(allowEC2), SCPs: [][]iam.Document{docs(allowAll), docs(allowEC2)},
		},
	}
	for _, i := range installers() {
		if i.kind == identity {
			policies[i.name] = iam.Policies{Identity: []iam.Document{i.document}}
		}
	}
	for name, p := range policies {
		a := iam.MustCompile(p)
		for _, action := range []iam.Action{"ec2:RunInstances", "ec2:StartInstances", "lambda:Invoke"} {
			request := iam.Request{Principal: operatorUser, Action: action, Resource: instance, Context: context}
			require.Zero(t, testing.AllocsPerRun(100, func() {
				if _, err := a.Authorize(request); err != nil {
					t.Fatal(err)
				}
			}), name)
		}
	}
}

func BenchmarkAuthorize(b *testing.B) {
	run := func(name string, p iam.Policies, r iam.Request, want iam.Verdict) {
		b.Run(name, func(b *testing.B) {
			a := iam.MustCompile(p)
			b.ReportAllocs()
			for b.Loop() {
				if d, err := a.Authorize(r); err != nil || d.Verdict != want {
					b.Fatal(d, err)
				}
			}
		})
	}
	for _, i := range installers() {
		if i.name == "tectonic" {
			p := iam.Policies{Identity: []iam.Document{i.document}}
			run("actions=125/allowed", p, iam.Request{Principal: operatorUser, Action: "ec2:TerminateInstances", Resource: instance}, iam.Allowed)
			run("actions=125/denied", p, iam.Request{Principal: operatorUser, Action: "ec2:CreateVpnGateway", Resource: "*"}, iam.ImplicitlyDenied)
		}
	}
	// Each statement has the action, the resource of the last and a condition.
	for _, n := range []int{1, 8, 32, 128, 512} {
		d, _ := without(n)
		r := iam.Request{
			Principal: operatorUser, Action: "ec2:StartInstances", Resource: fmt.Sprintf("arn:aws:ec2:us-east-1:111122223333:instance/i-%04d", n-1),
			Context: iam.Context{"aws:ResourceTag/team": {"demo"}},
		}
		run(fmt.Sprintf("statements=%d/allowed", n), iam.Policies{Identity: []iam.Document{d}}, r, iam.Allowed)
		r.Resource = "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-0a"
		run(fmt.Sprintf("statements=%d/denied", n), iam.Policies{Identity: []iam.Document{d}}, r, iam.ImplicitlyDenied)
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, i := range installers() {
		if i.name == "tectonic" {
			b.ReportAllocs()
			for b.Loop() {
				iam.MustCompile(iam.Policies{Identity: []iam.Document{i.document}})
			}
		}
	}
}
