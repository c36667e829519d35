package iam_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/internal/golden"
)

const (
	clusterTag = "kubernetes.io/cluster/demo"
	vpcARN     = "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1"
)

// wholeIntent has every field but Partition, which follows from Region.
func wholeIntent() iam.TightenIntent {
	return iam.TightenIntent{
		Region: "us-east-1", Account: "111122223333", Cluster: "demo", TagKey: clusterTag, TagValue: "owned", VPC: "vpc-0a1",
		HostedZone: "Z0123", Bucket: "demo-store", RolePath: "/demo/", RolePrefix: "demo-", PassTo: []string{"ec2.amazonaws.com"},
	}
}

func tighten(t testing.TB, d iam.Document, intent iam.TightenIntent) iam.Tightened {
	t.Helper()
	out, err := iam.Tighten(d, intent, iam.TightenOptions{Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	return out
}

// tightLines writes what became of a document: for each statement its bound, its
// reason, and what was a part of the input's.
func tightLines(t testing.TB, out iam.Tightened) string {
	t.Helper()
	var b strings.Builder
	require.Len(t, out.Statements, len(out.Document.Statements))
	for i, s := range out.Document.Statements {
		why := out.Statements[i]
		fmt.Fprintf(&b, "%d %s: %s\n", why.From, why.Bound, why.Reason)
		for _, a := range slices.Concat(s.Actions, s.NotActions) {
			fmt.Fprintf(&b, "    %s\n", a)
		}
		for _, r := range slices.Concat(s.Resources, s.NotResources) {
			fmt.Fprintf(&b, "    on %s\n", r)
		}
		for _, c := range s.Conditions {
			fmt.Fprintf(&b, "    when %s\n", c)
		}
	}
	return b.String()
}

// TestTightenInstallers is what becomes of published policies.
func TestTightenInstallers(t *testing.T) {
	var b bytes.Buffer
	for _, i := range installers() {
		if i.kind != identity {
			continue
		}
		out := tighten(t, i.document, wholeIntent())
		fmt.Fprintf(&b, "# %s: %d characters, before %d\n%s", i.name,
			iam.MeasureText(out.Document.String()).Significant, iam.MeasureText(i.document.String()).Significant, tightLines(t, out))
	}
	golden.Check(t, "tighten-installers.golden", b.Bytes())
}

// TestTightenNarrowsStars counts the actions that a policy has on "*" alone, and
// those of them that are on named resources everywhere in the result. The counts
// before are those of AWS's documentation, of which the catalog is a copy.
func TestTightenNarrowsStars(t *testing.T) {
	for _, test := range []struct {
		name             string
		starred, unknown int
		narrowed         int
	}{
		{"tectonic", 117, 1, 88},
		{"elastic", 46, 0, 39},
		{"elasticWorker", 14, 0, 6},
	} {
		i := slices.IndexFunc(installers(), func(i installer) bool { return i.name == test.name })
		d := installers()[i].document
		for _, intent := range []iam.TightenIntent{{}, wholeIntent()} {
			starred := map[iam.Action]bool{}
			for _, s := range d.Statements {
				for _, a := range s.Actions {
					if slices.Equal(s.Resources, []string{"*"}) && !strings.Contains(string(a), "*") {
						starred[canonicalAction(a)] = true
					}
				}
			}
			require.Len(t, starred, test.starred, test.name)
			unknown := 0
			for a := range starred {
				if _, _, ok := (catalog.Catalog{}).Action(a); !ok {
					unknown++
				}
			}
			assert.Equal(t, test.unknown, unknown, test.name)
			out := tighten(t, d, intent)
			for i, s := range out.Document.Statements {
				for _, a := range s.Actions {
					if slices.Contains(s.Resources, "*") && slices.Equal(d.Statements[out.Statements[i].From].Resources, []string{"*"}) {
						delete(starred, canonicalAction(a))
					}
				}
			}
			assert.Len(t, starred, test.narrowed, "%s %v", test.name, intent)
		}
	}
}

// canonicalAction returns an action as the catalog spells it, or itself.
func canonicalAction(a iam.Action) iam.Action {
	if name, _, ok := (catalog.Catalog{}).Action(a); ok {
		return name
	}
	return a
}

// A probe is a request to AWS as far as the tests need it. The keys of the
// context are in lower case, each with one value.
type probe struct {
	action   iam.Action
	resource string
	context  map[string]string
}

// A judge says what documents allow, as plainly as that can be said: by regular
// expressions over the whole text.
type judge struct{ compiled map[string]*regexp.Regexp }

func newJudge() *judge { return &judge{map[string]*regexp.Regexp{}} }

func (j *judge) like(pattern, text string) bool {
	r := j.compiled[pattern]
	if r == nil {
		quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		r = regexp.MustCompile(`^(?s:` + quoted + `)$`)
		j.compiled[pattern] = r
	}
	return r.MatchString(text)
}

func (j *judge) allows(d iam.Document, c probe) bool {
	allowed := false
	for _, s := range d.Statements {
		if !j.applies(s, c) {
			continue
		}
		if s.Effect == iam.EffectDeny {
			return false
		}
		allowed = true
	}
	return allowed
}

func (j *judge) applies(s iam.Statement, c probe) bool {
	action := func(a iam.Action) bool {
		return j.like(strings.ToLower(string(a)), strings.ToLower(string(c.action)))
	}
	resource := func(r string) bool {
		if missing := 5 - strings.Count(r, ":"); strings.HasPrefix(r, "arn:") && missing > 0 {
			r += strings.Repeat(":*", missing)
		}
		return j.like(r, c.resource)
	}
	if slices.ContainsFunc(s.Actions, action) == (s.NotActions != nil) && (s.NotActions == nil || slices.ContainsFunc(s.NotActions, action)) {
		return false
	}
	if slices.ContainsFunc(s.Resources, resource) == (s.NotResources != nil) && (s.NotResources == nil || slices.ContainsFunc(s.NotResources, resource)) {
		return false
	}
	return !slices.ContainsFunc(s.Conditions, func(k iam.Condition) bool { return !j.holds(k, c) })
}

func (j *judge) holds(k iam.Condition, c probe) bool {
	got, ok := c.context[strings.ToLower(k.Key)]
	switch k.Operator {
	case "StringEquals":
		return ok && slices.Contains(k.Values, got)
	case "StringLike", "ArnLike", "ArnEquals":
		return ok && slices.ContainsFunc(k.Values, func(v string) bool { return j.like(v, got) })
	case "StringNotEquals":
		return !ok || !slices.Contains(k.Values, got)
	case "Null":
		return k.Values[0] == fmt.Sprint(!ok)
	}
	panic("the tests do not use " + k.Operator)
}

// A maker makes documents and calls by chance.
type maker struct {
	*rand.Rand
	actions []iam.Action
	intent  iam.TightenIntent
}

func chosen[T any](m *maker, list ...T) T { return list[m.IntN(len(list))] }

func newMaker(seed uint64, services ...string) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 5)), intent: wholeIntent()}
	for _, service := range services {
		m.actions = append(m.actions, catalog.Catalog{}.Expand(iam.Action(service+":*"))...)
	}
	// Fields are left out by chance, each with what needs it.
	for _, leave := range []func(){
		func() { m.intent.Region, m.intent.Partition = "", chosen(m, "", iam.Partition("aws")) },
		func() { m.intent.Account = "" },
		func() { m.intent.Cluster = "" },
		func() { m.intent.TagKey, m.intent.TagValue = "", "" },
		func() { m.intent.VPC = "" },
		func() { m.intent.HostedZone = "" },
		func() { m.intent.Bucket = "" },
		func() { m.intent.RolePath = "" },
		func() { m.intent.RolePrefix = "" },
		func() { m.intent.PassTo = nil },
	} {
		if m.IntN(4) == 0 {
			leave()
		}
	}
	return m
}

