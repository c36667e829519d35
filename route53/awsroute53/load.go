package awsroute53

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/route53"
)

// LoadOptions are what [Load] may be told. The zero value is right.
type LoadOptions struct {
	// Account is the caller's account, and Region the one that the snapshot is
	// to be of; Route 53 itself has none. Both stand in the snapshot's head.
	Account string
	Region  string
	Time    time.Time // when the reading began; zero: now
	// ZoneID is a zone that is read in any case, whatever its name.
	ZoneID string
	// VPC is the VPC of the cluster, for the private zones that answer it; both
	// fields have to be known, or nobody is asked. AWS answers its owner only.
	VPC  route53.ZoneVPC
	Rate Rate // of requests; zero: [DefaultRate]
}

// concurrentZones bounds how many zones are read at once; the rate of requests
// bounds more.
const concurrentZones = 8

// Load reads what the account has of the domain: all hosted zones, to the last
// page, and of those that enclose the domain or stand below it, public and
// private, however many have one name
//
//	route53:GetHostedZone            delegation set, or VPCs
//	route53:ListResourceRecordSets   all record sets
//	route53:GetDNSSEC                of public zones
//	route53:GetHostedZoneLimit       record sets
//
// besides route53:GetAccountLimit for the number of zones, and
// route53:ListHostedZonesByVPC where the options name a VPC. Zones of other
// domains have no detail in the snapshot. The part Delegations is left unseen.
//
// What could not be seen is no error: a call that is denied, throttled beyond
// the client's retries, timed out, cut or answered with something else leaves
// its part unseen, or partial where others were answered, with a
// [groundway.Gap] that names the action. So does an item whose name does not
// parse.
//
// Load returns an error, and no snapshot, when ctx ends, when the credentials
// cannot be loaded or are refused, and when no request can be made. Retries and
// timeouts are the client's.
func Load(ctx context.Context, client LoadAPI, domain route53.Name, o LoadOptions) (route53.Snapshot, error) {
	l := &loader{client: client, bucket: newBucket(o.Rate)}
	s := route53.Snapshot{Observation: groundway.Observation{Account: o.Account, Region: o.Region, Time: o.Time}}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Time = s.Time.UTC()
	if err := l.load(ctx, &s.Parts, domain, o); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return route53.Snapshot{}, fmt.Errorf("load hosted zones of %q: %w", string(domain), err)
	}
	return s, nil
}

type loader struct {
	client LoadAPI
	bucket *bucket
}

