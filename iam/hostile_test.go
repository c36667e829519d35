package iam_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// A document or an account that is made to deceive whoever reads about it: with
// colours of a terminal, text that runs backwards, lines of its own, or too much
// of it.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"\x1b[31m", "\u202e", "a\nforged line", "$(rm -rf ~)<script>", strings.Repeat("x", 10_000)} {
		check := func(where, text string) {
			t.Helper()
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				assert.False(t, strings.HasPrefix(line, "forged"), where)
				assert.Negative(t, strings.IndexFunc(line, func(r rune) bool { return !strconv.IsPrint(r) }), "%s: %q", where, line)
				assert.Less(t, len(line), 4096, "%s: %.100q", where, line)
			}
		}
		checkErr := func(where string, err error) {
			t.Helper()
			if err != nil {
				check(where, err.Error())
			}
		}
		checkAll := func(where string, findings []groundway.Finding) {
			t.Helper()
			for _, f := range findings {
				check(where+" "+string(f.Code), f.Summary)
				for _, r := range f.Remedies {
					check("the remedy of "+string(f.Code), r.Action)
				}
			}
		}
		quoted, err := json.Marshal(plain)
		require.NoError(t, err)
		h := strings.NewReplacer("HOSTILE", strings.Trim(string(quoted), `"`)).Replace
		for _, text := range []string{
			h(`{"Version":"HOSTILE","Statement":[]}`),
			h(`{"Version":"2012-10-17","HOSTILE":[]}`),
			h(`{"Version":"2012-10-17","Statement":[{"Sid":"HOSTILE","Effect":"HOSTILE","Action":"s3:HOSTILE","Resource":"arn:aws:s3:::HOSTILE"}]}`),
			h(`{"Version":"2012-10-17","Statement":[{"Sid":"HOSTILE","Effect":"Allow","Action":["s3:HOSTILE","HOSTILE","s3:Get*HOSTILE","iam:PassRole","ec2:CreateTags"],"Resource":["arn:aws:s3:::HOSTILE","HOSTILE"],` +
				`"Condition":{"HOSTILE":{"HOSTILE":"x"},"StringEquals":{"aws:HOSTILE":"HOSTILE","HOSTILE":[]},"ForAllValues:StringLike":{"x:HOSTILE":"${HOSTILE"},"NumericEquals":{"n:HOSTILE":"HOSTILE"}}}]}`),
			h(`{"Version":"2012-10-17","Statement":[{"Sid":"HOSTILE","Effect":"Allow","Action":["s3:HOSTILE","s3:Get*HOSTILE"],"Resource":"arn:aws:s3:::HOSTILE","Condition":{"StringEquals":{"aws:HOSTILE":"HOSTILE"}}}]}`),
			h(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"HOSTILE","Service":"HOSTILE.amazonaws.com","Federated":"arn:aws:iam::111122223333:oidc-provider/HOSTILE"}}]}`),
		} {
			d, err := iam.Parse(text, iam.ParseOptions{})
			if err != nil {
				check("Parse", err.Error())
				continue
			}
			for _, kind := range iam.Kinds() {
				checkAll("Validate", iam.Validate(d, kind, iam.ValidateOptions{Name: plain, Path: plain}))
				checkAll("Lint", iam.Lint(d, iam.LintOptions{Kind: kind, Catalog: catalog.Catalog{}, Partition: iam.Partition(plain), AttachedPolicies: []string{plain, "arn:aws:iam::aws:policy/" + plain + "FullAccess"}}))
			}
			a, err := iam.Compile(iam.Policies{Identity: one(d)})
			checkErr("Compile", err)
			if err == nil {
				x, err := a.Explain(iam.Request{Principal: operatorUser, Action: "s3:GetObject", Resource: "arn:aws:s3:::" + plain, Partial: true})
				require.NoError(t, err)
				check("Explain", x.String())
			}
			_, err = iam.ParseTrust(d)
			checkErr("ParseTrust", err)
			difference, err := iam.Diff(one(d), nil, iam.CompareOptions{})
			checkErr("Diff", err)
			check("Diff", difference.String())
			_, err = iam.Tighten(d, iam.TightenIntent{Cluster: plain, TagKey: plain, Region: iam.Region(plain)}, iam.TightenOptions{})
			checkErr("Tighten", err)
			_, err = iam.Fit(one(d), iam.FitOptions{Placeholders: []iam.Placeholder{{Name: plain, Text: plain, Max: 1}}})
			checkErr("Fit", err)
			checkErr("Check", iam.Desired{
				Account: iam.Account(plain), Owner: plain,
				Roles:     []iam.Role{{Name: plain, Path: plain, Trust: d, Boundary: plain, Managed: []string{plain}, Description: plain, Tags: map[string]string{plain: plain}}},
				Providers: []iam.OIDCProvider{{URL: plain, ClientIDs: []string{plain}, Thumbprints: []string{plain}}},
				Profiles:  []iam.InstanceProfile{{Name: plain, Role: plain}},
			}.Check())
		}
		for _, path := range []string{"/", plain} {
			s := iam.Snapshot{Parts: iam.Parts{
				Roles:    groundway.SeenPart(iam.RoleDetail{Name: "demo", Path: path, Boundary: plain, Trust: plain, Description: plain, Tags: map[string]string{plain: plain, groundway.OwnerTag: plain}}),
				Inline:   groundway.SeenPart(iam.InlinePolicyDetail{Owner: "role/demo", Name: plain, Document: plain}),
				Attached: groundway.SeenPart(iam.AttachedPolicy{Owner: "role/demo", ARN: plain}),
				Profiles: groundway.UnseenPart[iam.InstanceProfileDetail](groundway.Gap{Action: plain, Code: plain, Message: plain}),
				SCPs:     groundway.SeenPart(iam.SCPDetail{Level: 1, Target: plain, ID: plain, Document: plain}),
			}}
			changes, findings, err := iam.Plan(s, iam.Desired{
				Account: "111122223333", Roles: []iam.Role{{Name: "demo", Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))}}, Profiles: []iam.InstanceProfile{{Name: "demo", Role: "demo"}},
			}, iam.PlanOptions{Adopt: []string{"arn:aws:iam::111122223333:role/demo"}, Prune: true})
			require.NoError(t, err)
			check("Plan", changes.String())
			checkErr("Plan", changes.Err())
			checkAll("Plan", findings)
			findings, err = iam.CheckPermissions(s, iam.PermissionOptions{Principal: "arn:aws:iam::111122223333:role/demo", Needs: []iam.Need{{Action: "s3:GetObject", Resource: "arn:aws:s3:::" + plain}}})
			require.NoError(t, err)
			checkAll("CheckPermissions", findings)
		}
	}
}