// action returns an action, a pattern of some, or what is neither.
func (m *maker) action() iam.Action {
	a := string(chosen(m, m.actions...))
	service, name, _ := strings.Cut(a, ":")
	switch m.IntN(12) {
	case 0:
		return iam.Action(service + ":" + name[:m.IntN(len(name))] + "*")
	case 1:
		return iam.Action(service + ":*" + name[m.IntN(len(name)):])
	case 2:
		return iam.Action(strings.ToUpper(a))
	case 3:
		return chosen[iam.Action](m, "*", iam.Action(service+":*"), "e*:Create*", iam.Action(service+":Fly"))
	}
	return iam.Action(a)
}

// arn returns an ARN that the action can be done to, with values of the intent
// and others in place of the placeholders.
func (m *maker) arn(a iam.Action) string {
	types := (catalog.Catalog{}).ResourceTypes(a)
	if len(types) == 0 {
		return "*"
	}
	text := chosen(m, chosen(m, types...).ARNs...)
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "${Partition}":
			return chosen(m, "aws", "aws", "aws", "aws-cn")
		case "${Region}":
			return chosen(m, "us-east-1", "us-east-1", "eu-west-1")
		case "${Account}":
			return chosen(m, "111122223333", "111122223333", "444455556666", "aws")
		}
		return chosen(m, "vpc-0a1", "Z0123", "demo-store", "demo", "demo/demo-a", "demo/b", "x", "demo-store/a", "a:b")
	})
}

var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

// resource returns a pattern of ARNs.
func (m *maker) resource(a iam.Action) string {
	text := m.arn(m.one(a))
	if text == "*" {
		return text
	}
	switch m.IntN(8) {
	case 0, 1:
		return "*"
	case 2:
		parts := strings.SplitN(text, ":", 6)
		parts[chosen(m, 1, 3, 4, 5)] = "*"
		return strings.Join(parts, ":")
	case 3:
		return text[:strings.LastIndexAny(text, ":/")+1] + "*"
	case 4:
		return text[:len(text)-1] + "?"
	case 5:
		return strings.Join(strings.SplitN(text, ":", 6)[:chosen(m, 3, 5)], ":")
	case 6:
		return text[:strings.LastIndexAny(text, ":/")+1] + "${aws:PrincipalTag/team}"
	}
	return text
}

