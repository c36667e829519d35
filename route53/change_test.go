package route53_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// count counts a batch as the page on quotas says, by other means than the
// package: element by element and character by character.
func count(b route53.Batch) (elements, characters int) {
	for _, c := range b {
		once := 1
		if c.Action == "UPSERT" {
			once = 2
		}
		if c.Set.Alias != nil {
			elements += once
		}
		for _, v := range c.Set.Values {
			elements += once
			for range v {
				characters += once
			}
		}
	}
	return elements, characters
}

// Whatever the changes: each stands in one batch, no batch is over the limits,
// no name in two, and no batch could have been left out.
func TestBatchesProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for round := range 400 {
		limits := route53.Limits{Elements: 8 + random.IntN(30), Characters: 200 + random.IntN(400)}
		var changes []route53.Change
		for i := range random.IntN(60) {
			set := route53.RecordSet{Name: route53.MustParseName(fmt.Sprintf("n%d.example.com", random.IntN(30))), Type: fmt.Sprintf("T%d", i), TTL: 60}
			if random.IntN(5) == 0 {
				set.Alias = &route53.Alias{ZoneID: "Z1", Target: "lb.example.net"}
			} else {
				for range 1 + random.IntN(3) {
					set.Values = append(set.Values, strings.Repeat("ü", random.IntN(12)))
				}
			}
			changes = append(changes, route53.Change{Action: []route53.Action{"CREATE", "UPSERT", "DELETE"}[random.IntN(3)], Set: set})
		}
		batches, err := route53.Batches(changes, limits)
		if err != nil {
			// Only a name that fits no request may be refused.
			byName := map[route53.Name]route53.Batch{}
			tooLarge := false
			for _, c := range changes {
				byName[c.Set.Name] = append(byName[c.Set.Name], c)
			}
			for _, b := range byName {
				e, c := count(b)
				tooLarge = tooLarge || e > limits.Elements || c > limits.Characters
			}
			require.True(t, tooLarge, "round %d: %v", round, err)
			continue
		}
		var all []string
		of := map[route53.Name]int{}
		previous := [2]int{}
		for i, b := range batches {
			e, c := count(b)
			require.NotEmpty(t, b)
			require.LessOrEqual(t, e, limits.Elements)
			require.LessOrEqual(t, c, limits.Characters)
			if i > 0 { // the first name of this batch did not fit into the one before
				var first route53.Batch
				for _, change := range b {
					if change.Set.Name == b[0].Set.Name {
						first = append(first, change)
					}
				}
				fe, fc := count(first)
				require.True(t, previous[0]+fe > limits.Elements || previous[1]+fc > limits.Characters)
			}
			previous = [2]int{e, c}
			for _, change := range b {
				if at, ok := of[change.Set.Name]; ok {
					require.Equal(t, at, i, "a name stands in one batch")
				}
				of[change.Set.Name] = i
				all = append(all, string(change.Action)+change.Set.Key())
			}
		}
		var want []string
		for _, c := range changes {
			want = append(want, string(c.Action)+c.Set.Key())
		}
		slices.Sort(all)
		slices.Sort(want)
		require.Equal(t, want, all)
		random.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		again, err := route53.Batches(changes, limits)
		require.NoError(t, err)
		require.Equal(t, batches, again, "whatever the order")
	}
}

func TestBatchesAtTheLimitsOfAWS(t *testing.T) {
	changes := func(action route53.Action, n int) []route53.Change {
		var list []route53.Change
		for i := range n {
			list = append(list, route53.Change{Action: action, Set: rt.Set(fmt.Sprintf("n%d.example.com", i), "A", "198.51.100.7")})
		}
		return list
	}
	for _, c := range []struct {
		action  route53.Action
		n, want int
	}{
		{route53.Create, 0, 0},
		{route53.Create, 1000, 1},
		{route53.Create, 1001, 2},
		{route53.Upsert, 500, 1},
		{route53.Upsert, 501, 2},
		{route53.Delete, 3000, 3},
	} {
		batches, err := route53.Batches(changes(c.action, c.n), route53.Limits{})
		require.NoError(t, err)
		assert.Len(t, batches, c.want, "%s %d", c.action, c.n)
	}
	long := rt.Set("long.example.com", "TXT", strings.Repeat("x", 16001))
	_, err := route53.Batches([]route53.Change{{Action: route53.Create, Set: long}}, route53.Limits{})
	require.NoError(t, err)
	_, err = route53.Batches([]route53.Change{{Action: route53.Upsert, Set: long}}, route53.Limits{})
	assert.EqualError(t, err, `split changes: those of "long.example.com" take 2 of 1000 elements and 32002 of 32000 characters of a request`)
}

