package route53fake

import (
	"encoding/xml"
	"strings"

	"github.com/groundway-sdk/groundway/route53"
)

// submitted is when every change was.
const submitted = "2026-01-02T03:04:05Z"

// escaped writes a name as the API does: with the final dot, and a wildcard as
// an escape too.
func escaped(n route53.Name) string {
	if rest, ok := strings.CutPrefix(string(n), "*"); ok {
		return `\052` + rest + "."
	}
	return n.Absolute()
}

type zoneXML struct {
	ID              string `xml:"Id"`
	Name            string
	CallerReference string
	Config          struct {
		Comment     string `xml:",omitempty"`
		PrivateZone bool
	}
	RecordCount   *int `xml:"ResourceRecordSetCount"`
	LinkedService *struct {
		ServicePrincipal string
	} `xml:",omitempty"`
}

func zoneToXML(z route53.HostedZone) zoneXML {
	out := zoneXML{ID: "/hostedzone/" + z.ID, Name: escaped(z.Name), CallerReference: z.CallerReference, RecordCount: z.RecordCount}
	out.Config.Comment, out.Config.PrivateZone = z.Comment, z.Visibility == route53.Private
	if z.LinkedService != "" {
		out.LinkedService = &struct{ ServicePrincipal string }{z.LinkedService}
	}
	return out
}

type zonesXML struct {
	Zones struct {
		Zone []zoneXML `xml:"HostedZone"`
	} `xml:"HostedZones"`
	Marker    string `xml:",omitempty"`
	Truncated bool   `xml:"IsTruncated"`
	Next      string `xml:"NextMarker,omitempty"`
	MaxItems  string
}

type delegationSetXML struct {
	ID          string `xml:"Id,omitempty"`
	NameServers struct {
		NameServer []string
	}
}

type vpcsXML struct {
	VPC []vpcXML
}

type vpcXML struct {
	Region string `xml:"VPCRegion"`
	ID     string `xml:"VPCId"`
}

type zoneDetailXML struct {
	Zone          zoneXML           `xml:"HostedZone"`
	DelegationSet *delegationSetXML `xml:",omitempty"`
	VPCs          *vpcsXML          `xml:",omitempty"`
}

func zoneDetailToXML(z route53.HostedZone, d route53.ZoneDetail) zoneDetailXML {
	out := zoneDetailXML{Zone: zoneToXML(z)}
	if z.Visibility == route53.Private {
		out.VPCs = &vpcsXML{}
		for _, v := range d.VPCs {
			out.VPCs.VPC = append(out.VPCs.VPC, vpcXML{v.Region, v.ID})
		}
		return out
	}
	out.DelegationSet = &delegationSetXML{ID: d.DelegationSetID}
	for _, n := range d.NameServers {
		out.DelegationSet.NameServers.NameServer = append(out.DelegationSet.NameServers.NameServer, string(n))
	}
	return out
}

type vpcZoneXML struct {
	ID    string `xml:"HostedZoneId"`
	Name  string
	Owner struct {
		OwningAccount string `xml:",omitempty"`
		OwningService string `xml:",omitempty"`
	}
}

func vpcZoneToXML(z route53.VPCZone) vpcZoneXML {
	out := vpcZoneXML{ID: z.ZoneID, Name: escaped(z.Name)}
	out.Owner.OwningAccount, out.Owner.OwningService = z.Account, z.Service
	return out
}

type vpcZonesXML struct {
	Zones struct {
		Zone []vpcZoneXML `xml:"HostedZoneSummary"`
	} `xml:"HostedZoneSummaries"`
	MaxItems string
	Next     string `xml:"NextToken,omitempty"`
}

type keyXML struct {
	Name                 string
	Status               string
	DSRecord             string
	KeyTag               int
	SigningAlgorithmType int
	DigestAlgorithmType  int
	DigestValue          string
}

type dnssecXML struct {
	Status struct {
		ServeSignature string
		StatusMessage  string `xml:",omitempty"`
	}
	Keys struct {
		Key []keyXML `xml:"member"`
	} `xml:"KeySigningKeys"`
}

