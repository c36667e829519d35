package ec2fake

import (
	"net/http"

	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// DryRun returns a service that answers calls of these operations with DryRun as
// EC2 answers who is allowed, and makes nothing: a call without DryRun is an error
// that no adapter expects.
func DryRun(operations ...string) awsfake.Service {
	s := awsfake.Service{Name: "ec2", Protocol: awsfake.EC2Query, Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", Operations: map[string]awsfake.Operation{}}
	for _, name := range operations {
		s.Operations[name] = func(r awsfake.Request) (any, error) {
			if r.Params.Get("DryRun") != "true" {
				return nil, awsfake.Errorf("MadeSomething", "the call was made without DryRun")
			}
			return nil, &awsfake.Error{Status: http.StatusPreconditionFailed, Code: "DryRunOperation", Message: "Request would have succeeded, but DryRun flag is set."}
		}
	}
	return s
}
