package awsiam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsiam/awsiamtest"
	"github.com/groundway-sdk/groundway/iam/presets"
)

const issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"

// Every system gets its policies and roles in one call, the second time sends no
// write, and all of it goes again. The requests are those of the first call, of the
// second, and the writes among the first.
func TestPresetsAppliedTwice(t *testing.T) {
	scope := iam.MustScope("us-east-1", account)
	operators := []string{"arn:aws:iam::444455556666:user/operator"}
	vault := presets.Vault{Table: "vault-data", KMSKey: "1234abcd-12ab-34cd-56ef-1234567890ab", Bucket: "demo-vault"}
	federation := presets.Federation{Issuer: issuer}
	for _, row := range []struct {
		name string
		set  func() (presets.Set, error)
		want [3]int
	}{
		{"tectonic", func() (presets.Set, error) {
			return presets.Tectonic{Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com", Operators: operators}.Set(scope)
		}, [3]int{20, 9, 5}},
		{"elastic", func() (presets.Set, error) {
			return presets.Elastic{InstallerRole: "demo-installer", WorkerRole: "demo-worker", VPC: "vpc-0a1", Secrets: "demo/"}.Set(scope)
		}, [3]int{43, 17, 12}},
		{"jenkins x", func() (presets.Set, error) {
			return presets.JenkinsX{
				Cluster: "demo", Federation: federation, Operators: operators, HostedZone: "Z0123",
				Buckets: []string{"demo-logs"}, Repositories: "acme/", Vault: vault, VaultUser: "vault",
			}.Set(scope)
		}, [3]int{103, 45, 24}},
		{"service accounts", func() (presets.Set, error) {
			return presets.ServiceAccounts(scope, federation,
				presets.ServiceAccount{Namespace: "external-dns", Name: "external-dns", Role: "demo-external-dns", Preset: presets.ExternalDNS{HostedZones: []string{"Z0123"}}},
				presets.ServiceAccount{Namespace: "vault", Name: "vault", Role: "demo-vault", Preset: vault},
			)
		}, [3]int{30, 13, 7}},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, err := row.set()
			require.NoError(t, err)
			d, err := set.Desired(scope, presets.DesiredOptions{Owner: "demo", Providers: true})
			require.NoError(t, err)
			s := empty()
			s.Users = groundway.SeenPart(iam.UserDetail{Name: "vault"})
			client := awsiamtest.NewClient(s)
			_, err = awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			first, made := len(client.Calls()), len(writes(client))
			_, err = awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Len(t, writes(client), made, "the second time nothing is written")
			assert.Equal(t, row.want, [3]int{first, len(client.Calls()) - first, made})

			_, err = awsiam.Apply(t.Context(), client, planDelete(t, client, d, iam.PlanOptions{}), awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.True(t, planDelete(t, client, d, iam.PlanOptions{}).Empty())
		})
	}
}
