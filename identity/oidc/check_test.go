package oidc_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

// world is one in which the plan is carried out.
func world(t testing.TB, p oidc.Plan) oidc.Snapshot {
	t.Helper()
	var s oidc.Snapshot
	s.Observation = groundway.Observation{Account: "111122223333", Region: "us-east-1", Time: noon}
	s.Providers = groundway.SeenPart(p.Provider)
	if p.Cluster.Mode != oidc.ModeIRSA {
		s.Providers = groundway.SeenPart[oidc.Provider]()
	}
	docs, err := oidc.NewDocuments(issuer, keySet(t, keys().rsa.Public()))
	require.NoError(t, err)
	s.Published = groundway.SeenPart(oidc.Published{Issuer: issuer, Discovery: docs.Discovery, Keys: docs.Keys})
	s.Roles = groundway.SeenPart[oidc.Role]()
	for _, r := range p.Roles {
		s.Roles.Items = append(s.Roles.Items, oidc.Role{ARN: r.ARN, Trust: r.Trust, Policies: groundway.SeenPart(r.PolicyARNs...)})
	}
	s.Associations = groundway.SeenPart(slices.Clone(p.Associations)...)
	text, _, err := oidc.Annotate("sa.yaml", nil, p.Annotations)
	require.NoError(t, err)
	accounts, err := oidc.ParseAccounts("sa.yaml", text)
	require.NoError(t, err)
	s.Accounts = groundway.SeenPart(accounts...)
	return s
}