// apply does to a snapshot what Route 53 would do to the zone.
func apply(s *route53.Snapshot, p route53.Plan) {
	made := ""
	for i, step := range p.Steps {
		id := step.ZoneID
		if step.New != nil {
			id = fmt.Sprintf("Z0NEW%d", i)
			rt.AddZone(s, id, step.New.Name, route53.Public, 30)
			made = id
		}
		for _, c := range step.Changes {
			if c.Action == route53.Delete {
				rt.Remove(s, id, c.Set.Key())
			} else {
				rt.Put(s, id, c.Set)
			}
		}
		for _, name := range step.Delegate {
			rt.Put(s, id, rt.NS(name, rt.Detail(s, made).NameServers...))
		}
	}
}

func TestPlanRecords(t *testing.T) {
	s, _ := rt.Account()
	rt.Put(&s, rt.Zone, rt.Set("a.k8s.example.com", "A", "198.51.100.1"), rt.Set("b.k8s.example.com", "A", "198.51.100.2"),
		rt.Set("c.k8s.example.com", "CNAME", "x.example.net."), rt.Set("d.k8s.example.com", "A", "198.51.100.4"), rt.Set("d.k8s.example.com", "TXT", `"x"`))
	want := []route53.RecordSet{
		rt.Set("new.k8s.example.com", "A", "198.51.100.9"),
		rt.Set("a.k8s.example.com", "A", "198.51.100.1"),
		rt.Set("b.k8s.example.com", "A", "198.51.100.3", "198.51.100.2"),
		rt.Alias("c.k8s.example.com", "lb-1.us-east-1.elb.amazonaws.com"),
		rt.Set("d.k8s.example.com", "CNAME", "y.example.net."),
	}
	step, err := route53.PlanRecords(s, rt.Zone, want, route53.PlanOptions{Replace: []route53.Name{"b.k8s.example.com", "c.k8s.example.com", "d.k8s.example.com"}})
	require.NoError(t, err)
	plan := route53.Plan{Steps: []route53.Step{step}}
	assert.Equal(t, `  zone k8s.example.com (Z0K8S)
-   b.k8s.example.com A 300 198.51.100.2
+   b.k8s.example.com A 300 198.51.100.2 198.51.100.3
-   c.k8s.example.com CNAME 300 x.example.net.
+   c.k8s.example.com A ALIAS lb-1.us-east-1.elb.amazonaws.com. (Z35SXDOTRQ7X7K)
-   d.k8s.example.com A 300 198.51.100.4
-   d.k8s.example.com TXT 300 "x"
+   d.k8s.example.com CNAME 300 y.example.net.
+   new.k8s.example.com A 300 198.51.100.9
`, plan.String())

	apply(&s, plan)
	again, err := route53.PlanRecords(s, rt.Zone, want, route53.PlanOptions{})
	require.NoError(t, err)
	assert.True(t, route53.Plan{Steps: []route53.Step{again}}.Empty(), "a second plan is empty")
	assert.Equal(t, "no changes\n", route53.Plan{Steps: []route53.Step{again}}.String())
}

func TestPlanRecordsErrors(t *testing.T) {
	weighted := rt.Set("w.k8s.example.com", "A", "198.51.100.7")
	weighted.SetID, weighted.Routing = "one", map[string]string{"Weight": "10"}
	for _, c := range []struct {
		edit func(*route53.Snapshot)
		zone string
		want []route53.RecordSet
		err  string
	}{
		{nil, "Z0GONE", nil, `plan records of "Z0GONE": the snapshot has no such zone`},
		{func(s *route53.Snapshot) { rt.Deny(&s.Records, "route53:ListResourceRecordSets") }, rt.Zone, nil, `plan records of "Z0K8S": its record sets were not all seen, so that nothing can be planned without a risk`},
		{nil, rt.Zone, []route53.RecordSet{rt.Set("a.example.com", "A", "198.51.100.7")}, `plan records of "Z0K8S": "a.example.com" is not in k8s.example.com`},
		{nil, rt.Zone, []route53.RecordSet{rt.Set("a.k8s.example.com", "A", "198.51.100.7"), rt.Set("a.k8s.example.com", "A", "198.51.100.8")}, `plan records of "Z0K8S": "a.k8s.example.com A" is wanted twice`},
		{nil, rt.Zone, []route53.RecordSet{weighted}, `plan records of "Z0K8S": "w.k8s.example.com A one" has a routing policy, which is not planned here`},
		{nil, rt.Zone, []route53.RecordSet{{Name: "a.k8s.example.com", Type: "A"}}, `plan records of "Z0K8S": "a.k8s.example.com A" has neither values nor an alias`},
		{nil, rt.Zone, []route53.RecordSet{rt.Set("k8s.example.com", "CNAME", "x.example.net")}, `plan records of "Z0K8S": "k8s.example.com CNAME" stands at the top of the zone, where no CNAME can`},
		{nil, rt.Zone, []route53.RecordSet{rt.Set("a.k8s.example.com", "CNAME", "x.example.net"), rt.Set("a.k8s.example.com", "TXT", `"x"`)}, `plan records of "Z0K8S": "a.k8s.example.com CNAME" is wanted beside another type, where no CNAME can stand`},
		{
			func(s *route53.Snapshot) { rt.Put(s, rt.Zone, rt.Set("a.k8s.example.com", "A", "198.51.100.1")) }, rt.Zone,
			[]route53.RecordSet{rt.Set("a.k8s.example.com", "A", "198.51.100.2")},
			`plan records of "Z0K8S": "a.k8s.example.com A" exists with other values (300 198.51.100.1); name it in Replace to have it replaced`,
		},
	} {
		s, _ := rt.Account()
		if c.edit != nil {
			c.edit(&s)
		}
		_, err := route53.PlanRecords(s, c.zone, c.want, route53.PlanOptions{})
		assert.EqualError(t, err, c.err)
	}
}

