package awsroute53

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/groundway-sdk/groundway/route53"
)

// errName does not repeat what was sent.
var errName = errors.New("a domain name does not parse")

func nameOf(text *string) (route53.Name, error) {
	n, err := route53.ParseName(aws.ToString(text))
	if err != nil {
		return "", errName
	}
	return n, nil
}

func zoneOf(z types.HostedZone) (route53.HostedZone, error) {
	name, err := nameOf(z.Name)
	if err != nil {
		return route53.HostedZone{}, err
	}
	zone := route53.HostedZone{
		ID:              route53.ZoneID(aws.ToString(z.Id)),
		Name:            name,
		CallerReference: aws.ToString(z.CallerReference),
	}
	if z.ResourceRecordSetCount != nil {
		zone.RecordCount = new(int(*z.ResourceRecordSetCount))
	}
	if z.LinkedService != nil {
		zone.LinkedService = aws.ToString(z.LinkedService.ServicePrincipal)
	}
	if z.Config != nil {
		zone.Comment = aws.ToString(z.Config.Comment)
		zone.Visibility = route53.Public
		if z.Config.PrivateZone {
			zone.Visibility = route53.Private
		}
	}
	return zone, nil
}

func detailOf(id string, set *types.DelegationSet, vpcs []types.VPC) (route53.ZoneDetail, error) {
	d := route53.ZoneDetail{ZoneID: id}
	if set != nil {
		d.DelegationSetID = strings.TrimPrefix(aws.ToString(set.Id), "/delegationset/")
		for _, text := range set.NameServers {
			n, err := nameOf(&text)
			if err != nil {
				return d, err
			}
			d.NameServers = append(d.NameServers, n)
		}
	}
	for _, v := range vpcs {
		d.VPCs = append(d.VPCs, route53.ZoneVPC{ID: aws.ToString(v.VPCId), Region: string(v.VPCRegion)})
	}
	return d, nil
}

func vpcZoneOf(z types.HostedZoneSummary) (route53.VPCZone, error) {
	name, err := nameOf(z.Name)
	if err != nil {
		return route53.VPCZone{}, err
	}
	zone := route53.VPCZone{ZoneID: route53.ZoneID(aws.ToString(z.HostedZoneId)), Name: name}
	if z.Owner != nil {
		zone.Account, zone.Service = aws.ToString(z.Owner.OwningAccount), aws.ToString(z.Owner.OwningService)
	}
	return zone, nil
}

func setOf(s types.ResourceRecordSet) (route53.RecordSet, error) {
	name, err := nameOf(s.Name)
	if err != nil {
		return route53.RecordSet{}, err
	}
	set := route53.RecordSet{Name: name, Type: string(s.Type), TTL: aws.ToInt64(s.TTL), SetID: aws.ToString(s.SetIdentifier), Routing: routingOf(s)}
	for _, r := range s.ResourceRecords {
		set.Values = append(set.Values, aws.ToString(r.Value))
	}
	if a := s.AliasTarget; a != nil {
		target, err := nameOf(a.DNSName)
		if err != nil {
			return route53.RecordSet{}, err
		}
		set.Alias = &route53.Alias{ZoneID: aws.ToString(a.HostedZoneId), Target: target, EvaluateTargetHealth: a.EvaluateTargetHealth}
	}
	return set, nil
}

// routingOf returns the routing policy in words of the API.
func routingOf(s types.ResourceRecordSet) map[string]string {
	all := map[string]string{
		"Region":                  string(s.Region),
		"Failover":                string(s.Failover),
		"HealthCheckId":           aws.ToString(s.HealthCheckId),
		"TrafficPolicyInstanceId": aws.ToString(s.TrafficPolicyInstanceId),
	}
	if s.Weight != nil {
		all["Weight"] = strconv.FormatInt(*s.Weight, 10)
	}
	if s.MultiValueAnswer != nil {
		all["MultiValueAnswer"] = strconv.FormatBool(*s.MultiValueAnswer)
	}
	if g := s.GeoLocation; g != nil {
		all["GeoLocation"] = strings.Trim(aws.ToString(g.ContinentCode)+" "+aws.ToString(g.CountryCode)+" "+aws.ToString(g.SubdivisionCode), " ")
	}
	if g := s.GeoProximityLocation; g != nil {
		all["GeoProximityLocation"] = aws.ToString(g.AWSRegion) + aws.ToString(g.LocalZoneGroup)
		if all["GeoProximityLocation"] == "" {
			all["GeoProximityLocation"] = "coordinates"
		}
	}
	if c := s.CidrRoutingConfig; c != nil {
		all["CidrRoutingConfig"] = aws.ToString(c.CollectionId) + " " + aws.ToString(c.LocationName)
	}
	var routing map[string]string
	for key, value := range all {
		if value != "" {
			if routing == nil {
				routing = map[string]string{}
			}
			routing[key] = value
		}
	}
	return routing
}

// dnssecOf keeps the active keys: the others sign nothing.
func dnssecOf(id string, out *route53sdk.GetDNSSECOutput) route53.ZoneDNSSEC {
	d := route53.ZoneDNSSEC{ZoneID: id, Status: aws.ToString(out.Status.ServeSignature), Message: aws.ToString(out.Status.StatusMessage)}
	for _, k := range out.KeySigningKeys {
		if strings.EqualFold(aws.ToString(k.Status), "ACTIVE") {
			d.Keys = append(d.Keys, route53.DS{
				KeyTag: int(k.KeyTag), Algorithm: int(k.SigningAlgorithmType), DigestType: int(k.DigestAlgorithmType),
				Digest: strings.ToLower(aws.ToString(k.DigestValue)),
			})
		}
	}
	return d
}

// changesOf returns a batch as the SDK takes it.
func changesOf(b route53.Batch) ([]types.Change, error) {
	var changes []types.Change
	for _, c := range b {
		if c.Set.SetID != "" || len(c.Set.Routing) > 0 {
			return nil, fmt.Errorf("%q has a routing policy, which is not changed here", c.Set.Key())
		}
		set := &types.ResourceRecordSet{Name: aws.String(c.Set.Name.Absolute()), Type: types.RRType(c.Set.Type)}
		if a := c.Set.Alias; a != nil {
			set.AliasTarget = &types.AliasTarget{DNSName: aws.String(a.Target.Absolute()), HostedZoneId: aws.String(a.ZoneID), EvaluateTargetHealth: a.EvaluateTargetHealth}
		} else {
			set.TTL = aws.Int64(c.Set.TTL)
			for _, v := range c.Set.Values {
				set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
			}
		}
		changes = append(changes, types.Change{Action: types.ChangeAction(c.Action), ResourceRecordSet: set})
	}
	return changes, nil
}
