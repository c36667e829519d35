package awscapacity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbv2types "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network/capacity"
)

// LoadOptions are what [Load] may be told. The zero value is right.
type LoadOptions struct {
	// Account is the caller's account, as sts:GetCallerIdentity shows it, and
	// Region the clients' region. Both stand in the snapshot's head.
	Account string
	Region  string
	Time    time.Time // when the reading began; zero: now
	// InstanceTypes are the types that nodes are to be of.
	InstanceTypes []string
	// Principal is the ARN of the user or role that will install, of whom is asked
	// whether roles may be made. Empty: that is unseen.
	Principal string
	// Progress is called whenever something was read or counted. Calls of it do
	// not overlap.
	Progress func(done, total int)
}

// Load reads quotas and counts their use, all at once. It counts running and
// pending On-Demand instances by their vCPUs and families, VPCs, internet gateways,
// NAT gateways by zone, security groups, load balancers, and Elastic IP addresses
// of Amazon's: one's own count against no quota.
//
// What could not be seen is no error: it leaves its part unseen or partial, with a
// [groundway.Gap] that names the action. A use of which a page is missing is not
// counted at all. Load returns an error, and no snapshot, when ctx ends, when the
// credentials cannot be loaded or are refused, and when no request can be made.
func Load(ctx context.Context, clients Clients, o LoadOptions) (capacity.Snapshot, error) {
	s := capacity.Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	l := &loader{clients: clients, o: o, parts: &s.Parts}
	l.plan()
	g, inner := errgroup.WithContext(ctx)
	for _, job := range l.jobs {
		g.Go(func() error {
			err := job(inner)
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.done++; o.Progress != nil {
				o.Progress(l.done, len(l.jobs))
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return capacity.Snapshot{}, fmt.Errorf("load capacity: %w", err)
	}
	l.settle()
	return s, nil
}

type loader struct {
	clients Clients
	o       LoadOptions
	jobs    []func(context.Context) error

	mu    sync.Mutex
	done  int
	parts *capacity.Parts
}

// plan lists what is to be read, of those who can be asked.
func (l *loader) plan() {
	c := l.clients
	if c.Quotas != nil {
		for _, service := range []string{"ec2", "elasticloadbalancing", "vpc"} {
			l.jobs = append(l.jobs, func(ctx context.Context) error { return l.quotas(ctx, service) })
		}
	}
	if c.EC2 != nil {
		l.count(describeVPCs, l.vpcs)
		l.count(describeInternetGateways, l.internetGateways)
		l.count(describeNATGateways, l.natGateways)
		l.count(describeSecurityGroups, l.securityGroups)
		l.count(describeAddresses, l.addresses)
		l.count(describeInstances, l.instances)
		l.jobs = append(l.jobs, l.instanceTypes, l.encryption)
	}
	if c.LoadBalancers != nil {
		l.count(describeLoadBalancers, l.loadBalancers)
	}
	if c.ClassicLoadBalancers != nil {
		l.count(describeLoadBalancers, l.classicLoadBalancers)
	}
	if c.IAM != nil {
		l.jobs = append(l.jobs, l.roles)
	}
}

// settle puts what came in any order into one.
func (l *loader) settle() {
	order(&l.parts.Quotas)
	order(&l.parts.Uses)
	order(&l.parts.Roles)
}

func order[T groundway.Keyed](p *groundway.Part[T]) {
	p.Partial = p.Seen && len(p.Gaps) > 0
	slices.SortFunc(p.Items, func(a, b T) int { return cmp.Compare(a.Key(), b.Key()) })
	slices.SortFunc(p.Gaps, func(a, b groundway.Gap) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	p.Gaps = slices.Compact(p.Gaps)
}

// put adds items to a part, or the gap that a call left.
func put[T any](ctx context.Context, l *loader, part *groundway.Part[T], action string, err error, items ...T) error {
	if err != nil {
		if stop := awserr.Stop(ctx, action, err); stop != nil {
			return stop
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		part.Gaps = append(part.Gaps, awserr.Gap(action, err))
		return nil
	}
	part.Seen = true
	part.Items = append(part.Items, items...)
	return nil
}

// count adds a job that counts what an action shows.
func (l *loader) count(action string, counted func(context.Context) (uses []capacity.Use, failed string, err error)) {
	l.jobs = append(l.jobs, func(ctx context.Context) error {
		uses, failed, err := counted(ctx)
		return put(ctx, l, &l.parts.Uses, cmp.Or(failed, action), err, uses...)
	})
}

// maxPages bounds a listing: at 1000 items a page it is far above any quota.
const maxPages = 256

// every reads all pages of a listing.
func every[T any](ctx context.Context, get func(context.Context, *string) ([]T, *string, error)) (all []T, err error) {
	var token *string
	for range maxPages {
		items, next, err := get(ctx, token)
		if err == nil && items == nil {
			err = awserr.ErrNoList
		}
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if aws.ToString(next) == "" {
			return all, nil
		}
		token = next
	}
	return nil, fmt.Errorf("the listing has more than %d pages", maxPages)
}

func used(quota string, count int) []capacity.Use {
	return []capacity.Use{{Quota: quota, Count: count}}
}

func (l *loader) quotas(ctx context.Context, service string) error {
	wanted := map[string]bool{} // codes that were not seen yet
	for _, limit := range capacity.Limits() {
		if of, code, _ := strings.Cut(limit.Quota, "/"); of == service {
			wanted[code] = true
		}
	}
	var quotas []capacity.Quota
	take := func(list []quotatypes.ServiceQuota, byDefault bool) {
		for _, q := range list {
			if code := aws.ToString(q.QuotaCode); wanted[code] && q.Value != nil {
				delete(wanted, code)
				quotas = append(quotas, capacity.Quota{Service: service, Code: code, Value: *q.Value, Default: byDefault})
			}
		}
	}
	own, err := every(ctx, func(ctx context.Context, token *string) ([]quotatypes.ServiceQuota, *string, error) {
		out, err := l.clients.Quotas.ListServiceQuotas(ctx, &quotassdk.ListServiceQuotasInput{ServiceCode: &service, MaxResults: aws.Int32(100), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Quotas, out.NextToken, nil
	})
	if err != nil {
		// Without the account's own values the defaults would be another account's.
		return put(ctx, l, &l.parts.Quotas, listQuotas, err)
	}
	take(own, false)
	if len(wanted) > 0 {
		defaults, err := every(ctx, func(ctx context.Context, token *string) ([]quotatypes.ServiceQuota, *string, error) {
			out, err := l.clients.Quotas.ListAWSDefaultServiceQuotas(ctx, &quotassdk.ListAWSDefaultServiceQuotasInput{ServiceCode: &service, MaxResults: aws.Int32(100), NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return out.Quotas, out.NextToken, nil
		})
		if err != nil {
			if stop := put(ctx, l, &l.parts.Quotas, listDefaultQuotas, err); stop != nil {
				return stop
			}
		}
		take(defaults, true)
	}
	return put(ctx, l, &l.parts.Quotas, listQuotas, nil, quotas...)
}

func (l *loader) vpcs(ctx context.Context) ([]capacity.Use, string, error) {
	vpcs, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.Vpc, *string, error) {
		out, err := l.clients.EC2.DescribeVpcs(ctx, &ec2sdk.DescribeVpcsInput{MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Vpcs, out.NextToken, nil
	})
	own := 0 // of a VPC that is shared the owner's quota counts
	for _, v := range vpcs {
		if l.o.Account == "" || v.OwnerId == nil || *v.OwnerId == l.o.Account {
			own++
		}
	}
	return used(capacity.VPCs, own), "", err
}

func (l *loader) internetGateways(ctx context.Context) ([]capacity.Use, string, error) {
	gateways, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.InternetGateway, *string, error) {
		out, err := l.clients.EC2.DescribeInternetGateways(ctx, &ec2sdk.DescribeInternetGatewaysInput{MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.InternetGateways, out.NextToken, nil
	})
	return used(capacity.InternetGateways, len(gateways)), "", err
}

// natGateways counts those of each zone, which is that of their subnet.
func (l *loader) natGateways(ctx context.Context) ([]capacity.Use, string, error) {
	gateways, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.NatGateway, *string, error) {
		out, err := l.clients.EC2.DescribeNatGateways(ctx, &ec2sdk.DescribeNatGatewaysInput{
			Filter: []ec2types.Filter{{Name: aws.String("state"), Values: []string{"pending", "available"}}}, MaxResults: aws.Int32(1000), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.NatGateways, out.NextToken, nil
	})
	use := capacity.Use{Quota: capacity.NATGateways, Zones: map[string]int{}}
	if err != nil || len(gateways) == 0 {
		return []capacity.Use{use}, "", err
	}
	subnets, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.Subnet, *string, error) {
		out, err := l.clients.EC2.DescribeSubnets(ctx, &ec2sdk.DescribeSubnetsInput{MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Subnets, out.NextToken, nil
	})
	if err != nil {
		return nil, describeSubnets, err
	}
	zones := map[string]string{}
	for _, s := range subnets {
		zones[aws.ToString(s.SubnetId)] = aws.ToString(s.AvailabilityZone)
	}
	for _, n := range gateways {
		use.Count++
		if zone := zones[aws.ToString(n.SubnetId)]; zone != "" { // a regional one is in none
			use.Zones[zone]++
		}
	}
	return []capacity.Use{use}, "", nil
}

func (l *loader) securityGroups(ctx context.Context) ([]capacity.Use, string, error) {
	groups, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.SecurityGroup, *string, error) {
		out, err := l.clients.EC2.DescribeSecurityGroups(ctx, &ec2sdk.DescribeSecurityGroupsInput{MaxResults: aws.Int32(1000), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.SecurityGroups, out.NextToken, nil
	})
	return used(capacity.SecurityGroups, len(groups)), "", err
}

// addresses leaves out those of the account's own pools.
func (l *loader) addresses(ctx context.Context) ([]capacity.Use, string, error) {
	out, err := l.clients.EC2.DescribeAddresses(ctx, &ec2sdk.DescribeAddressesInput{})
	if err == nil && out.Addresses == nil {
		err = awserr.ErrNoList
	}
	if err != nil {
		return nil, "", err
	}
	n := 0
	for _, a := range out.Addresses {
		if pool := aws.ToString(a.PublicIpv4Pool); a.Domain != ec2types.DomainTypeStandard && (pool == "" || pool == "amazon") {
			n++
		}
	}
	return used(capacity.Addresses, n), "", nil
}

// instances counts the vCPUs of running and pending On-Demand instances by family.
func (l *loader) instances(ctx context.Context) ([]capacity.Use, string, error) {
	reservations, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.Reservation, *string, error) {
		out, err := l.clients.EC2.DescribeInstances(ctx, &ec2sdk.DescribeInstancesInput{
			Filters:    []ec2types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}}},
			MaxResults: aws.Int32(1000), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Reservations, out.NextToken, nil
	})
	if err != nil {
		return nil, "", err
	}
	var instances []capacity.Instance
	for _, r := range reservations {
		for _, i := range r.Instances {
			// Spot instances and dedicated hosts have quotas of their own.
			dedicated := i.Placement != nil && i.Placement.Tenancy == ec2types.TenancyHost
			in := capacity.Instance{Type: string(i.InstanceType), OnDemand: i.InstanceLifecycle == "" && !dedicated}
			if i.CpuOptions != nil {
				in.VCPUs = int(aws.ToInt32(i.CpuOptions.CoreCount)) * int(aws.ToInt32(i.CpuOptions.ThreadsPerCore))
			}
			instances = append(instances, in)
		}
	}
	return capacity.CountInstances(instances), "", nil
}

func (l *loader) loadBalancers(ctx context.Context) ([]capacity.Use, string, error) {
	balancers, err := every(ctx, func(ctx context.Context, marker *string) ([]elbv2types.LoadBalancer, *string, error) {
		out, err := l.clients.LoadBalancers.DescribeLoadBalancers(ctx, &elbv2sdk.DescribeLoadBalancersInput{PageSize: aws.Int32(400), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.LoadBalancers, out.NextMarker, nil
	})
	kinds := map[elbv2types.LoadBalancerTypeEnum]int{}
	for _, b := range balancers {
		kinds[b.Type]++
	}
	return append(used(capacity.ApplicationLoadBalancers, kinds[elbv2types.LoadBalancerTypeEnumApplication]),
		used(capacity.NetworkLoadBalancers, kinds[elbv2types.LoadBalancerTypeEnumNetwork])...), "", err
}

func (l *loader) classicLoadBalancers(ctx context.Context) ([]capacity.Use, string, error) {
	balancers, err := every(ctx, func(ctx context.Context, marker *string) ([]elbtypes.LoadBalancerDescription, *string, error) {
		out, err := l.clients.ClassicLoadBalancers.DescribeLoadBalancers(ctx, &elbsdk.DescribeLoadBalancersInput{PageSize: aws.Int32(400), Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return out.LoadBalancerDescriptions, out.NextMarker, nil
	})
	return used(capacity.ClassicLoadBalancers, len(balancers)), "", err
}

func (l *loader) instanceTypes(ctx context.Context) error {
	if len(l.o.InstanceTypes) == 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.parts.InstanceTypes = groundway.SeenPart[capacity.InstanceType]()
		return nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(l.o.InstanceTypes)))
	infos, err := every(ctx, func(ctx context.Context, token *string) ([]ec2types.InstanceTypeInfo, *string, error) {
		// A filter and not InstanceTypes: one that does not exist would make EC2
		// answer with an error and hide the others.
		out, err := l.clients.EC2.DescribeInstanceTypes(ctx, &ec2sdk.DescribeInstanceTypesInput{
			Filters: []ec2types.Filter{{Name: aws.String("instance-type"), Values: wanted}}, MaxResults: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.InstanceTypes, out.NextToken, nil
	})
	var list []capacity.InstanceType
	for _, i := range infos {
		t := capacity.InstanceType{Type: string(i.InstanceType)}
		if i.VCpuInfo != nil {
			t.VCPUs = int(aws.ToInt32(i.VCpuInfo.DefaultVCpus))
		}
		if i.MemoryInfo != nil {
			t.MemoryMiB = int(aws.ToInt64(i.MemoryInfo.SizeInMiB))
		}
		if i.NetworkInfo != nil {
			t.Interfaces, t.Addresses = int(aws.ToInt32(i.NetworkInfo.MaximumNetworkInterfaces)), int(aws.ToInt32(i.NetworkInfo.Ipv4AddressesPerInterface))
		}
		if t.Type != "" && t.VCPUs > 0 && t.MemoryMiB > 0 {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b capacity.InstanceType) int { return cmp.Compare(a.Type, b.Type) })
	return put(ctx, l, &l.parts.InstanceTypes, describeInstanceTypes, err, list...)
}