// Values are anybody's: what they hold comes out harmless.
func TestPlansPrintHarmlessly(t *testing.T) {
	p := route53.Plan{Steps: []route53.Step{{ZoneID: rt.Zone, ZoneName: rt.Domain, Changes: []route53.Change{
		{Action: route53.Create, Set: rt.Set("a.k8s.example.com", "TXT", "\x1b[2J\n+ zone evil", strings.Repeat("y", 300))},
	}}}}
	assert.NotContains(t, p.String(), "\x1b")
	assert.Equal(t, 2, strings.Count(p.String(), "\n"))
}

func TestChangeBatchJSON(t *testing.T) {
	assert.JSONEq(t, `{"Changes":[
		{"Action":"UPSERT","ResourceRecordSet":{"Name":"k8s.example.com.","Type":"NS","TTL":172800,"ResourceRecords":[{"Value":"ns1.example.net."},{"Value":"ns2.example.net."}]}},
		{"Action":"CREATE","ResourceRecordSet":{"Name":"*.k8s.example.com.","Type":"A","AliasTarget":{"HostedZoneId":"Z35SXDOTRQ7X7K","DNSName":"lb.example.net.","EvaluateTargetHealth":false}}}
	]}`, route53.ChangeBatchJSON(route53.Batch{
		{Action: route53.Upsert, Set: rt.NS("k8s.example.com", "ns2.example.net", "ns1.example.net")},
		{Action: route53.Create, Set: rt.Alias("*.k8s.example.com", "lb.example.net")},
	}))
	// Route 53 deletes a value as it was written, and no other.
	assert.JSONEq(t, `{"Changes":[
		{"Action":"DELETE","ResourceRecordSet":{"Name":"a.k8s.example.com.","Type":"CNAME","TTL":300,"ResourceRecords":[{"Value":"LB.example.net"}]}}
	]}`, route53.ChangeBatchJSON(route53.Batch{{Action: route53.Delete, Set: rt.Set("a.k8s.example.com", "CNAME", "LB.example.net")}}))
	weighted := rt.Set("w.k8s.example.com", "A", "198.51.100.7")
	weighted.SetID, weighted.Routing = "one", map[string]string{"Weight": "0", "HealthCheckId": "abc"}
	assert.JSONEq(t, `{"Changes":[
		{"Action":"DELETE","ResourceRecordSet":{"Name":"w.k8s.example.com.","Type":"A","SetIdentifier":"one","Weight":0,"TTL":300,"ResourceRecords":[{"Value":"198.51.100.7"}],"HealthCheckId":"abc"}}
	]}`, route53.ChangeBatchJSON(route53.Batch{{Action: route53.Delete, Set: weighted}}))
}

// Route 53 deletes only what is described to it in full: a policy that is not
// known so well is to be looked at.
func TestRemediesOfRoutingPolicies(t *testing.T) {
	for policy, want := range map[string]string{
		"Weight":      `{"Changes":[{"Action":"DELETE","ResourceRecordSet":{"Name":"demo-api.k8s.example.com.","Type":"A","SetIdentifier":"one","Weight":10,"TTL":300,"ResourceRecords":[{"Value":"198.51.100.7"}]}}]}`,
		"GeoLocation": "list-resource-record-sets --hosted-zone-id Z0K8S --start-record-name demo-api.k8s.example.com. --start-record-type A --max-items 100",
	} {
		s, o := rt.Account()
		set := rt.Set("demo-api.k8s.example.com", "A", "198.51.100.7")
		set.SetID, set.Routing = "one", map[string]string{policy: "10"}
		left := set
		left.Name = "x.demo.k8s.example.com"
		rt.Put(&s, rt.Zone, set, left)
		for _, f := range route53.Check(s, o) {
			switch f.Code {
			case "route53/record-conflict":
				assert.Contains(t, strings.Join(f.Remedies[0].Commands[0], " "), want)
			case "route53/record-leftover":
				assert.Equal(t, policy == "Weight", slices.Contains(f.Remedies[0].Commands[0], "--change-batch"))
			}
		}
	}
}
