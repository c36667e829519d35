package faulttest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// What a reading adapter really calls is what rules ask for: the policy that is made
// of the rules lets it see everything.
func TestReadingIsWhatRulesAskFor(t *testing.T) {
	permitted := []string{"sts:GetCallerIdentity"} // needs no permission
	for _, rules := range [][]groundway.Rule{
		network.Rules(), flow.Rules(), iam.Rules(), resource.Rules(), identity.Rules(), route53.Rules(), sshkeys.Rules(),
	} {
		for _, r := range rules {
			permitted = append(permitted, r.Permissions...)
		}
	}
	for _, row := range slices.Concat(iamRows, identityRows, networkRows, resourceRows, route53Rows, sshRows) {
		if row.Strict {
			continue // it writes
		}
		t.Run(row.Name, func(t *testing.T) { assertCalls(t, row, permitted) })
	}
}

func assertCalls(t *testing.T, row faulttest.Row, permitted []string) {
	fake := awsfake.New(row.Services()...)
	_, err := row.Call(t.Context(), fake.Config())
	require.NoError(t, err)
	require.NotEmpty(t, fake.Actions())
	for _, action := range fake.Actions() {
		assert.Contains(t, permitted, action)
	}
}
