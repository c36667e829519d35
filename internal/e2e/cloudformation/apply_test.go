package cloudformation_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// A counter counts requests, which may be several at once.
type counter struct{ sent atomic.Int64 }

func (c *counter) Do(r *http.Request) (*http.Response, error) {
	c.sent.Add(1)
	return http.DefaultClient.Do(r)
}

// A set is applied twice: the second plan is empty, and nothing is written.
func TestApply(t *testing.T) {
	// Moto's own account.
	here := iam.MustScope("us-east-1", "123456789012")
	a := startAccount(t)
	for _, c := range []struct {
		name            string
		steps, requests int // of the first Apply, which looks before and after
		make            func() (presets.Set, error)
	}{
		{"tectonic", 7, 21, func() (presets.Set, error) {
			return presets.Tectonic{
				Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com",
				Operators: []string{"arn:aws:iam::123456789012:user/operator"}, OnEC2: true,
			}.Set(here)
		}},
		{"elastic", 12, 36, func() (presets.Set, error) {
			return presets.Elastic{InstallerRole: "demo-installer", WorkerRole: "demo-worker", VPC: "vpc-0a1", Secrets: "demo/"}.Set(here)
		}},
		{"jenkins-x", 23, 81, func() (presets.Set, error) {
			return presets.JenkinsX{
				Cluster: "demo", Federation: presets.Federation{Issuer: issuer}, Operators: []string{"arn:aws:iam::123456789012:user/operator"},
				HostedZone: "Z0123", Buckets: []string{"demo-logs"}, Repositories: "acme/",
				Vault: presets.Vault{Table: "vault-data", KMSKey: "1234abcd-12ab-34cd-56ef-1234567890ab", Bucket: "demo-vault"},
			}.Set(here)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			requests := &counter{}
			client := iamsdk.NewFromConfig(aws.Config{
				Region: "us-east-1", BaseEndpoint: &a.url, HTTPClient: requests,
				Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
					return aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"}, nil
				}),
			})
			s, err := c.make()
			require.NoError(t, err)
			d, err := s.Desired(here, presets.DesiredOptions{Owner: "demo", Providers: true})
			require.NoError(t, err)
			plan := func() iam.Changes {
				t.Helper()
				snapshot, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Account: "123456789012", Region: "us-east-1", Desired: d})
				require.NoError(t, err)
				changes, _, err := iam.Plan(snapshot, d, iam.PlanOptions{})
				require.NoError(t, err)
				require.NoError(t, changes.Err())
				return changes
			}
			first := plan()
			before := requests.sent.Load()
			result, err := awsiam.Apply(t.Context(), client, first, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Len(t, result.Done, len(first.Steps))
			assert.Empty(t, result.Left)
			assert.Equal(t, c.steps, len(first.Steps))
			assert.EqualValues(t, c.requests, requests.sent.Load()-before)
			second := plan()
			assert.True(t, second.Empty(), "%s", second)
			before = requests.sent.Load()
			_, err = awsiam.Apply(t.Context(), client, second, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Equal(t, before, requests.sent.Load(), "nothing is sent")
		})
	}
}
