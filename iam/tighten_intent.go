package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A TightenIntent says what a document is for. Each field narrows what
// [Tighten] writes; an empty one narrows nothing. Names are exact: wildcards and
// variables in them are errors.
type TightenIntent struct {
	Partition Partition // empty means that of Region, and every one without a region
	Region    Region
	Account   Account

	Cluster string // the name of the cluster, as in the ARNs of Amazon EKS
	// TagKey and TagValue are the tag of all that belongs to the cluster:
	// "kubernetes.io/cluster/demo" and "owned". With them the caller promises
	// that the tag is sent in the calls that create resources, and stands on all
	// resources of the types that the document can create.
	TagKey   string
	TagValue string

	VPC        string // of the cluster, which exists already: "vpc-0a1"
	HostedZone string // "Z0123"
	Bucket     string // the one bucket that is used
	RolePath   string // of roles, instance profiles and customer policies: "/demo/"
	RolePrefix string // what their names begin with: "demo-"
	// PassTo are the services that roles are passed to: "ec2.amazonaws.com".
	PassTo []string
}

func (t TightenIntent) check() error {
	if t.Region != "" {
		if _, err := ParseRegion(string(t.Region)); err != nil {
			return err
		}
		if own := t.Region.Partition(); t.Partition != "" && t.Partition != own {
			return fmt.Errorf("region %q is in the partition %s, not in %s", t.Region, own, quote(string(t.Partition)))
		}
	}
	if t.Account != "" {
		if _, err := ParseAccount(string(t.Account)); err != nil {
			return err
		}
	}
	for _, v := range []struct{ what, value, except string }{
		{"partition", string(t.Partition), ""},
		{"cluster", t.Cluster, ""},
		{"tag key", t.TagKey, ""},
		{"tag value", t.TagValue, ""},
		{"VPC", t.VPC, ":/"},
		{"hosted zone", t.HostedZone, ":/"},
		{"bucket", t.Bucket, ":/"},
		{"role path", t.RolePath, ":"},
		{"role prefix", t.RolePrefix, ":/"},
	} {
		if i := strings.IndexAny(v.value, "*?$"+v.except); i >= 0 {
			return fmt.Errorf("%s %s: it may not hold %q", v.what, quote(v.value), v.value[i])
		}
	}
	if t.VPC != "" && !strings.HasPrefix(t.VPC, "vpc-") {
		return fmt.Errorf("VPC %s: want an ID such as vpc-0a1", quote(t.VPC))
	}
	if t.RolePath != "" {
		if err := CheckName(Path, t.RolePath); err != nil {
			return err
		}
	}
	if t.TagValue != "" && t.TagKey == "" {
		return fmt.Errorf("tag value %s: there is no tag key", quote(t.TagValue))
	}
	for _, service := range t.PassTo {
		if service == "" || strings.ContainsAny(service, "*?$") {
			return fmt.Errorf("service %s: want a name such as ec2.amazonaws.com", quote(service))
		}
	}
	return nil
}

// fill returns the ARNs of a type with what the intent knows in place of
// placeholders and * for the rest, and whether the intent names the resource.
func (t TightenIntent) fill(service string, kind ResourceType, created bool) (arns []string, named bool) {
	partition := cmp.Or(t.Partition, "*")
	if t.Region != "" {
		partition = t.Region.Partition()
	}
	known := map[string]string{
		"Partition": string(partition), "Region": string(cmp.Or(t.Region, "*")), "Account": string(cmp.Or(t.Account, "*")),
	}
	name := func(placeholder, value string) {
		if value != "" {
			known[placeholder] = value
			named = true
		}
	}
	switch service + " " + kind.Name {
	case "ec2 vpc":
		if !created {
			name("VpcId", t.VPC)
		}
	case "route53 hostedzone":
		name("Id", t.HostedZone)
	case "s3 bucket", "s3 object":
		name("BucketName", t.Bucket)
	case "iam role", "iam instance-profile", "iam policy":
		if prefix := strings.TrimPrefix(t.RolePath, "/") + t.RolePrefix; prefix != "" {
			for _, placeholder := range []string{"RoleNameWithPath", "InstanceProfileNameWithPath", "PolicyNameWithPath"} {
				name(placeholder, prefix+"*")
			}
		}
	}
	if service == "eks" {
		name("ClusterName", t.Cluster)
	}
	for _, template := range kind.ARNs {
		arns = append(arns, fillTemplate(template, known))
	}
	return arns, named
}

// fillTemplate returns a template with values in place of the placeholders that
// are known and * in place of the others.
func fillTemplate(template string, known map[string]string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "${")
		key, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			b.WriteString(template)
			return b.String()
		}
		b.WriteString(before)
		b.WriteString(cmp.Or(known[key], "*"))
		template = after
	}
}

// vpcARN returns the VPC of the intent as the key ec2:Vpc has it.
func (t TightenIntent) vpcARN() string {
	arns, _ := t.fill("ec2", ResourceType{Name: "vpc", ARNs: []string{"arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}"}}, false)
	return arns[0]
}

// publishedByAWS are resources that are AWS's own, by service and type, which
// actions that only look may be done to beside those of the account: its policies
// and parameters.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
var publishedByAWS = map[string]string{
	"iam policy":    "arn:${Partition}:iam::aws:policy/*",
	"ssm parameter": "arn:${Partition}:ssm:${Region}::parameter/aws/service/*",
}

// ofAWS returns what AWS publishes of a type, if the intent leaves it out.
func (t TightenIntent) ofAWS(service string, kind ResourceType) []string {
	published := publishedByAWS[service+" "+kind.Name]
	if published == "" || t.Account == "" && t.RolePath == "" && t.RolePrefix == "" {
		return nil
	}
	arns, _ := t.fill(service, ResourceType{ARNs: []string{published}}, false)
	return arns
}

// passTo returns the condition for passing roles.
func (t TightenIntent) passTo() Condition {
	services := slices.Clone(t.PassTo)
	return Condition{"StringEquals", "iam:PassedToService", sorted(services)}
}
