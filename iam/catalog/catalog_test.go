package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

var all catalog.Catalog

// levels returns all access levels.
func levels() []iam.AccessLevel {
	return []iam.AccessLevel{iam.ListAccess, iam.ReadAccess, iam.TaggingAccess, iam.WriteAccess, iam.PermissionsAccess}
}

func TestVersion(t *testing.T) {
	assert.Equal(t, "0.21.202609261", all.Version())
	assert.Equal(t, time.Date(2026, 9, 26, 0, 0, 0, 0, time.UTC), all.Date())
	size := len(catalog.Embedded())
	assert.Equal(t, 253058, size, "the documentation of the package says so")
}

// TestCounts compares with what was counted in the package by other means.
func TestCounts(t *testing.T) {
	assert.Len(t, all.Services(), 456)
	actions, types, keys, starOnly := 0, 0, 0, 0
	byLevel := map[iam.AccessLevel]int{}
	byType := map[iam.KeyType]int{}
	multivalued := 0
	for _, s := range all.Services() {
		for _, a := range s.Actions() {
			actions++
			name, level, ok := all.Action(a)
			assert.True(t, ok, a)
			assert.Equal(t, a, name)
			byLevel[level]++
			if all.ResourceTypes(a) == nil {
				starOnly++
			}
		}
		types += len(s.ResourceTypes())
		keys += len(s.ConditionKeys())
		for _, k := range s.ConditionKeys() {
			byType[k.Type]++
			if k.Multivalued {
				multivalued++
			}
		}
	}
	assert.Equal(t, 22091, actions)
	assert.Equal(t, 2334, types)
	assert.Equal(t, 2578, keys)
	assert.Equal(t, 6724, starOnly)
	assert.Equal(t, map[iam.AccessLevel]int{
		iam.ListAccess: 3719, iam.ReadAccess: 5871, iam.TaggingAccess: 719, iam.WriteAccess: 11357, iam.PermissionsAccess: 425,
	}, byLevel)
	assert.Equal(t, map[iam.KeyType]int{
		iam.StringKey: 2166, iam.ARNKey: 203, iam.BoolKey: 123, iam.NumericKey: 81, iam.DateKey: 4, iam.IPAddressKey: 1,
	}, byType)
	assert.Equal(t, 537, multivalued)
}

func TestService(t *testing.T) {
	for _, prefix := range []string{"ec2", "EC2", "Ec2"} {
		s, ok := all.Service(prefix)
		assert.True(t, ok, prefix)
		assert.Equal(t, catalog.Service{Prefix: "ec2", Name: "Amazon EC2"}, s)
	}
	for _, prefix := range []string{"", "ec", "ec22", "ec2:", "*", "zzz", "\u212ams"} {
		s, ok := all.Service(prefix)
		assert.False(t, ok, prefix)
		assert.Zero(t, s)
	}
	services := all.Services()
	assert.True(t, slices.IsSortedFunc(services, func(a, b catalog.Service) int { return strings.Compare(a.Prefix, b.Prefix) }))
	for _, s := range services {
		assert.NotEmpty(t, s.Name, s.Prefix)
	}

	var none catalog.Service
	assert.Empty(t, none.Actions())
	assert.Empty(t, none.ResourceTypes())
	assert.Empty(t, none.ConditionKeys())
}