func (l *loader) load(ctx context.Context, p *route53.Parts, domain route53.Name, o LoadOptions) error {
	var account collected[route53.Limit]
	first, firstCtx := errgroup.WithContext(ctx)
	first.Go(func() (err error) {
		p.Zones, err = zones(firstCtx, l.client, l.bucket)
		return err
	})
	first.Go(func() error { return collect(firstCtx, l, &account, getAccountLimit, l.accountLimit) })
	if o.VPC.ID != "" && o.VPC.Region != "" {
		first.Go(func() (err error) {
			p.VPCZones, err = l.vpcZones(firstCtx, o.VPC)
			return err
		})
	}
	if err := first.Wait(); err != nil {
		return err
	}

	var details collected[route53.ZoneDetail]
	var records collected[route53.ZoneRecords]
	var dnssec collected[route53.ZoneDNSSEC]
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(concurrentZones)
	for _, z := range p.Zones.Items {
		if z.ID != route53.ZoneID(o.ZoneID) && !z.Name.In(domain) && !domain.In(z.Name) {
			continue
		}
		g.Go(func() error {
			return collect(ctx, l, &details, getZone, func(ctx context.Context) (route53.ZoneDetail, error) { return l.detail(ctx, z.ID) })
		})
		g.Go(func() error { return l.records(ctx, z.ID, &records) })
		g.Go(func() error {
			return collect(ctx, l, &account, getZoneLimit, func(ctx context.Context) (route53.Limit, error) { return l.zoneLimit(ctx, z.ID) })
		})
		if z.Visibility != route53.Private {
			g.Go(func() error {
				return collect(ctx, l, &dnssec, getDNSSEC, func(ctx context.Context) (route53.ZoneDNSSEC, error) { return l.dnssec(ctx, z.ID) })
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	p.Limits = account.part(true)
	if !p.Zones.Seen {
		// Nothing showed of which zones to ask.
		p.Details = groundway.UnseenPart[route53.ZoneDetail](p.Zones.Gaps...)
		p.Records = groundway.UnseenPart[route53.ZoneRecords](p.Zones.Gaps...)
		p.DNSSEC = groundway.UnseenPart[route53.ZoneDNSSEC](p.Zones.Gaps...)
		return nil
	}
	p.Details, p.Records, p.DNSSEC = details.part(!p.Zones.Partial), records.part(!p.Zones.Partial), dnssec.part(!p.Zones.Partial)
	return nil
}

// collected gathers the answers of many calls for one part.
type collected[T groundway.Keyed] struct {
	mu    sync.Mutex
	items []T
	gaps  []groundway.Gap
	calls int
}

func (c *collected[T]) add(item T, gaps ...groundway.Gap) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls++; item.Key() != "" {
		c.items = append(c.items, item)
	}
	c.gaps = append(c.gaps, gaps...)
}

// part returns the part: unseen where no call was answered, partial where some
// were not, or where more might have had to be asked.
func (c *collected[T]) part(whole bool) groundway.Part[T] {
	slices.SortFunc(c.items, func(a, b T) int { return compare(a.Key(), b.Key()) })
	slices.SortFunc(c.gaps, func(a, b groundway.Gap) int { return compare(a.Action+a.Message, b.Action+b.Message) })
	p := groundway.Part[T]{Items: c.items, Gaps: slices.Compact(c.gaps), Seen: len(c.items) > 0 || len(c.gaps) == 0}
	p.Partial = p.Seen && (len(c.gaps) > 0 || !whole)
	return p
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// collect makes one call and adds its answer, or the gap that it leaves.
func collect[T groundway.Keyed](ctx context.Context, l *loader, to *collected[T], action string, call func(context.Context) (T, error)) error {
	if err := l.bucket.take(ctx); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	item, err := call(ctx)
	if err != nil {
		return leave(ctx, to, action, err)
	}
	to.add(item)
	return nil
}

// leave adds the gap that an error leaves, or returns the error that ends the
// reading.
func leave[T groundway.Keyed](ctx context.Context, to *collected[T], action string, err error) error {
	if stop := awserr.Stop(ctx, action, err); stop != nil {
		return stop
	}
	to.add(*new(T), gapOf(action, err))
	return nil
}

func gapOf(action string, err error) groundway.Gap {
	if errors.Is(err, errName) {
		return groundway.Gap{Action: action, Message: "an item could not be read: " + errName.Error()}
	}
	return awserr.Gap(action, err)
}

// maxPages is how many pages of one listing are read: room for 25 600 zones and
// 76 800 record sets of a zone, several times what quotas are raised to.
const maxPages = 256

func zones(ctx context.Context, client route53sdk.ListHostedZonesAPIClient, b *bucket) (groundway.Part[route53.HostedZone], error) {
	var marker *string
	return pages(ctx, b, listZones, func(ctx context.Context) ([]types.HostedZone, string, error) {
		out, err := client.ListHostedZones(ctx, &route53sdk.ListHostedZonesInput{Marker: marker, MaxItems: aws.Int32(100)})
		if err != nil {
			return nil, "", err
		}
		if marker = out.NextMarker; !out.IsTruncated {
			marker = nil
		}
		return out.HostedZones, aws.ToString(marker), nil
	}, zoneOf)
}

func (l *loader) vpcZones(ctx context.Context, vpc route53.ZoneVPC) (groundway.Part[route53.VPCZones], error) {
	var token *string
	part, err := pages(ctx, l.bucket, listVPCZones, func(ctx context.Context) ([]types.HostedZoneSummary, string, error) {
		out, err := l.client.ListHostedZonesByVPC(ctx, &route53sdk.ListHostedZonesByVPCInput{
			VPCId: &vpc.ID, VPCRegion: types.VPCRegion(vpc.Region), MaxItems: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, "", err
		}
		token = out.NextToken
		return out.HostedZoneSummaries, aws.ToString(token), nil
	}, vpcZoneOf)
	if err != nil || !part.Seen {
		return groundway.UnseenPart[route53.VPCZones](part.Gaps...), err
	}
	return groundway.Part[route53.VPCZones]{
		Items: []route53.VPCZones{{VPCID: vpc.ID, Zones: part}}, Seen: true, Partial: part.Partial, Gaps: part.Gaps,
	}, nil
}

func (l *loader) records(ctx context.Context, id string, to *collected[route53.ZoneRecords]) error {
	in := &route53sdk.ListResourceRecordSetsInput{HostedZoneId: &id, MaxItems: aws.Int32(300)}
	part, err := pages(ctx, l.bucket, listRecords, func(ctx context.Context) ([]types.ResourceRecordSet, string, error) {
		return recordPage(ctx, l.client, in)
	}, setOf)
	if err != nil {
		return err
	}
	if !part.Seen {
		to.add(route53.ZoneRecords{}, part.Gaps...)
		return nil
	}
	to.add(route53.ZoneRecords{ZoneID: id, Sets: part}, part.Gaps...)
	return nil
}

// recordPage asks for the page at in, which it moves to the next: a listing of
// record sets goes on at a name, a type and a set identifier.
func recordPage(ctx context.Context, client route53sdk.ListResourceRecordSetsAPIClient, in *route53sdk.ListResourceRecordSetsInput) ([]types.ResourceRecordSet, string, error) {
	out, err := client.ListResourceRecordSets(ctx, in)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if out.IsTruncated {
		in.StartRecordName, in.StartRecordType, in.StartRecordIdentifier = out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier
		next = aws.ToString(out.NextRecordName) + " " + string(out.NextRecordType) + " " + aws.ToString(out.NextRecordIdentifier)
	}
	return out.ResourceRecordSets, next, nil
}

// pages reads a listing to its last page and returns it as a part. It fails only
// where reading has to stop.
func pages[S any, T groundway.Keyed](ctx context.Context, b *bucket, action string, get func(context.Context) ([]S, string, error), convert func(S) (T, error)) (part groundway.Part[T], err error) {
	gap := func(g groundway.Gap) groundway.Part[T] {
		part.Partial = part.Seen
		part.Gaps = append(part.Gaps, g)
		return part
	}
	at := map[string]int{} // by key, since a listing that changes under way may show an item twice
	visited := map[string]bool{}
	for range maxPages {
		if err := b.take(ctx); err != nil {
			return groundway.Part[T]{}, fmt.Errorf("%s: %w", action, err)
		}
		items, next, err := get(ctx)
		if err == nil && items == nil {
			err = awserr.ErrNoList
		}
		if err != nil {
			if stop := awserr.Stop(ctx, action, err); stop != nil {
				return groundway.Part[T]{}, stop
			}
			return gap(awserr.Gap(action, err)), nil
		}
		part.Seen = true
		for _, source := range items {
			item, err := convert(source)
			if err == nil && item.Key() == "" {
				err = errName
			}
			if err != nil {
				if g := gapOf(action, errName); !slices.Contains(part.Gaps, g) {
					gap(g)
				}
				continue
			}
			if i, twice := at[item.Key()]; twice {
				part.Items[i] = item
				continue
			}
			at[item.Key()] = len(part.Items)
			part.Items = append(part.Items, item)
		}
		switch {
		case next == "":
			return part, nil
		case visited[next]:
			return gap(groundway.Gap{Action: action, Message: "the listing came back to a page that it had shown"}), nil
		}
		visited[next] = true
	}
	return gap(groundway.Gap{Action: action, Message: fmt.Sprintf("the listing has more than %d pages", maxPages)}), nil
}

func (l *loader) detail(ctx context.Context, id string) (route53.ZoneDetail, error) {
	out, err := l.client.GetHostedZone(ctx, &route53sdk.GetHostedZoneInput{Id: &id})
	switch {
	case err != nil:
		return route53.ZoneDetail{}, err
	case out.HostedZone == nil:
		return route53.ZoneDetail{}, awserr.ErrNoList
	}
	return detailOf(id, out.DelegationSet, out.VPCs)
}

func (l *loader) dnssec(ctx context.Context, id string) (route53.ZoneDNSSEC, error) {
	out, err := l.client.GetDNSSEC(ctx, &route53sdk.GetDNSSECInput{HostedZoneId: &id})
	switch {
	case err != nil:
		return route53.ZoneDNSSEC{}, err
	case out.Status == nil || aws.ToString(out.Status.ServeSignature) == "":
		return route53.ZoneDNSSEC{}, awserr.ErrNoList
	}
	return dnssecOf(id, out), nil
}

func (l *loader) zoneLimit(ctx context.Context, id string) (route53.Limit, error) {
	out, err := l.client.GetHostedZoneLimit(ctx, &route53sdk.GetHostedZoneLimitInput{HostedZoneId: &id, Type: types.HostedZoneLimitTypeMaxRrsetsByZone})
	switch {
	case err != nil:
		return route53.Limit{}, err
	case out.Limit == nil || out.Limit.Value == nil:
		return route53.Limit{}, awserr.ErrNoList
	}
	return route53.Limit{ZoneID: id, Type: string(out.Limit.Type), Value: *out.Limit.Value, Count: out.Count}, nil
}

func (l *loader) accountLimit(ctx context.Context) (route53.Limit, error) {
	out, err := l.client.GetAccountLimit(ctx, &route53sdk.GetAccountLimitInput{Type: types.AccountLimitTypeMaxHostedZonesByOwner})
	switch {
	case err != nil:
		return route53.Limit{}, err
	case out.Limit == nil || out.Limit.Value == nil:
		return route53.Limit{}, awserr.ErrNoList
	}
	return route53.Limit{Type: string(out.Limit.Type), Value: *out.Limit.Value, Count: out.Count}, nil
}