func unseen[T any]() groundway.Part[T] {
	return groundway.UnseenPart[T](groundway.Gap{Action: "iam:Something", Code: "AccessDenied", Message: "the caller is not authorized"})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	nodes := oidc.Cluster{Name: "demo", Scope: scope, Mode: oidc.ModeNodeRole, NodeRole: "demo-nodes"}
	pods := irsa()
	pods.Mode = oidc.ModePodIdentity
	ledger := findingtest.Ledger{}
	last := func(s *oidc.Snapshot) *oidc.Role { return &s.Roles.Items[len(s.Roles.Items)-1] }
	for _, test := range []struct {
		name    string
		cluster oidc.Cluster
		edit    func(p *oidc.Plan, s *oidc.Snapshot, o *oidc.CheckOptions)
		fails   []string
		unknown []string
		says    string
	}{
		{"good", irsa(), nil, nil, nil, ""},
		{"pods", pods, nil, nil, nil, ""},
		{"nodes", nodes, nil, []string{"oidc-node-role"}, nil, "Every pod gets the permissions of cert-manager/cm-cert-manager, jx/tekton-bot, by the role demo-nodes of the nodes."},
		{"nothing seen", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { *s = oidc.Snapshot{} }, nil, []string{
			"oidc-annotation-wrong", "oidc-discovery-mismatch", "oidc-key-unpublished", "oidc-policy-unattached", "oidc-provider-audience", "oidc-provider-missing", "oidc-role-missing", "oidc-trust-refuses", "oidc-trust-wide",
		}, "It could not be seen whether every role exists: iam:GetRole (it was not asked for)"},
		{"nothing seen of pods", pods, func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { *s = oidc.Snapshot{} }, nil, []string{
			"oidc-association-missing", "oidc-policy-unattached", "oidc-role-missing", "oidc-trust-refuses", "oidc-trust-wide",
		}, ""},
		{"no service account", irsa(), func(p *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { *p = plan(t, irsa()) }, nil, nil, "there is no service account"},

		{"no provider", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Providers = groundway.SeenPart[oidc.Provider]()
		}, []string{"oidc-provider-missing"}, nil, "IAM has no provider for the issuer https://oidc.example.com/demo."},
		{"a provider with a slash", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { s.Providers.Items[0].URL += "/" }, []string{"oidc-provider-missing"}, nil, "create-open-id-connect-provider --url https://oidc.example.com/demo --client-id-list sts.amazonaws.com"},
		{"providers that are not all seen", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Providers = groundway.Part[oidc.Provider]{Seen: true, Partial: true, Gaps: []groundway.Gap{{Action: "iam:GetOpenIDConnectProvider"}}}
		}, nil, []string{"oidc-provider-audience", "oidc-provider-missing"}, ""},
		{"the audience of kops", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Providers.Items[0].ClientIDs = []string{"amazonaws.com"}
		}, []string{"oidc-provider-audience"}, nil, `The provider takes tokens for "amazonaws.com", and not for "sts.amazonaws.com".`},

		{"no documents", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Published = groundway.SeenPart[oidc.Published]()
		}, []string{"oidc-discovery-mismatch"}, nil, "The issuer https://oidc.example.com/demo publishes no discovery document."},
		{"another issuer", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Published.Items[0].Discovery.Issuer = "https://kubernetes.default.svc"
		}, []string{"oidc-discovery-mismatch"}, nil, `The document at https://oidc.example.com/demo names the issuer "https://kubernetes.default.svc".`},
		{"keys by http", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Published.Items[0].Discovery.JWKSURI = "http://oidc.example.com/keys"
		}, []string{"oidc-discovery-mismatch"}, nil, `which is not https`},
		{"an algorithm", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Published.Items[0].Keys = keySet(t, keys().rsa.Public(), keys().ec.Public())
		}, []string{"oidc-discovery-mismatch"}, nil, "does not list ES256, by which a key of the set signs"},
		{"a key that signs first", irsa(), func(_ *oidc.Plan, _ *oidc.Snapshot, o *oidc.CheckOptions) { o.Signs = keys().ec.Public() }, []string{"oidc-key-unpublished"}, nil, "which the issuer does not publish"},
		{"an unknown key", irsa(), func(_ *oidc.Plan, _ *oidc.Snapshot, o *oidc.CheckOptions) { o.Signs = nil }, nil, []string{"oidc-key-unpublished"}, ""},

		{"no role", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { s.Roles.Items = s.Roles.Items[:1] }, []string{"oidc-role-missing"}, nil, "The role demo-jx-tekton-bot does not exist."},
		{"no role of nodes", nodes, func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { s.Roles.Items = nil }, []string{"oidc-node-role", "oidc-role-missing"}, nil, ""},
		{"a trust policy of another account", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = iam.MustTrustDocument(iam.TrustServiceAccount(provider, "jx", "tekton"))
		}, []string{"oidc-trust-refuses", "oidc-trust-wide"}, nil, "The role demo-jx-tekton-bot refuses jx/tekton-bot (subject)."},
		{"a trust policy with an address", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + aud + `,` + sub + `},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
		}, nil, []string{"oidc-trust-refuses"}, `the trust policy asks for "aws:SourceIp"`},
		{"without an audience", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + sub + `}}`)
		}, []string{"oidc-trust-wide"}, nil, `also trusts "system:serviceaccount:jx:tekton-bot", for the audience "groundway-probe"`},
		{"without a subject", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + aud + `}}`)
		}, []string{"oidc-trust-wide"}, nil, "also trusts"},
		{"a namespace", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + aud + `},"StringLike":{"oidc.example.com/demo:sub":"system:serviceaccount:jx:*"}}`)
		}, []string{"oidc-trust-wide"}, nil, `also trusts "system:serviceaccount:jx:groundway-probe"`},
		{"a narrow pattern", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + aud + `},"StringLike":{"oidc.example.com/demo:sub":["system:serviceaccount:jx:tekton-bo?","x"]}}`)
		}, []string{"oidc-trust-wide"}, nil, `also trusts "system:serviceaccount:jx:tekton-box"`},
		{"ForAllValues", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + aud + `},"StringLikeIfExists":{"oidc.example.com/demo:sub":"*:tekton-bot"}}`)
		}, []string{"oidc-trust-wide"}, nil, "also trusts"},
		{"a wide policy with an address", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = trust(`{"StringEquals":{` + aud + `},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
		}, nil, []string{"oidc-trust-refuses", "oidc-trust-wide"}, ""},
		{"a trust policy of EC2 for pods", pods, func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Trust = iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))
		}, []string{"oidc-trust-refuses"}, nil, "The role demo-jx-tekton-bot refuses jx/tekton-bot (provider)."},
		{"a policy is not attached", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			last(s).Policies = groundway.SeenPart[string]()
		}, []string{"oidc-policy-unattached"}, nil, "The role demo-jx-tekton-bot lacks the policy " + policyARN + "."},
		{"policies were not seen", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { last(s).Policies = unseen[string]() }, nil, []string{"oidc-policy-unattached"}, "AccessDenied: the caller is not authorized"},

		{"no association", pods, func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Associations.Items = s.Associations.Items[:1]
		}, []string{"oidc-association-missing"}, nil, "create-pod-identity-association --cluster-name demo --namespace jx"},
		{"another role is associated", pods, func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { s.Associations.Items[1].Role = "arn:x" }, []string{"oidc-association-missing"}, nil, `The service account jx/tekton-bot is associated with another role, "arn:x".`},

		{"no account", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { s.Accounts.Items = s.Accounts.Items[:1] }, []string{"oidc-annotation-wrong"}, nil, "The service account jx/tekton-bot does not exist."},
		{"no annotation", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) { s.Accounts.Items[1].Annotations = nil }, []string{"oidc-annotation-wrong"}, nil, "The service account jx/tekton-bot has no annotation eks.amazonaws.com/role-arn."},
		{"another audience", irsa(), func(_ *oidc.Plan, s *oidc.Snapshot, _ *oidc.CheckOptions) {
			s.Accounts.Items[1].Annotations["eks.amazonaws.com/audience"] = "x"
		}, []string{"oidc-annotation-wrong"}, nil, `The service account jx/tekton-bot has "x" in the annotation eks.amazonaws.com/audience.`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := plan(t, test.cluster, bindings()...)
			s := world(t, p)
			o := oidc.CheckOptions{Signs: keys().rsa.Public()}
			if test.edit != nil {
				test.edit(&p, &s, &o)
			}
			if len(p.Bindings) == 0 {
				s = world(t, p)
			}
			findings := oidc.Check(p, s, o)
			assert.ElementsMatch(t, test.fails, findingtest.Outcomes(findings, groundway.Failed))
			assert.ElementsMatch(t, test.unknown, findingtest.Outcomes(findings, groundway.Unknown))
			ledger.Hold(t, findingtest.Contract{Snapshot: together(t, p, s), Rules: oidc.Rules(), Sources: []string{"get serviceaccounts", "GET " + oidc.DiscoveryPath, "the key that signs", "iam:Something"}}, findings)
			assert.Contains(t, findingtest.Text(t, findings), test.says)
		})
	}
	ledger.Complete(t, oidc.Rules(), "oidc-provider-missing", "oidc-provider-audience", "oidc-discovery-mismatch", "oidc-key-unpublished", "oidc-role-missing",
		"oidc-trust-refuses", "oidc-trust-wide", "oidc-policy-unattached", "oidc-association-missing", "oidc-annotation-wrong")
}

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "identity", oidc.Rules)
}

// A snapshot is read back as it was.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	p := plan(t, irsa(), bindings()...)
	s := world(t, p)
	text, err := groundway.MarshalSnapshot(s.Observation, s.Parts)
	require.NoError(t, err)
	var again oidc.Parts
	o, err := groundway.UnmarshalSnapshot(text, &again)
	require.NoError(t, err)
	assert.Equal(t, s.Observation, o)
	signs := oidc.CheckOptions{Signs: keys().rsa.Public()}
	assert.Equal(t, oidc.Check(p, s, signs), oidc.Check(p, oidc.Snapshot{Observation: o, Parts: again}, signs))
	written, err := groundway.MarshalSnapshot(o, again)
	require.NoError(t, err)
	assert.Equal(t, string(text), string(written))
}

// together is what evidence points into: what was seen, and what is planned.
func together(t *testing.T, p oidc.Plan, s oidc.Snapshot) map[string]any {
	t.Helper()
	text, err := groundway.MarshalSnapshot(s.Observation, s.Parts)
	require.NoError(t, err)
	tree := map[string]any{"mode": p.Cluster.Mode.String()}
	require.NoError(t, json.Unmarshal(text, &tree))
	return tree
}