func TestAction(t *testing.T) {
	for _, test := range []struct {
		give, want iam.Action
		level      iam.AccessLevel
	}{
		{"ec2:RunInstances", "ec2:RunInstances", iam.WriteAccess},
		{"EC2:RUNINSTANCES", "ec2:RunInstances", iam.WriteAccess},
		{"ec2:describeAddresses", "ec2:DescribeAddresses", iam.ListAccess},
		{"kms:GenerateDataKeyWithoutPlainText", "kms:GenerateDataKeyWithoutPlaintext", iam.WriteAccess},
		{"s3:getbucketcors", "s3:GetBucketCORS", iam.ReadAccess},
		{"ec2:CreateTags", "ec2:CreateTags", iam.TaggingAccess},
		{"iam:PutRolePolicy", "iam:PutRolePolicy", iam.PermissionsAccess},
		{"cloudsearch:Search", "cloudsearch:search", iam.ReadAccess},
		{"vpc-lattice:AssociateViaAWSService-EventsAndStates", "vpc-lattice:AssociateViaAWSService-EventsAndStates", iam.PermissionsAccess},
	} {
		name, level, ok := all.Action(test.give)
		assert.True(t, ok, test.give)
		assert.Equal(t, test.want, name)
		assert.Equal(t, test.level, level, test.give)
	}
	for _, give := range []iam.Action{
		"", ":", "*", "ec2", "ec2:", "ec2:*", "ec2:RunInstance", "ec2:RunInstancess", "ec2:RunInstances ", " ec2:RunInstances",
		"ec2:Run?nstances", "ec3:RunInstances", "RunInstances", "s3:GetBucketReplication", "elasticloadbalancing:DescribeTargetGroup",
		"ec2:ec2:RunInstances", "\u212ams:Encrypt", "sts:A\u017f\u017fumeRole",
	} {
		name, level, ok := all.Action(give)
		assert.False(t, ok, give)
		assert.Zero(t, name)
		assert.Zero(t, level)
	}
}

// everything returns all actions, by the one way that needs no pattern.
func everything(t testing.TB) []iam.Action {
	f, err := catalog.Open(catalog.Embedded())
	require.NoError(t, err)
	var list []iam.Action
	for _, prefix := range f.Prefixes() {
		list = append(list, f.Actions(prefix)...)
	}
	slices.Sort(list)
	return list
}