// one returns an action that a pattern matches.
func (m *maker) one(a iam.Action) iam.Action {
	if service, _, _ := strings.Cut(string(a), ":"); !strings.Contains(service, "*") {
		if list := (catalog.Catalog{}).Expand(a); len(list) > 0 {
			return chosen(m, list...)
		}
	}
	return chosen(m, m.actions...)
}

func (m *maker) condition() iam.Condition {
	return chosen(m,
		iam.StringEquals("aws:ResourceTag/"+clusterTag, "owned", "shared"),
		iam.StringEquals("aws:RequestTag/"+clusterTag, "shared"),
		iam.StringLike("aws:resourcetag/"+clusterTag, "o*"),
		iam.StringEquals("ec2:CreateAction", "RunInstances", "CreateVpc"),
		iam.ArnEquals("ec2:Vpc", "arn:aws:ec2:*:*:vpc/*"),
		iam.StringEquals("iam:PassedToService", "eks.amazonaws.com"),
		iam.StringNotEquals("aws:RequestTag/"+clusterTag, "owned"),
		iam.KeyPresent("ec2:vpc"),
	)
}

func (m *maker) document() iam.Document {
	d := iam.Document{Version: chosen(m, iam.Version2012, iam.Version2012, iam.Version2012, iam.Version2008)}
	for range 1 + m.IntN(3) {
		s := iam.Statement{Effect: chosen(m, iam.EffectAllow, iam.EffectAllow, iam.EffectAllow, iam.EffectDeny), ID: chosen(m, "", "A", "B", "Ax2")}
		var actions []iam.Action
		for range 1 + m.IntN(6) {
			actions = append(actions, m.action())
		}
		var resources []string
		for range 1 + m.IntN(3) {
			resources = append(resources, m.resource(chosen(m, actions...)))
		}
		switch m.IntN(16) {
		case 0:
			s.NotActions, s.Resources = actions, resources
		case 1:
			s.Actions, s.NotResources = actions, resources
		default:
			s.Actions, s.Resources = actions, resources
		}
		if m.IntN(3) == 0 {
			s.Conditions = []iam.Condition{m.condition()}
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// call returns a call of an action that the document is likely to speak of.
func (m *maker) probe(d iam.Document) probe {
	s := chosen(m, d.Statements...)
	c := probe{action: m.one(chosen(m, slices.Concat(s.Actions, s.NotActions)...)), context: map[string]string{}}
	c.resource = m.arn(c.action)
	if r := chosen(m, slices.Concat(s.Resources, s.NotResources)...); m.IntN(3) == 0 && strings.Count(r, ":") > 4 {
		c.resource = strings.NewReplacer("*", chosen(m, "x", "111122223333"), "?", "y").Replace(r)
	}
	for key, values := range map[string][]string{
		"aws:resourcetag/" + clusterTag:      {"owned", "owned", "shared"},
		"aws:requesttag/" + clusterTag:       {"owned", "owned", "shared"},
		"ec2:vpc":                            {vpcARN, vpcARN, "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0b2"},
		"iam:passedtoservice":                {"ec2.amazonaws.com", "eks.amazonaws.com"},
		c.action.Service() + ":createaction": {"RunInstances", "CreateVpc", "CreateLoadBalancer"},
	} {
		if m.IntN(4) > 0 {
			c.context[key] = chosen(m, values...)
		}
	}
	return c
}

// installerServices are those that installers ask for.
func installerServices() []string {
	return []string{"ec2", "elasticloadbalancing", "autoscaling", "iam", "route53", "s3", "eks", "ssm", "secretsmanager", "elasticfilesystem"}
}

// TestTightenNeverGrantsMore makes documents, intents and calls by chance: what
// the result allows, the document allowed.
func TestTightenNeverGrantsMore(t *testing.T) {
	j := newJudge()
	allowed, refused, narrowed := 0, 0, 0
	for seed := range uint64(250) {
		m := newMaker(seed, chosen(&maker{Rand: rand.New(rand.NewPCG(seed, 6))}, installerServices()...), "ec2")
		d := m.document()
		text := d.String()
		out := tighten(t, d, m.intent)
		require.Equal(t, text, d.String(), "the input is changed")
		requireDerived(t, j, d, out)
		for range 40 {
			c := m.probe(d)
			before, after := j.allows(d, c), j.allows(out.Document, c)
			require.False(t, after && !before, "%v is allowed now\n%s\n%s", c, text, out.Document)
			switch {
			case after:
				allowed++
			case before:
				narrowed++
			default:
				refused++
			}
		}
	}
	// The calls are worth something: each answer is frequent.
	assert.Greater(t, allowed, 500)
	assert.Greater(t, narrowed, 500)
	assert.Greater(t, refused, 500)
}

// requireDerived checks what Tighten says of its statements: from which they
// come, and that Sids stay unique.
func requireDerived(t testing.TB, j *judge, d iam.Document, out iam.Tightened) {
	t.Helper()
	require.Equal(t, d.Version, out.Document.Version)
	require.Len(t, out.Statements, len(out.Document.Statements))
	given, sids := map[string]int{}, map[string]int{}
	for _, s := range d.Statements {
		given[s.ID]++
	}
	last := 0
	for i, s := range out.Document.Statements {
		why := out.Statements[i]
		require.GreaterOrEqual(t, why.From, last, "the order of the statements")
		last = why.From
		from := d.Statements[why.From]
		require.NotEqual(t, "invalid", why.Bound.String())
		require.True(t, strings.HasSuffix(why.Reason, "."), why.Reason)
		require.Equal(t, from.Effect, s.Effect)
		require.Equal(t, from.NotActions, s.NotActions)
		require.Equal(t, from.NotResources, s.NotResources)
		for _, a := range s.Actions {
			require.True(t, slices.ContainsFunc(from.Actions, func(given iam.Action) bool {
				return j.like(strings.ToLower(string(given)), strings.ToLower(string(a)))
			}), a)
		}
		for _, k := range from.Conditions {
			require.Contains(t, s.Conditions, k)
		}
		sids[s.ID]++
	}
	for id, n := range sids {
		if id == "" {
			continue
		}
		require.LessOrEqual(t, n, max(1, given[id]), "the Sid %s", id)
	}
	_, err := iam.Parse(out.Document.String(), iam.ParseOptions{})
	require.NoError(t, err)
}

// ownARN returns an ARN of a type that is the intent's own.
func ownARN(template string, intent iam.TightenIntent, kind string) string {
	names := map[string]string{
		"Partition": "aws", "Region": "us-east-1", "Account": "111122223333", "ClusterName": "demo", "BucketName": "demo-store",
		"RoleNameWithPath": "demo/demo-a", "InstanceProfileNameWithPath": "demo/demo-a", "PolicyNameWithPath": "demo/demo-a",
		"VpcId": "vpc-0a1",
	}
	if kind == "hostedzone" {
		names["Id"] = intent.HostedZone
	}
	return placeholder.ReplaceAllStringFunc(template, func(name string) string {
		if own, ok := names[strings.Trim(name, "${}")]; ok {
			return own
		}
		return "x1"
	})
}

// TestTightenKeepsWhatIsMeant holds that the result allows what the caller's
// promises are about: each action of a document on "*", on resources of the
// intent, with its tag, in its VPC, and for its service.
func TestTightenKeepsWhatIsMeant(t *testing.T) {
	j := newJudge()
	intent := wholeIntent()
	whole := iam.MustDocument(iam.Allow("ec2:*", "elasticloadbalancing:*", "autoscaling:*", "iam:*", "route53:*", "s3:*", "eks:*", "elasticfilesystem:*").On("*"))
	documents := map[string]iam.Document{"whole services": whole}
	for _, i := range installers() {
		if i.kind == identity {
			documents[i.name] = i.document
		}
	}
	for name, d := range documents {
		out := tighten(t, d, intent)
		twice := tighten(t, out.Document, intent)
		asked := 0
		for _, s := range d.Statements {
			for _, a := range s.Actions {
				for _, action := range (catalog.Catalog{}).Expand(a) {
					for _, c := range ownCalls(action, intent) {
						if !j.allows(d, c) {
							continue
						}
						asked++
						assert.True(t, j.allows(out.Document, c), "%s: %s on %s is lost", name, c.action, c.resource)
						assert.True(t, j.allows(twice.Document, c), "%s: %s on %s is lost in the second round", name, c.action, c.resource)
					}
				}
			}
		}
		assert.Positive(t, asked, name)
	}
}

// ownCalls returns the calls of an action that installing the intent's cluster
// takes, one for each type of resource.
func ownCalls(a iam.Action, intent iam.TightenIntent) (list []probe) {
	context := map[string]string{
		"aws:resourcetag/" + clusterTag: "owned", "aws:requesttag/" + clusterTag: "owned", "ec2:vpc": vpcARN, "iam:passedtoservice": "ec2.amazonaws.com",
	}
	types := (catalog.Catalog{}).ResourceTypes(a)
	if types == nil {
		return []probe{{a, "*", context}}
	}
	bucket := slices.ContainsFunc(types, func(r iam.ResourceType) bool { return r.Name == "bucket" || r.Name == "object" })
	for _, kind := range types {
		switch {
		case bucket && kind.Name != "bucket" && kind.Name != "object":
			continue // access points are not the bucket of the intent
		case strings.HasSuffix(string(a), "ServiceLinkedRole") || a == "iam:GetServiceLinkedRoleDeletionStatus":
			list = append(list, probe{a, "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/x", context})
			continue
		case (a == "ec2:CreateTags" || a == "elasticloadbalancing:AddTags") && !slices.Contains([]string{"instance", "volume", "subnet", "loadbalancer", "vpc"}, kind.Name):
			continue // of what is tagged when it is created, some
		}
		if !hasKey(a, kind.Name, "aws:ResourceTag/x") && hasKey(a, "", a.Service()+":CreateAction") {
			// Such a resource can be tagged while it is created only.
			context = maps.Clone(context)
			context[a.Service()+":createaction"] = creators[a.Service()]
		}
		for _, template := range kind.ARNs {
			list = append(list, probe{a, ownARN(template, intent, kind.Name), context})
		}
	}
	return list
}

// creators are actions that create something with tags, one of each service.
var creators = map[string]string{"cloudformation": "CreateStack", "elasticfilesystem": "CreateAccessPoint"}

func hasKey(a iam.Action, kind, key string) bool {
	return slices.ContainsFunc((catalog.Catalog{}).ConditionKeys(a, kind), func(k iam.ConditionKey) bool { return k.Matches(key) })
}

// TestTightenOrder holds that the order of actions and resources decides nothing.
func TestTightenOrder(t *testing.T) {
	for seed := range uint64(60) {
		m := newMaker(seed, "ec2", "iam")
		d := m.document()
		out := tighten(t, d, m.intent)
		mixed := d
		mixed.Statements = slices.Clone(d.Statements)
		for i := range mixed.Statements {
			s := &mixed.Statements[i]
			s.Actions, s.Resources = slices.Clone(s.Actions), slices.Clone(s.Resources)
			m.Shuffle(len(s.Actions), func(i, j int) { s.Actions[i], s.Actions[j] = s.Actions[j], s.Actions[i] })
			m.Shuffle(len(s.Resources), func(i, j int) { s.Resources[i], s.Resources[j] = s.Resources[j], s.Resources[i] })
		}
		other := tighten(t, mixed, m.intent)
		require.Equal(t, out.Document.String(), other.Document.String(), d.String())
		require.Equal(t, out.Statements, other.Statements)
	}
}

// TestTightenBounds goes through what a statement can be bounded by, and why
// others stay as they are.
func TestTightenBounds(t *testing.T) {
	intent := iam.TightenIntent{Region: "us-east-1", Account: "111122223333"}
	tagged := intent
	tagged.TagKey, tagged.TagValue = "team", "a"
	vpc, bucket, roles := intent, intent, intent
	vpc.VPC = "vpc-0a1"
	bucket.Bucket = "store"
	roles.RolePath, roles.RolePrefix, roles.PassTo = "/demo/", "d-", []string{"eks.amazonaws.com", "ec2.amazonaws.com"}
	for _, test := range []struct {
		name, text string
		intent     iam.TightenIntent
		want       []string
	}{
		{"nothing known", allow(`"Action":["ec2:DeleteVpc","ec2:DescribeVpcs"],"Resource":"*"`), iam.TightenIntent{}, []string{
			`arn: These actions can be limited to resources. ec2:DeleteVpc on arn:*:ec2:*:*:vpc/*`,
			`star: AWS takes no resource for these actions. ec2:DescribeVpcs on *`,
		}},
		{"resources of any service", allow(`"Action":["backup:DescribeRecoveryPoint"],"Resource":"*"`), intent, []string{
			`star: What these actions are done to may be of any service, so that its type does not limit them. backup:DescribeRecoveryPoint on *`,
		}},
		{"named resources of any service", allow(`"Action":"backup:DescribeRecoveryPoint","Resource":"arn:aws:ec2:us-east-1::snapshot/*"`), intent, []string{
			`arn: These actions can be limited to resources. backup:DescribeRecoveryPoint on arn:aws:ec2:us-east-1::snapshot/*`,
		}},
		{"partition", allow(`"Action":"ec2:DeleteVpc","Resource":"*"`), iam.TightenIntent{Partition: "aws-cn"}, []string{
			`arn: These actions can be limited to resources. ec2:DeleteVpc on arn:aws-cn:ec2:*:*:vpc/*`,
		}},
		{"region of China", allow(`"Action":"ec2:DeleteVpc","Resource":"*"`), iam.TightenIntent{Region: "cn-north-1"}, []string{
			`arn: These actions can be limited to resources. ec2:DeleteVpc on arn:aws-cn:ec2:cn-north-1:*:vpc/*`,
		}},
		{"the VPC by name and by key", allow(`"Action":["ec2:DeleteVpc","ec2:DeleteSubnet","ec2:DescribeVpcAttribute"],"Resource":"*"`), vpc, []string{
			`arn: These actions can be limited to resources. ec2:DeleteVpc ec2:DescribeVpcAttribute on arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1`,
			`vpc: What these actions change is in the VPC of the cluster. ec2:DeleteSubnet on arn:aws:ec2:us-east-1:111122223333:subnet/* when ArnEquals ec2:Vpc ["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1"]`,
		}},
		{"what is created has the tag", allow(`"Action":["ec2:CreateInternetGateway","ec2:DeleteInternetGateway","ec2:DeleteDhcpOptions","ec2:CreateTags"],"Resource":"*"`), tagged, []string{
			`arn: These actions can be limited to resources. ec2:DeleteDhcpOptions on arn:aws:ec2:us-east-1:111122223333:dhcp-options/*`,
			`resource-tag: Tags may be changed on what has the tag of the cluster. ec2:CreateTags on arn:aws:ec2:us-east-1:111122223333:internet-gateway/* when StringEquals aws:ResourceTag/team ["a"]`,
			`resource-tag: The document creates resources of these types with the tag, and changes those alone. ec2:DeleteInternetGateway on arn:aws:ec2:us-east-1:111122223333:internet-gateway/* when StringEquals aws:ResourceTag/team ["a"]`,
			`request-tag: What these actions create has to get the tag. ec2:CreateInternetGateway on arn:aws:ec2:us-east-1:111122223333:internet-gateway/* when StringEquals aws:RequestTag/team ["a"]`,
			`create-action: Tags may be set by the actions that create. ec2:CreateTags on arn:aws:ec2:us-east-1:111122223333:internet-gateway/* when StringEquals ec2:CreateAction ["CreateInternetGateway"]`,
		}},
		{"tags that are bounded already", allow(`"Action":["ec2:CreateVolume","ec2:CreateTags"],"Resource":"arn:aws:ec2:*:*:volume/*","Condition":{"StringEquals":{"ec2:createaction":"CreateVolume"}}`), tagged, []string{
			`request-tag: What these actions create has to get the tag. ec2:CreateVolume on arn:aws:ec2:us-east-1:111122223333:volume/* when StringEquals ec2:createaction ["CreateVolume"] when StringEquals aws:RequestTag/team ["a"]`,
			`create-action: Tags may be set by the actions that create. ec2:CreateTags on arn:aws:ec2:us-east-1:111122223333:volume/* when StringEquals ec2:createaction ["CreateVolume"]`,
		}},
		{"the statement's own values stand", allow(`"Action":"ec2:CreateVpc","Resource":"arn:*:ec2:*:*:vpc/*","Condition":{"StringEquals":{"aws:RequestTag/team":"b"}}`), tagged, []string{
			`request-tag: What these actions create has to get the tag. ec2:CreateVpc on arn:aws:ec2:us-east-1:111122223333:vpc/* when StringEquals aws:RequestTag/team ["b"]`,
		}},
		{"an action that makes the child of its type", allow(`"Action":["elasticfilesystem:CreateAccessPoint","elasticfilesystem:CreateMountTarget"],"Resource":"*"`), tagged, []string{
			`arn: These actions can be limited to resources. elasticfilesystem:CreateMountTarget on arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/*`,
			`request-tag: What these actions create has to get the tag. elasticfilesystem:CreateAccessPoint on arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/* when StringEquals aws:RequestTag/team ["a"]`,
		}},
		{"a bucket and its objects", allow(`"Action":["s3:GetObject","s3:ListBucket","s3:ListAllMyBuckets"],"Resource":"*"`), bucket, []string{
			`arn: These actions can be limited to resources. s3:GetObject on arn:aws:s3:::store/*`,
			`arn: These actions can be limited to resources. s3:ListBucket on arn:aws:s3:::store`,
			`star: AWS takes no resource for these actions. s3:ListAllMyBuckets on *`,
		}},
		{"roles and whom they are passed to", allow(`"Action":["iam:PassRole","iam:GetRole","iam:AttachRolePolicy","iam:GetPolicy","iam:CreateServiceLinkedRole"],"Resource":"*"`), roles, []string{
			`arn: These actions can be limited to resources. iam:PassRole on arn:aws:iam::111122223333:role/demo/d-* when StringEquals iam:PassedToService ["ec2.amazonaws.com" "eks.amazonaws.com"]`,
			`arn: These actions can be limited to resources. iam:AttachRolePolicy iam:GetPolicy iam:GetRole on arn:aws:iam::111122223333:policy/demo/d-* arn:aws:iam::111122223333:role/demo/d-* arn:aws:iam::aws:policy/*`,
			`arn: These actions can be limited to resources. iam:CreateServiceLinkedRole on arn:aws:iam::111122223333:role/aws-service-role/*/*`,
		}},
		{"the narrower part of each", allow(`"Action":"iam:GetRole","Resource":["arn:aws:iam::*:role/demo/*","arn:*:iam::*:role/d-*","arn:aws:iam::444455556666:role/x","arn:aws:iam::*:user/*"]`), roles, []string{
			`arn: These actions can be limited to resources. iam:GetRole on arn:aws:iam::111122223333:role/d-* arn:aws:iam::111122223333:role/demo/d-* arn:aws:iam::444455556666:role/x`,
		}},
		{"missing parts and variables", allow(`"Action":"s3:GetObject","Resource":["arn:aws:s3","arn:aws:s3:::store/${aws:username}/*"]`), bucket, []string{
			`arn: These actions can be limited to resources. s3:GetObject on arn:aws:s3 arn:aws:s3:::store/${aws:username}/*`,
		}},
		{"patterns", allow(`"Action":["sqs:Send*","ec2:Describe*","sts:Get*","*:Tag*","sqs:Fly*"],"Resource":"*"`), intent, []string{
			`arn: These actions can be limited to resources. sqs:SendMessage on arn:aws:sqs:us-east-1:111122223333:*`,
			`arn: These actions can be limited to resources. sts:GetFederationToken on arn:aws:sts::111122223333:federated-user/*`,
			`star: AWS takes no resource for these actions. sts:GetAccessKeyInfo sts:GetCallerIdentity sts:GetDelegatedAccessToken sts:GetServiceBearerToken sts:GetSessionToken sts:GetWebIdentityToken on *`,
			`star: These actions only look, and AWS takes no resource for most of them. ec2:Describe* on *`,
			`kept: The catalog does not have these actions. sqs:Fly* on *`,
			`kept: The pattern is over several services. *:Tag* on *`,
		}},
		{"what the resources have nothing to do with", allow(`"Action":["iam:Get*","iam:ListUsers","iam:GetRole"],"Resource":"arn:aws:iam::111122223333:user/a"`), intent, []string{
			`arn: These actions can be limited to resources. iam:GetAccessKeyLastUsed iam:GetContextKeysForPrincipalPolicy iam:GetLoginProfile iam:GetMFADevice iam:GetSSHPublicKey iam:GetUser iam:GetUserPolicy on arn:aws:iam::111122223333:user/a`,
			`kept: AWS takes no resource for these actions, so that named ones allow nothing. iam:ListUsers on arn:aws:iam::111122223333:user/a`,
			`kept: None of the resources is one that these actions have. iam:GetRole on arn:aws:iam::111122223333:user/a`,
		}},
		{"a pattern of which nothing is left", allow(`"Action":"iam:GetRo*","Resource":"arn:aws:iam::111122223333:user/a"`), intent, []string{
			`kept: None of the resources is one that these actions have. iam:GetRo* on arn:aws:iam::111122223333:user/a`,
		}},
		{"unknown", allow(`"Action":["ec2:Fly"],"Resource":"*"`), intent, []string{`kept: The catalog does not have these actions. ec2:Fly on *`}},
		{"deny", deny(`"Action":"ec2:*","Resource":"*"`), intent, []string{`kept: Only statements that allow are tightened. ec2:* on *`}},
		{"NotAction", allow(`"NotAction":"ec2:*","Resource":"*"`), intent, []string{`kept: What NotAction and NotResource leave over is not a list that could be shortened. ec2:* on *`}},
		{"NotResource", allow(`"Action":"ec2:*","NotResource":"*"`), intent, []string{`kept: What NotAction and NotResource leave over is not a list that could be shortened. ec2:* on *`}},
		{"principals", allow(`"Principal":"*","Action":"s3:GetObject","Resource":"*"`), intent, []string{`kept: The statement belongs to the resource that the policy is attached to. s3:GetObject on *`}},
		{"no resources", allow(`"Action":"s3:GetObject"`), intent, []string{`kept: The statement has no actions or no resources. s3:GetObject`}},
		{"no ARN", allow(`"Action":"s3:GetObject","Resource":"bucket"`), intent, []string{`kept: A resource of the statement is no ARN. s3:GetObject on bucket`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := tighten(t, iam.MustParse(test.text), test.intent)
			var got []string
			before := ""
			for _, line := range strings.Split(strings.TrimSpace(tightLines(t, out)), "\n") {
				line, inner := strings.CutPrefix(line, "    ")
				switch {
				case !inner:
					got = append(got, strings.TrimPrefix(line, "0 "))
				case strings.HasPrefix(line, "on ") && strings.HasPrefix(before, "on "):
					got[len(got)-1] += strings.TrimPrefix(line, "on")
				default:
					got[len(got)-1] += " " + line
				}
				before = line
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// Statements that come of one share its Sid as a beginning.
func TestTightenSids(t *testing.T) {
	d := iam.MustParse(v2012 + `{"Sid":"A","Effect":"Allow","Action":["ec2:DeleteVpc","ec2:DescribeVpcs","iam:GetRole"],"Resource":"*"},` +
		`{"Sid":"Ax2","Effect":"Allow","Action":["s3:ListAllMyBuckets"],"Resource":"*"},` +
		`{"Effect":"Allow","Action":["ec2:DeleteVpc","ec2:DescribeVpcs"],"Resource":"*"}]}`)
	out := tighten(t, d, iam.TightenIntent{})
	var sids []string
	for _, s := range out.Document.Statements {
		sids = append(sids, s.ID)
	}
	assert.Equal(t, []string{"A", "Ax3", "Ax4", "Ax2", "", ""}, sids)
}

func TestTightenOptions(t *testing.T) {
	d := iam.MustParse(allow(`"Action":["demo:Launch","ec2:DescribeVpcs"],"Resource":"*"`))
	out, err := iam.Tighten(d, iam.TightenIntent{}, iam.TightenOptions{})
	require.NoError(t, err)
	assert.Equal(t, d.String(), out.Document.String())
	assert.Equal(t, []iam.Tightening{{Bound: iam.BoundKept, Reason: "There is no catalog that knows what actions can carry."}}, out.Statements)

	rocket := []iam.ResourceType{{Name: "rocket", ARNs: []string{"arn:${Partition}:demo:${Region}:${Account}:rocket/${Id}"}}}
	out, err = iam.Tighten(d, iam.TightenIntent{Account: "111122223333"}, iam.TightenOptions{Catalog: catalog.Catalog{}, Overrides: []iam.Override{
		{Action: "demo:Launch", Level: iam.WriteAccess, Types: rocket, Reason: "It is new."},
	}})
	require.NoError(t, err)
	assert.Equal(t, "0 arn: These actions can be limited to resources.\n    demo:Launch\n    on arn:*:demo:*:111122223333:rocket/*\n"+
		"0 star: AWS takes no resource for these actions.\n    ec2:DescribeVpcs\n    on *\n", tightLines(t, out))

	out, err = iam.Tighten(iam.Document{}, iam.TightenIntent{}, iam.TightenOptions{Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	assert.Equal(t, iam.Tightened{}, out)
}

func TestTightenErrors(t *testing.T) {
	for _, test := range []struct {
		intent iam.TightenIntent
		want   string
	}{
		{iam.TightenIntent{Region: "here"}, `parse region "here": want a name such as us-east-1`},
		{iam.TightenIntent{Region: "us-east-1", Partition: "aws-cn"}, `region "us-east-1" is in the partition aws, not in "aws-cn"`},
		{iam.TightenIntent{Account: "1"}, `parse account "1": want 12 digits`},
		{iam.TightenIntent{Partition: "*"}, `partition "*": it may not hold '*'`},
		{iam.TightenIntent{Cluster: "d*"}, `cluster "d*": it may not hold '*'`},
		{iam.TightenIntent{TagKey: "a?"}, `tag key "a?": it may not hold '?'`},
		{iam.TightenIntent{TagKey: "a", TagValue: "${b}"}, `tag value "${b}": it may not hold '$'`},
		{iam.TightenIntent{TagValue: "a"}, `tag value "a": there is no tag key`},
		{iam.TightenIntent{VPC: "vpc-0a1/x"}, `VPC "vpc-0a1/x": it may not hold '/'`},
		{iam.TightenIntent{VPC: "demo"}, `VPC "demo": want an ID such as vpc-0a1`},
		{iam.TightenIntent{HostedZone: "/hostedzone/Z0123"}, `hosted zone "/hostedzone/Z0123": it may not hold '/'`},
		{iam.TightenIntent{Bucket: "store/*"}, `bucket "store/*": it may not hold '/'`},
		{iam.TightenIntent{RolePath: "demo"}, `path "demo": want it to begin and end with a slash`},
		{iam.TightenIntent{RolePath: "/a:b/"}, `role path "/a:b/": it may not hold ':'`},
		{iam.TightenIntent{RolePrefix: "a/b"}, `role prefix "a/b": it may not hold '/'`},
		{iam.TightenIntent{PassTo: []string{"*"}}, `service "*": want a name such as ec2.amazonaws.com`},
		{iam.TightenIntent{PassTo: []string{""}}, `service "": want a name such as ec2.amazonaws.com`},
	} {
		_, err := iam.Tighten(iam.Document{}, test.intent, iam.TightenOptions{})
		assert.EqualError(t, err, "tighten policy: "+test.want)
	}
	d := iam.Document{Statements: []iam.Statement{{Conditions: []iam.Condition{iam.StringEquals("a:b", "c"), iam.StringEquals("a:b", "d")}}}}
	_, err := iam.Tighten(d, iam.TightenIntent{}, iam.TightenOptions{})
	assert.ErrorContains(t, err, "tighten policy: ")
}

func TestBound(t *testing.T) {
	for b := iam.BoundARN; b <= iam.BoundKept; b++ {
		text, err := b.MarshalText()
		require.NoError(t, err)
		var again iam.Bound
		require.NoError(t, again.UnmarshalText(text))
		assert.Equal(t, b, again)
		assert.Equal(t, string(text), b.String())
	}
	_, err := iam.Bound(0).MarshalText()
	require.EqualError(t, err, "marshal bound 0: not a valid value")
	var b iam.Bound
	require.EqualError(t, b.UnmarshalText([]byte("tight")), `parse bound "tight": want one of arn, vpc, resource-tag, request-tag, create-action, star, kept`)
	assert.Equal(t, "invalid", iam.Bound(99).String())
}