func dnssecToXML(d route53.ZoneDNSSEC) dnssecXML {
	var out dnssecXML
	out.Status.ServeSignature, out.Status.StatusMessage = d.Status, d.Message
	for _, k := range d.Keys {
		out.Keys.Key = append(out.Keys.Key, keyXML{
			Name: "ksk", Status: "ACTIVE", DSRecord: k.String(), KeyTag: k.KeyTag,
			SigningAlgorithmType: k.Algorithm, DigestAlgorithmType: k.DigestType, DigestValue: strings.ToUpper(k.Digest),
		})
	}
	return out
}

type limitXML struct {
	Limit struct {
		Type  string
		Value int64
	}
	Count int64
}

func limitToXML(l route53.Limit) limitXML {
	var out limitXML
	out.Limit.Type, out.Limit.Value, out.Count = l.Type, l.Value, l.Count
	return out
}

type recordXML struct{ Value string }

type aliasXML struct {
	ZoneID   string `xml:"HostedZoneId"`
	Target   string `xml:"DNSName"`
	Evaluate bool   `xml:"EvaluateTargetHealth"`
}

type setXML struct {
	Name          string
	Type          string
	SetIdentifier string      `xml:",omitempty"`
	Weight        string      `xml:",omitempty"`
	TTL           *int64      `xml:",omitempty"`
	Records       []recordXML `xml:"ResourceRecords>ResourceRecord,omitempty"`
	Alias         *aliasXML   `xml:"AliasTarget,omitempty"`
}

func setToXML(s route53.RecordSet) setXML {
	out := setXML{Name: escaped(s.Name), Type: s.Type, SetIdentifier: s.SetID, Weight: s.Routing["Weight"]}
	if s.Alias != nil {
		out.Alias = &aliasXML{s.Alias.ZoneID, escaped(s.Alias.Target), s.Alias.EvaluateTargetHealth}
		return out
	}
	out.TTL = &s.TTL
	for _, v := range s.Values {
		out.Records = append(out.Records, recordXML{v})
	}
	return out
}

// set reads what setToXML wrote.
func (x setXML) set() (route53.RecordSet, error) {
	name, err := route53.ParseName(x.Name)
	if err != nil {
		return route53.RecordSet{}, err
	}
	set := route53.RecordSet{Name: name, Type: x.Type, SetID: x.SetIdentifier}
	if x.Weight != "" {
		set.Routing = map[string]string{"Weight": x.Weight}
	}
	if x.TTL != nil {
		set.TTL = *x.TTL
	}
	for _, r := range x.Records {
		set.Values = append(set.Values, r.Value)
	}
	if x.Alias != nil {
		target, err := route53.ParseName(x.Alias.Target)
		if err != nil {
			return route53.RecordSet{}, err
		}
		set.Alias = &route53.Alias{ZoneID: x.Alias.ZoneID, Target: target, EvaluateTargetHealth: x.Alias.Evaluate}
	}
	return set, nil
}

type setsXML struct {
	Sets struct {
		Set []setXML `xml:"ResourceRecordSet"`
	} `xml:"ResourceRecordSets"`
	Truncated bool   `xml:"IsTruncated"`
	NextName  string `xml:"NextRecordName,omitempty"`
	NextType  string `xml:"NextRecordType,omitempty"`
	NextID    string `xml:"NextRecordIdentifier,omitempty"`
	MaxItems  string
}

type changeInfo struct {
	ID        string `xml:"Id"`
	Status    string
	Submitted string `xml:"SubmittedAt"`
}

type changeXML struct {
	Info changeInfo `xml:"ChangeInfo"`
}

type createXML struct {
	XMLName         xml.Name `xml:"CreateHostedZoneRequest"`
	Name            string
	CallerReference string
	DelegationSetID string `xml:"DelegationSetId"`
	Comment         string `xml:"HostedZoneConfig>Comment"`
}

type createdXML struct {
	Zone          zoneXML           `xml:"HostedZone"`
	Info          changeInfo        `xml:"ChangeInfo"`
	DelegationSet *delegationSetXML `xml:",omitempty"`
}

type changeElement struct {
	Action string
	Set    setXML `xml:"ResourceRecordSet"`
}

type batchXML struct {
	XMLName xml.Name        `xml:"ChangeResourceRecordSetsRequest"`
	Changes []changeElement `xml:"ChangeBatch>Changes>Change"`
}
