package iam_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

func TestAuthorizeAllocatesNothing(t *testing.T) {
	for _, i := range installers() {
		if i.kind != identity {
			continue
		}
		a := iam.MustCompile(iam.Policies{Identity: []iam.Document{i.document}})
		request := iam.Request{
			Principal: "arn:aws:iam::111122223333:user/installer", Action: "ec2:RunInstances",
			Resource: "arn:aws:ec2:us-east-1:111122223333:instance/i-0a",
			Context:  iam.Context{"aws:RequestedRegion": {"us-east-1"}, "aws:SourceIp": {"192.0.2.1"}},
		}
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if _, err := a.Authorize(request); err != nil {
				t.Fatal(err)
			}
		}), i.name)
	}
}

func BenchmarkAuthorize(b *testing.B) {
	for _, i := range installers() {
		if i.name != "tectonic" {
			continue
		}
		a := iam.MustCompile(iam.Policies{Identity: []iam.Document{i.document}})
		for _, test := range []struct {
			name   string
			action iam.Action
			want   iam.Verdict
		}{{"allowed", "ec2:TerminateInstances", iam.Allowed}, {"denied", "ec2:CreateVpnGateway", iam.ImplicitlyDenied}} {
			b.Run(test.name, func(b *testing.B) {
				request := iam.Request{
					Principal: "arn:aws:iam::111122223333:user/installer", Action: test.action,
					Resource: "arn:aws:ec2:us-east-1:111122223333:instance/i-0a",
				}
				b.ReportAllocs()
				for b.Loop() {
					d, err := a.Authorize(request)
					if err != nil || d.Verdict != test.want {
						b.Fatal(d, err)
					}
				}
			})
		}
	}
}