func TestExpand(t *testing.T) {
	assert.Equal(t, []iam.Action{"sts:GetCallerIdentity"}, all.Expand("STS:getcalleridentity"))
	assert.Equal(t, []iam.Action{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"}, all.Expand("sts:assumerole*"))
	assert.Equal(t, []iam.Action{"sts:AssumeRoot"}, all.Expand("sts:AssumeRo?t"))
	assert.Equal(t, []iam.Action{"ec2:RunInstances", "ec2:RunScheduledInstances"}, all.Expand("ec2:Run*"))
	assert.Equal(t, []iam.Action{"ec2:RunInstances"}, all.Expand("e*2*:runinst*"), "a wildcard before the colon")
	assert.Equal(t, []iam.Action{"sts:AssumeRoot"}, all.Expand("sts*Root"), "* stands for a colon too")
	assert.Equal(t, []iam.Action{"sts:AssumeRoot"}, all.Expand("sts?AssumeRoot"), "and ? does")
	assert.Equal(t, everything(t), all.Expand("*"))
	assert.Equal(t, everything(t), all.Expand("*:*"))
	assert.Equal(t, everything(t), all.Expand("**?*"))
	assert.Len(t, all.Expand("ec2:*"), 826)
	for _, pattern := range []iam.Action{"", ":", "ec2", "ec2:", "ec2:Nothing*", "none:*", "?", "ec2:RunInstances*?", "ec2:Run Instances", "\u212ams:*"} {
		assert.Nil(t, all.Expand(pattern), pattern)
	}
}

// TestExpandProperty makes patterns of actions and compares with the matcher of
// the standard library over all actions.
func TestExpandProperty(t *testing.T) {
	actions := everything(t)
	lower := make([]string, len(actions))
	for i, a := range actions {
		lower[i] = strings.ToLower(string(a))
	}
	random := rand.New(rand.NewPCG(1, 2))
	matched := 0
	for range 100 {
		pattern := []byte(actions[random.IntN(len(actions))])
		for range 1 + random.IntN(4) {
			from := random.IntN(len(pattern) + 1)
			to := min(len(pattern), from+random.IntN(8))
			switch random.IntN(5) {
			case 0:
				pattern = slices.Replace(pattern, from, to, '*')
			case 1:
				pattern = append(pattern[:from:from], '*')
			case 2:
				pattern = append([]byte("*"), pattern[from:]...)
			case 3:
				pattern = slices.Replace(pattern, from, min(to, from+1), '?')
			case 4:
				copy(pattern[from:to], strings.ToUpper(string(pattern[from:to])))
			}
		}
		lowerPattern := strings.ToLower(string(pattern))
		var expected []iam.Action
		for i, a := range actions {
			// Names have none of the characters that mean more to package path.
			if ok, err := path.Match(lowerPattern, lower[i]); ok || err != nil {
				expected = append(expected, a)
			}
		}
		assert.Equal(t, expected, all.Expand(iam.Action(pattern)), string(pattern))
		if len(expected) > 1 {
			matched++
		}
	}
	assert.Greater(t, matched, 25, "patterns that match several actions")
}

// naive says what a pattern in lower case matches, by a regular expression.
func naive(pattern string) *regexp.Regexp {
	text := regexp.QuoteMeta(pattern)
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\*`, `.*`), `\?`, `.`)
	return regexp.MustCompile(`^(?s:` + text + `)$`)
}

func FuzzExpand(f *testing.F) {
	for _, pattern := range []string{"*", "ec2:*", "s3:Get*Object?", "", ":", "**", "?:?", "sts:ASSUME*", "*a*a*a*a*b"} {
		f.Add(pattern)
	}
	sts := all.Expand("sts:*")
	f.Fuzz(func(t *testing.T, pattern string) {
		got := all.Expand(iam.Action("sts:" + pattern))
		if utf8.ValidString(pattern) { // else it is no regular expression
			want := naive("sts:" + asciiLower(pattern))
			for _, a := range sts {
				assert.Equal(t, want.MatchString(strings.ToLower(string(a))), slices.Contains(got, a), "%q %s", pattern, a)
			}
		}
		for _, a := range all.Expand(iam.Action(pattern)) {
			_, _, ok := all.Action(a)
			assert.True(t, ok, a)
		}
		all.Action(iam.Action(pattern))
		all.ResourceTypes(iam.Action(pattern))
		all.ConditionKeys(iam.Action(pattern), pattern)
	})
}

func asciiLower(text string) string {
	bytes := []byte(text)
	for i, c := range bytes {
		if c >= 'A' && c <= 'Z' {
			bytes[i] = c + 32
		}
	}
	return string(bytes)
}

func TestByAccessLevel(t *testing.T) {
	assert.Equal(t, []iam.Action{"sqs:TagQueue", "sqs:UntagQueue"}, all.ByAccessLevel("sqs:*", iam.TaggingAccess))
	assert.Equal(t, []iam.Action{"sqs:AddPermission", "sqs:RemovePermission", "sqs:SetQueueAttributes"},
		all.ByAccessLevel("SQS:*", iam.PermissionsAccess))
	assert.Equal(t, []iam.Action{"sqs:TagQueue"}, all.ByAccessLevel("sqs:tagqueue", iam.TaggingAccess, iam.ListAccess))
	assert.Nil(t, all.ByAccessLevel("sqs:TagQueue", iam.ListAccess))
	assert.Nil(t, all.ByAccessLevel("sqs:*"))

	// The levels part the actions.
	var joined []iam.Action
	for _, level := range levels() {
		joined = append(joined, all.ByAccessLevel("s3:*", level)...)
	}
	slices.Sort(joined)
	assert.Equal(t, all.Expand("s3:*"), joined)
}

func TestResourceTypes(t *testing.T) {
	assert.Equal(t, []iam.ResourceType{{
		Name: "role", ARNs: []string{"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"}, Required: true,
	}}, all.ResourceTypes("IAM:passrole"))

	types := map[string]iam.ResourceType{}
	var names []string
	for _, r := range all.ResourceTypes("ec2:RunInstances") {
		types[r.Name] = r
		names = append(names, r.Name)
	}
	assert.True(t, slices.IsSorted(names))
	assert.True(t, types["instance"].Required)
	assert.False(t, types["key-pair"].Required)
	assert.Equal(t, []string{"arn:${Partition}:ec2:${Region}:${Account}:key-pair/${KeyPairName}"}, types["key-pair"].ARNs)
	assert.Equal(t, []string{"arn:*:ec2:*:*:key-pair/*"}, types["key-pair"].Patterns())
	assert.Equal(t, []string{"arn:${Partition}:ec2:${Region}::image/${ImageId}"}, types["image"].ARNs, "images have no account")
	assert.Equal(t, []string{"arn:${Partition}:resource-groups:${Region}:${Account}:group/${GroupName}"}, types["group"].ARNs, "a type of another service")

	// Several templates, a space in the name, wildcards in a template.
	lex, _ := all.Service("lex")
	i := slices.IndexFunc(lex.ResourceTypes(), func(r iam.ResourceType) bool { return r.Name == "bot alias" })
	require.GreaterOrEqual(t, i, 0)
	alias := lex.ResourceTypes()[i]
	assert.Equal(t, []string{
		"arn:${Partition}:lex:${Region}:${Account}:bot-alias/${BotId}/${BotAliasId}",
		"arn:${Partition}:lex:${Region}:${Account}:bot:${BotName}:${BotAlias}",
	}, alias.ARNs)
	assert.Equal(t, []string{"arn:*:lex:*:*:bot-alias/*/*", "arn:*:lex:*:*:bot:*:*"}, alias.Patterns())
	artifact, _ := all.Service("artifact")
	assert.Contains(t, artifact.ResourceTypes(), iam.ResourceType{Name: "agreement", ARNs: []string{"arn:${Partition}:artifact:::agreement/*"}})

	assert.Nil(t, all.ResourceTypes("ec2:DescribeVpcs"), "it takes * only")
	assert.Nil(t, all.ResourceTypes("ec2:None"))
	assert.Nil(t, all.ResourceTypes("ec2:*"))

	for _, s := range all.Services() {
		for _, r := range s.ResourceTypes() {
			require.NotEmpty(t, r.ARNs, "%s %s", s.Prefix, r.Name)
			assert.False(t, r.Required)
			for i, pattern := range r.Patterns() {
				assert.NotContains(t, pattern, "$")
				assert.NotContains(t, pattern, "}")
				_, err := iam.ParseARN(pattern)
				assert.NoError(t, err)
				ok, err := path.Match(strings.ReplaceAll(pattern, "/", ":"), strings.ReplaceAll(r.ARNs[i], "/", ":"))
				assert.NoError(t, err)
				assert.True(t, ok, "a template matches its own pattern")
			}
		}
	}
}

// keyNames returns the names of keys; a name of one that stands with the type
// only begins with a plus.
func keyNames(keys []iam.ConditionKey) (names []string) {
	for _, k := range keys {
		if k.OfType {
			names = append(names, "+"+k.Name)
			continue
		}
		names = append(names, k.Name)
	}
	return names
}

func TestConditionKeys(t *testing.T) {
	assert.Equal(t, []iam.ConditionKey{
		{Name: "aws:RequestTag/${TagKey}", Type: iam.StringKey},
		{Name: "aws:TagKeys", Type: iam.StringKey, Multivalued: true},
		{Name: "ec2:Ipv4IpamPoolId", Type: iam.StringKey},
		{Name: "ec2:Ipv6IpamPoolId", Type: iam.StringKey},
		{Name: "ec2:Region", Type: iam.StringKey},
		{Name: "ec2:VpcID", Type: iam.StringKey},
	}, all.ConditionKeys("ec2:createvpc", "vpc"), "a VPC that is created has no tags yet: the type's own are not added")
	assert.Equal(t, []string{"aws:ResourceTag/${TagKey}", "ec2:Region", "ec2:ResourceTag/${TagKey}"}, keyNames(all.ConditionKeys("ec2:CreateVpc", "ipam-pool")))
	assert.Equal(t, []string{
		"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys", "ec2:Ipv4IpamPoolId", "ec2:Ipv6IpamPoolId", "ec2:Region",
		"ec2:ResourceTag/${TagKey}", "ec2:VpcID",
	}, keyNames(all.ConditionKeys("ec2:CreateVpc", "")), "for any of the types")
	assert.Equal(t, []string{"+aws:ResourceTag/${TagKey}", "iam:AssociatedResourceArn", "iam:PassedToService", "+iam:ResourceTag/${TagKey}"},
		keyNames(all.ConditionKeys("iam:PassRole", "role")))

	// The row of one type names the key, that of another leaves it to the type.
	const group = "elasticache:CacheParameterGroupName"
	assert.Contains(t, keyNames(all.ConditionKeys("elasticache:CreateCacheCluster", "cluster")), group)
	assert.Contains(t, keyNames(all.ConditionKeys("elasticache:CreateCacheCluster", "parametergroup")), "+"+group)
	assert.Contains(t, keyNames(all.ConditionKeys("elasticache:CreateCacheCluster", "")), group)
	assert.Contains(t, keyNames(all.ConditionKeys("elasticache:CreateCacheCluster", "subnetgroup")), "+aws:TagKeys")
	assert.Contains(t, keyNames(all.ConditionKeys("elasticache:CreateCacheCluster", "")), "aws:TagKeys")

	assert.Nil(t, all.ConditionKeys("iam:PassRole", "user"), "not a type of the action")
	assert.Nil(t, all.ConditionKeys("iam:PassRole", "Role"))
	assert.Nil(t, all.ConditionKeys("iam:Pass", ""))
	assert.Equal(t, []string{"ec2:Region"}, keyNames(all.ConditionKeys("ec2:DescribeVpcs", "")), "an action without types")
	assert.Nil(t, all.ConditionKeys("ec2:DescribeVpcs", "vpc"))

	// Keys of other providers, with variables, and of other types.
	names := keyNames(all.ConditionKeys("sts:AssumeRoleWithWebIdentity", "role"))
	assert.Contains(t, names, "accounts.google.com:aud")
	eks, _ := all.Service("eks")
	assert.Contains(t, eks.ConditionKeys(), iam.ConditionKey{Name: "eks:loggingType/${type}", Type: iam.BoolKey})
	ec2, _ := all.Service("ec2")
	assert.Contains(t, ec2.ConditionKeys(), iam.ConditionKey{Name: "ec2:CreateDate", Type: iam.DateKey})
	s3, _ := all.Service("s3")
	assert.Contains(t, s3.ConditionKeys(), iam.ConditionKey{Name: "s3:ExistingObjectTag/${key}", Type: iam.StringKey}, "AWS writes <key>")
	assert.Contains(t, keyNames(all.ConditionKeys("s3:GetObject", "object")), "s3:ExistingObjectTag/${key}")
	assert.Contains(t, ec2.ConditionKeys(), iam.ConditionKey{Name: "ec2:VolumeSize", Type: iam.NumericKey})
	assert.Contains(t, ec2.ConditionKeys(), iam.ConditionKey{Name: "ec2:Vpc", Type: iam.ARNKey})
}

// TestConditionKeysUnion holds that the keys for any type are those of all types
// and no others, over all actions.
func TestConditionKeysUnion(t *testing.T) {
	for _, a := range all.Expand("*") {
		types := all.ResourceTypes(a)
		if len(types) == 0 {
			continue
		}
		union := map[string]bool{}
		for _, r := range types {
			for _, k := range all.ConditionKeys(a, r.Name) {
				union[k.Name] = true
			}
		}
		got := all.ConditionKeys(a, "")
		if len(got) != len(union) {
			t.Errorf("%s: %d keys for any type, %d for its types", a, len(got), len(union))
		}
		for i, k := range got {
			if !union[k.Name] || i > 0 && got[i-1].Name >= k.Name {
				t.Errorf("%s: %s", a, k.Name)
			}
		}
	}
}

func TestConditionKeyMatches(t *testing.T) {
	for _, test := range []struct {
		key, name string
		want      bool
	}{
		{"aws:RequestTag/${TagKey}", "aws:RequestTag/team", true},
		{"aws:RequestTag/${TagKey}", "aws:requesttag/kubernetes.io/cluster/demo", true},
		{"aws:RequestTag/${TagKey}", "aws:RequestTag/${TagKey}", true},
		{"aws:RequestTag/${TagKey}", "aws:RequestTag/", false},
		{"aws:RequestTag/${TagKey}", "aws:RequestTag", false},
		{"aws:RequestTag/${TagKey}", "aws:ResourceTag/team", false},
		{"ec2:Region", "EC2:region", true},
		{"ec2:Region", "ec2:Regions", false},
		{"events:Metadata/${MetadataKey}/Matcher", "events:Metadata/a/b/Matcher", true},
		{"events:Metadata/${MetadataKey}/Matcher", "events:Metadata//Matcher", false},
		{"agent.${Domain}.buildkite.dev:build_branch", "agent.example.buildkite.dev:build_branch", true},
		{"odd:${unclosed", "odd:${unclosed", true},
		{"odd:${unclosed", "odd:x", false},
	} {
		assert.Equal(t, test.want, iam.ConditionKey{Name: test.key}.Matches(test.name), "%s %s", test.key, test.name)
	}
}

// TestOwnership changes what the methods return and asks again.
func TestOwnership(t *testing.T) {
	// As text, which shares no memory with what is changed.
	ask := func() string {
		s3, _ := all.Service("s3")
		return fmt.Sprint(
			all.Services(), all.Expand("s3:*"), all.Expand("s3:GetObject"), all.ResourceTypes("s3:GetObject"),
			all.ConditionKeys("s3:GetObject", "object"), s3.ResourceTypes(), s3.ConditionKeys(),
		)
	}
	before := ask()
	s3, _ := all.Service("s3")
	for _, list := range [][]iam.ResourceType{all.ResourceTypes("s3:GetObject"), s3.ResourceTypes()} {
		for i := range list {
			list[i].ARNs[0] = "changed"
			list[i].ARNs = append(list[i].ARNs, "more")
			list[i].Name = "changed"
		}
	}
	clear(all.Services())
	clear(all.Expand("s3:*"))
	clear(all.Expand("s3:GetObject"))
	clear(all.ConditionKeys("s3:GetObject", "object"))
	clear(s3.ConditionKeys())
	assert.Equal(t, before, ask())
}

// TestConcurrency decodes one file from many goroutines at once; the race
// detector watches.
func TestConcurrency(t *testing.T) {
	f, err := catalog.Open(catalog.Embedded())
	require.NoError(t, err)
	var group sync.WaitGroup
	totals := make([]int, 8)
	for i := range totals {
		group.Go(func() {
			for _, prefix := range f.Prefixes() {
				totals[i] += len(f.Actions(prefix))
			}
		})
	}
	group.Wait()
	for _, total := range totals {
		assert.Equal(t, 22091, total)
	}
}

// TestDependencies asks the go command what a caller gets.
func TestDependencies(t *testing.T) {
	deps := func(pkg string) []string {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-buildvcs=false", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg)
		cmd.Env = append(cmd.Environ(), "GOPROXY=off", "GOWORK=off")
		output, err := cmd.Output()
		require.NoError(t, err)
		return strings.Fields(string(output))
	}
	const module = "github.com/groundway-sdk/groundway"
	alone := []string{module, module + "/internal/editdistance", module + "/internal/standin", module + "/iam"}
	assert.ElementsMatch(t, alone, deps(module+"/iam"), "iam does not embed the catalog")
	assert.ElementsMatch(t, append(slices.Clip(alone), module+"/iam/catalog"), deps(module+"/iam/catalog"))
	assert.ElementsMatch(t, append(slices.Clip(alone), module+"/iam/action/ec2action"), deps(module+"/iam/action/ec2action"))
}
