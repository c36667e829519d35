package install

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/awsroute53"
)

// Subdomain plans a hosted zone of its own for a name below the zone of the parent,
// and its delegation. It returns the ID of the zone, or "" for one that is not there
// yet or could not be planned.
func (j *Job) Subdomain(ctx context.Context, name route53.Name, parent string) (zone string, err error) {
	j.Section("Zone of " + name.String())
	if err := j.loadZones(ctx, name); err != nil {
		return "", err
	}
	p, err := route53.PlanSubdomain(j.zones(), name, route53.SubdomainOptions{
		CallerReference: "groundway " + j.Spec.Cluster + " " + name.String(), ParentID: parent,
		Comment: "Zone of the cluster " + j.Spec.Cluster,
	})
	if err != nil {
		if !j.Snapshot.DNS.Zones.Seen {
			j.Line('?', "%v", err)
			j.Unseen("dns", err)
		} else {
			j.Line('!', "%v", err)
			j.Block("dns", err)
		}
		return "", nil
	}
	for _, z := range j.Snapshot.DNS.Zones.Items {
		if z.Name == name && z.Visibility != route53.Private {
			zone = z.ID
		}
	}
	if zone != "" {
		j.Line('=', "zone %s (%s)", name, zone)
	}
	j.Diff(p.String())
	for _, set := range p.ByHand {
		j.Line(' ', "by hand: %s %s %v", set.Name, set.Type, set.Values)
	}
	if len(p.Steps) > 0 {
		j.Snapshot.DNS.Records = after(j.Snapshot.DNS.Records, p)
		j.Do(Step{Title: "the zone " + name.String(), Do: func(ctx context.Context, cfg aws.Config, _ func(string)) (string, error) {
			done, err := awsroute53.Apply(ctx, route53sdk.NewFromConfig(cfg), p, awsroute53.ApplyOptions{})
			n := 0
			for _, s := range done.Steps {
				n += s.Changed
			}
			return fmt.Sprintf("%d record sets changed", n), err
		}})
	}
	return zone, nil
}

// JudgeZones asks what the zones are like for a program that works on them by these
// options, in place of what the preflight asks for an installer.
func (j *Job) JudgeZones(o route53.Options) {
	j.Judge(route53.Check(j.zones(), o)...)
}

func (j *Job) zones() route53.Snapshot {
	return route53.Snapshot{Observation: j.Snapshot.Observation, Parts: j.Snapshot.DNS}
}

// loadZones reads the zones of a name in a live account. The preflight looks at those
// of the base domain only, and its verdict is not asked for then.
func (j *Job) loadZones(ctx context.Context, name route53.Name) error {
	j.After(func(spec *cluster.Spec, _ *cluster.Snapshot) { spec.DNS = cluster.DNS{} })
	if j.Live == nil {
		return nil
	}
	s, err := awsroute53.Load(ctx, route53sdk.NewFromConfig(*j.Live), name, awsroute53.LoadOptions{
		Account: string(j.Scope.Account()), Region: j.Spec.Region, Time: j.Time,
	})
	j.Snapshot.DNS = s.Parts
	return err
}

// after returns the records as they are once the plan is carried out, in the zones
// that are there.
func after(part groundway.Part[route53.ZoneRecords], p route53.Plan) groundway.Part[route53.ZoneRecords] {
	part.Items = slices.Clone(part.Items)
	for _, step := range p.Steps {
		for i, z := range part.Items {
			if z.ZoneID != step.ZoneID {
				continue
			}
			for _, c := range step.Changes {
				z.Sets.Items = slices.DeleteFunc(slices.Clone(z.Sets.Items), func(set route53.RecordSet) bool { return set.Key() == c.Set.Key() })
				if c.Action != route53.Delete {
					z.Sets.Items = append(z.Sets.Items, c.Set)
				}
			}
			part.Items[i] = z
		}
	}
	return part
}
