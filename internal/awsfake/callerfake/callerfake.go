// Package callerfake answers what is asked about the caller of AWS, of three
// services: who it is, whether its account may use a region, and which role it is
// to assume.
package callerfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
)

// What AssumeRole gives. None of it may ever show up in what an adapter prints.
const (
	SecretAccessKey = "groundway/fake/assumed/secret/0000000000"
	SessionToken    = "groundway-fake-assumed-session-token-000000000000000000000000000000000000"
)

// New returns the services that answer from these parts. The clock of AWS is that
// of the part; without one the answers carry no date, within the process.
func New(p identity.CredentialParts) []awsfake.Service {
	var c identity.Caller
	if len(p.Caller.Items) > 0 {
		c = p.Caller.Items[0]
	}
	sts := stsfake.New(c.Account, c.ARN, c.UserID)
	var now time.Time
	if len(p.Clock.Items) > 0 {
		now = p.Clock.Items[0].AWS
	}
	sts.Date = now
	sts.Operations["AssumeRole"] = func(r awsfake.Request) (any, error) { return assume(c, now, p.Roles.Items, r) }
	return []awsfake.Service{
		sts,
		{
			Name: "account", Protocol: awsfake.RESTJSON,
			Routes: map[string]string{"POST /getRegionOptStatus": "GetRegionOptStatus"},
			Operations: map[string]awsfake.Operation{
				"GetRegionOptStatus": func(r awsfake.Request) (any, error) { return region(p.Regions.Items, r) },
			},
		},
		{
			Name: "iam", Protocol: awsfake.Query, Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
			Operations: map[string]awsfake.Operation{
				"GetRole": func(r awsfake.Request) (any, error) { return role(p.Roles.Items, r) },
			},
		},
	}
}

func region(list []identity.RegionStatus, r awsfake.Request) (any, error) {
	var in struct{ RegionName string }
	if err := json.Unmarshal(r.Body, &in); err != nil {
		return nil, awsfake.Errorf("ValidationException", "%v", err)
	}
	for _, s := range list {
		if s.Name == in.RegionName {
			return map[string]string{"RegionName": s.Name, "RegionOptStatus": s.Status}, nil
		}
	}
	return nil, awsfake.Errorf("ValidationException", "%q is no region", in.RegionName)
}

// nameOf returns the name of a role, without its path.
func nameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

type roleXML struct {
	Role struct {
		Arn                      string
		AssumeRolePolicyDocument string
		MaxSessionDuration       int
	}
}

func role(list []identity.CallerRole, r awsfake.Request) (any, error) {
	for _, role := range list {
		if nameOf(role.ARN) == r.Params.Get("RoleName") {
			var out roleXML
			out.Role.Arn = role.ARN
			out.Role.AssumeRolePolicyDocument = url.PathEscape(role.Trust.String())
			out.Role.MaxSessionDuration = int(role.MaxSession.Seconds())
			return out, nil
		}
	}
	return nil, &awsfake.Error{Status: http.StatusNotFound, Code: "NoSuchEntity", Message: "the role cannot be found"}
}

type assumed struct {
	Credentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	AssumedRoleUser struct {
		Arn           string
		AssumedRoleID string `xml:"AssumedRoleId"`
	}
}

// assume holds to what the API reference says of names and durations, which
// emulators let pass; whom the role trusts it does not ask.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assume(c identity.Caller, now time.Time, list []identity.CallerRole, r awsfake.Request) (any, error) {
	name, arn := r.Params.Get("RoleSessionName"), r.Params.Get("RoleArn")
	duration := time.Hour
	if text := r.Params.Get("DurationSeconds"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			return nil, awsfake.Errorf("ValidationError", "DurationSeconds")
		}
		duration = time.Duration(seconds) * time.Second
	}
	for _, role := range list {
		if role.ARN != arn {
			continue
		}
		switch {
		case iam.CheckName(iam.RoleSessionName, name) != nil:
			return nil, awsfake.Errorf("ValidationError", "roleSessionName")
		case duration < 15*time.Minute, role.MaxSession > 0 && duration > role.MaxSession, c.IsSession() && duration > time.Hour:
			return nil, awsfake.Errorf("ValidationError", "the requested DurationSeconds exceeds what is allowed")
		}
		var out assumed
		out.Credentials.AccessKeyID, out.Credentials.SecretAccessKey, out.Credentials.SessionToken = "ASIAGROUNDWAYFAKE111", SecretAccessKey, SessionToken
		out.Credentials.Expiration = now.Add(duration).UTC().Format(time.RFC3339)
		a := iam.MustParseARN(arn)
		out.AssumedRoleUser.Arn = fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", a.Partition, a.Account, nameOf(arn), name)
		out.AssumedRoleUser.AssumedRoleID = "AROAGROUNDWAY:" + name
		return out, nil
	}
	return nil, &awsfake.Error{Status: http.StatusForbidden, Code: "AccessDenied", Message: "not authorized to perform: sts:AssumeRole"}
}
